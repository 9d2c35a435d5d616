//! The banner that a newcomer sees when the service runs.

use std::io::IsTerminal as _;

use crate::deployment::CREDENTIALS_FILE;
use crate::example::Examples;

/// The text that is printed: where everything is, and a webhook that works as it is.
#[must_use]
pub fn text(aws_url: &str, examples: &Examples) -> String {
    let Examples { url, state, config } = examples;
    let state = state.as_deref();
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
    text.push_str(&format!("\n{}\n\n{}\n", bold("Send it a webhook:"), examples.text()));
    text.push_str(if is_kept {
        "\nCtrl-C ends it; the next run goes on where this one ended.\n"
    } else {
        "\nCtrl-C ends it, and nothing is kept.\n"
    });
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn the_example_is_signed_and_a_configured_secret_is_not_shown() {
        let mut config = Config::development();
        let examples = |config: &Config| Examples::new("http://127.0.0.1:1", None, config);
        let text = super::text("http://127.0.0.1:2", &examples(&config));
        assert!(text.contains("X-Hub-Signature-256: sha256="), "{text}");
        for source in config.sources.values_mut() {
            source.secret = Some(crate::config::OneOrMany::One("hunter2-hunter2-hunter2".into()));
        }
        let text = super::text("http://127.0.0.1:2", &examples(&config));
        assert!(text.contains("curl") && !text.contains("hunter2"), "{text}");
    }
}
