//! The banner that a newcomer sees when the service runs.

use std::io::IsTerminal as _;
use std::path::Path;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::config::{Config, DEVELOPMENT_SECRET, Source, read_source};
use crate::deployment::CREDENTIALS_FILE;

const BODY: &str = r#"{"zen":"Keep it logically awesome.","repository":{"full_name":"octocat/hello-world"}}"#;

/// The text that is printed: where everything is, and a webhook that works as it is.
#[must_use]
pub fn text(url: &str, aws_url: &str, state: Option<&Path>, config: &Config) -> String {
    let is_kept = state.is_some();
    let credentials = state.map_or_else(
        || "--ready-file".to_owned(),
        |directory| directory.join(CREDENTIALS_FILE).display().to_string(),
    );
    let state = state.map_or_else(|| "in memory".to_owned(), |directory| directory.display().to_string());
    let bold = |text: &str| {
        if std::io::stdout().is_terminal() {
            format!("\u{1b}[1m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    };
    let mut text = format!(
        "\n{} {url}\n\n  receive   POST {url}/webhook/{{source}}   sources: {}\n  status    GET  {url}/status/{{executionToken}}\n  look at   {url}/   webhooks, traces, metrics, alarms\n",
        bold("tracehook serves"),
        config.sources.keys().cloned().collect::<Vec<_>>().join(", "),
    );
    text.push_str(&format!("  calls     {url}/local/stats   logs {url}/local/logs\n  AWS       {aws_url}   (DynamoDB, S3, Secrets Manager, Lambda; credentials: {credentials})\n  state     {state}\n"));
    if let Some(example) = example(url, config) {
        text.push_str(&format!("\n{}\n\n{example}\n", bold("Send it a webhook:")));
    }
    text.push_str(if is_kept {
        "\nCtrl-C ends it; the next run goes on where this one ended.\n"
    } else {
        "\nCtrl-C ends it, and nothing is kept.\n"
    });
    text
}

/// A signed curl line for the first source whose signature is an HMAC in hex.
#[must_use]
pub fn example<'a>(url: &str, config: &'a Config) -> Option<String> {
    let signed = |(name, source): (&'a String, &'a Source)| {
        let secret = source.secret.as_ref()?.first()?;
        Some((name, secret, read_source(name, source)?.example()?))
    };
    // A named producer before the deliveries of nobody in particular.
    let (mut named, mut own): (Vec<_>, Vec<_>) = config
        .sources
        .iter()
        .filter_map(signed)
        .partition(|(name, ..)| *name != "default");
    named.append(&mut own);
    let (name, secret, headers) = named.into_iter().next()?;
    let header = &headers.signature;
    let signature = sign(secret, BODY)?;
    let with = |header: &Option<String>, value: &str| {
        header
            .as_ref()
            .map_or_else(String::new, |header| format!(" -H '{header}: {value}'"))
    };
    let event = with(&headers.event_type, "ping") + &with(&headers.delivery_id, &uuid::Uuid::new_v4().to_string());
    let mut example = format!(
        "  curl -s {url}/webhook/{name} -H '{header}: sha256={signature}'{event} -H 'Content-Type: application/json' -d '{BODY}'"
    );
    if secret == DEVELOPMENT_SECRET {
        example.push_str(&format!(
            "\n\nor a file of your own, from another terminal:\n\n  f=push.json; curl -s {url}/webhook/{name} -H \"{header}: sha256=$(SECRET={secret} functions/validator/sign < $f)\"{} --data-binary @$f",
            with(&headers.event_type, "push")
        ));
    }
    Some(example)
}

fn sign(secret: &str, body: &str) -> Option<String> {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    Some(hex::encode(mac.chain_update(body).finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_signed_and_a_configured_secret_is_not_shown() {
        let text = text("http://127.0.0.1:1", "http://127.0.0.1:2", None, &Config::development());
        let signature = sign(DEVELOPMENT_SECRET, BODY).unwrap();
        assert!(
            text.contains(&format!("X-Hub-Signature-256: sha256={signature}")),
            "{text}"
        );
        let mut config = Config::development();
        for source in config.sources.values_mut() {
            source.secret = Some(crate::config::OneOrMany::One("hunter2".into()));
        }
        let text = super::text("http://127.0.0.1:1", "http://127.0.0.1:2", None, &config);
        assert!(text.contains("curl") && !text.contains("hunter2"), "{text}");
    }
}
