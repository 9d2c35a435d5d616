//! The functions of the service: their binaries, and the environment that the deployment gives them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

use crate::config::{Config, document};
use crate::deployment::{FunctionName, NAMESPACE, PAYLOAD_BUCKET, PREFIX, SECRET_ID, TABLE};
use tracehook_core::ConfigurationHash;
use tracehook_local_lambda::{FunctionOptions, OnFailure};

/// The checkout that the functions are built from.
const CHECKOUT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// The directory of this checkout whose `schemas` are those of the processor's package.
#[must_use]
pub fn task_root() -> PathBuf {
    Path::new(CHECKOUT).join("functions/processor")
}

/// Builds the functions' binaries with this build's profile, shows the progress, and returns where they are.
///
/// # Errors
/// When they cannot be built.
pub fn build() -> anyhow::Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    // The workspace's default members: the functions and this service, with the features they were built with for it.
    command
        .args(["build", "--bins"])
        .stdin(Stdio::null())
        .current_dir(CHECKOUT);
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    let status = command
        .status()
        .context("start cargo to build the functions; --functions-dir names binaries that are built already")?;
    if !status.success() {
        bail!("the functions could not be built");
    }
    let this = std::env::current_exe()?;
    Ok(this.parent().context("this executable is in no directory")?.to_owned())
}

/// The addresses that functions call.
#[derive(Clone, Copy, Debug)]
pub struct Addresses<'a> {
    /// The API, `http://127.0.0.1:PORT`.
    pub api: &'a str,
    /// AWS.
    pub aws: &'a str,
    /// The receiver of spans.
    pub otlp: &'a str,
}

/// The functions with the environment that the deployment would give them.
///
/// # Errors
/// When a binary is not there.
pub fn options(config: &Config, binaries: &Path, addresses: Addresses<'_>) -> anyhow::Result<Vec<FunctionOptions>> {
    FunctionName::ALL
        .into_iter()
        .map(|name| {
            let environment = environment(name, config, addresses);
            let mut options = config.function(name).options(name, binaries, environment);
            if name == FunctionName::Processor {
                options.durable = Some(config.durable.options());
            }
            options.on_failure = match name {
                FunctionName::Processor => OnFailure::DeadLetterQueue,
                FunctionName::Reconciler => OnFailure::Destination,
                // Nobody invokes them asynchronously.
                FunctionName::Validator | FunctionName::Status => OnFailure::Nowhere,
            };
            if !options.binary.is_file() {
                bail!("there is no binary {}", options.binary.display());
            }
            Ok(options)
        })
        .collect()
}

fn environment(name: FunctionName, config: &Config, addresses: Addresses<'_>) -> BTreeMap<String, String> {
    let Addresses { api, aws, otlp } = addresses;
    let mut variables = vec![
        ("AWS_ENDPOINT_URL", aws.to_owned()),
        ("METRICS_NAMESPACE", NAMESPACE.to_owned()),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", otlp.to_owned()),
        // On one machine every request is to be seen.
        ("REJECTED_TRACES_RATIO", "1".to_owned()),
        ("TABLE_NAME", TABLE.to_owned()),
    ];
    if name != FunctionName::Status {
        variables.push(("PAYLOAD_BUCKET", PAYLOAD_BUCKET.to_owned()));
    }
    if matches!(name, FunctionName::Validator | FunctionName::Reconciler) {
        let processor = format!("{}:live", FunctionName::Processor.deployed());
        variables.extend([
            ("PROCESSOR_FUNCTION", processor),
            ("EXECUTION_NAME_PREFIX", PREFIX.to_owned()),
            (
                "EXECUTION_TIMEOUT_SECONDS",
                config.durable.options().execution_timeout_seconds.to_string(),
            ),
        ]);
    }
    if name == FunctionName::Validator {
        variables.extend([
            (
                "CONFIGURATION_SHA256",
                ConfigurationHash::of(&document(&config.sources)).to_string(),
            ),
            ("SECRET_ID", SECRET_ID.to_owned()),
            ("MAX_BODY_BYTES", config.limits.max_body_bytes.to_string()),
            ("INLINE_PAYLOAD_BYTES", config.limits.inline_payload_bytes.to_string()),
            ("PUBLIC_BASE_URL", api.to_owned()),
        ]);
    }
    if let Some(root) = &config.task_root {
        variables.push(("LAMBDA_TASK_ROOT", root.display().to_string()));
    }
    if name == FunctionName::Status {
        variables.push(("LOGS_URL_TEMPLATE", format!("{api}/local/logs?token={{token}}")));
    }
    if matches!(name, FunctionName::Validator | FunctionName::Status) {
        variables.push(("TRACE_URL_TEMPLATE", format!("{api}/traces/{{trace_id}}")));
        if let Some(origin) = &config.cors_allow_origin {
            variables.push(("CORS_ALLOW_ORIGIN", origin.clone()));
        }
    }
    variables
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
