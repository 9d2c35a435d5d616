//! A service whose handler follows the script in the webhook and records its calls.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use super::{Options, Service, binaries};
use crate::SECRET;

/// Starts a scripted service; `more` is added to its configuration.
///
/// # Panics
/// When it does not serve.
pub async fn scripted(more: &str) -> Service {
    scripted_with("", more).await
}

/// Starts a scripted service with the default tries. `more` begins with the table of the processor's environment.
///
/// # Panics
/// When it does not serve.
pub async fn scripted_alone(more: &str) -> Service {
    let environment = "[functions.processor.environment]\n";
    let config = format!(
        "[sources.github]\npreset = \"github\"\nsecret = \"{SECRET}\"\n[functions.processor]\nbinary = \"{}\"\n{}",
        binaries().unwrap().join("scripted-processor").display(),
        more.replacen(
            environment,
            &format!("{environment}EFFECTS_FILE = \"DIRECTORY/effects\"\n"),
            1
        ),
    );
    let options = Options {
        config: Some(config),
        ..Default::default()
    };
    Service::start_with(options).await.unwrap()
}

/// Starts a scripted service; `settings` are added to those of the processor, `more` to its configuration.
///
/// # Panics
/// When it does not serve.
pub async fn scripted_with(settings: &str, more: &str) -> Service {
    let binary = binaries().unwrap().join("scripted-processor");
    let config = format!(
        r#"
        [sources.github]
        preset = "github"
        secret = "{SECRET}"
        [functions.processor]
        binary = "{}"
        {settings}
        [functions.processor.environment]
        EFFECTS_FILE = "DIRECTORY/effects"
        STEP_INITIAL_DELAY_SECONDS = "1"
        STEP_MAX_DELAY_SECONDS = "1"
        STEP_MAX_TRIES = "3"
        {more}
        "#,
        binary.display(),
    );
    Service::start_with(Options {
        config: Some(config),
        ..Default::default()
    })
    .await
    .unwrap()
}

/// The handler's calls for a webhook, as `(try, idempotency key)`, in their order.
///
/// # Panics
/// When a line of the record is not of the form.
#[must_use]
pub fn effects(service: &Service, token: &str) -> Vec<(u32, String)> {
    let text = std::fs::read_to_string(service.path("effects")).unwrap_or_default();
    let calls = text
        .lines()
        .filter_map(|line| line.strip_prefix(token)?.trim().split_once(' '));
    calls
        .map(|(try_number, key)| (try_number.parse().unwrap(), key.to_owned()))
        .collect()
}
