//! The functions' log lines: shown as they come, and the latest kept for `/local/logs`.

use std::collections::VecDeque;
use std::io::{IsTerminal as _, Write as _};
use std::sync::{Mutex, PoisonError};

use serde_json::Value;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use crate::deployment::PREFIX;
use tracehook_local_lambda::{LogLine, LogStream};

/// The number of lines that are kept.
const KEPT: usize = 20_000;

/// Shows the host's own warnings and errors on standard error, and what it does when a file has changed.
pub fn install() {
    use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
    use tracing_subscriber::util::SubscriberInitExt as _;
    let targets = tracing_subscriber::filter::Targets::new()
        .with_default(tracing::level_filters::LevelFilter::OFF)
        .with_target("tracehook_local", tracing::level_filters::LevelFilter::WARN)
        .with_target(
            "tracehook_local::configuration",
            tracing::level_filters::LevelFilter::INFO,
        );
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    // A second call in one process, as tests make, changes nothing.
    let _ = tracing_subscriber::registry()
        .with(lines.with_filter(targets))
        .try_init();
}

/// The latest lines.
#[derive(Debug, Default)]
pub struct Logs(Mutex<VecDeque<String>>);

impl Logs {
    /// Shows and keeps lines until their sender is gone.
    pub async fn follow(&self, mut lines: Receiver<LogLine>) {
        let terminal = std::io::stdout().is_terminal();
        loop {
            match lines.recv().await {
                Ok(line) => {
                    let shown = if terminal { for_people(&line) } else { Some(raw(&line)) };
                    if let Some(shown) = shown {
                        // Nobody reads any more: the lines are still kept.
                        let _ = writeln!(std::io::stdout(), "{shown}");
                    }
                    self.keep(raw(&line));
                }
                Err(RecvError::Lagged(missed)) => self.keep(format!("({missed} lines came too fast to be kept)")),
                Err(RecvError::Closed) => return,
            }
        }
    }

    /// The lines that contain a text, oldest first.
    #[must_use]
    pub fn containing(&self, text: &str) -> String {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.iter().filter(|line| line.contains(text));
        found.flat_map(|line| [line.as_str(), "\n"]).collect()
    }

    fn keep(&self, line: String) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.pop_front();
        }
        kept.push_back(line);
    }
}

fn raw(line: &LogLine) -> String {
    format!("{} {}", line.function, line.line)
}

/// `12:00:00.120 validator  INFO  accepted source=github token=…`; nothing for a line of metrics.
fn for_people(line: &LogLine) -> Option<String> {
    let function = line
        .function
        .strip_prefix(PREFIX)
        .and_then(|name| name.strip_prefix('-'))
        .unwrap_or(&line.function);
    let Ok(Value::Object(fields)) = serde_json::from_str(&line.line) else {
        let mark = if line.stream == LogStream::Platform {
            "\u{1b}[33m!\u{1b}[0m "
        } else {
            ""
        };
        return Some(format!("             {function:<10} {mark}{}", line.line));
    };
    if fields.contains_key("_aws") {
        return None;
    }
    let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
    let time = text("timestamp").get(11..23).unwrap_or_default();
    let level = match text("level") {
        "ERROR" => "\u{1b}[31mERROR\u{1b}[0m",
        "WARN" => "\u{1b}[33mWARN\u{1b}[0m ",
        "INFO" => "\u{1b}[32mINFO\u{1b}[0m ",
        other => other,
    };
    let mut shown = format!("{time} {function:<10} {level} {}", text("message"));
    for (name, value) in &fields {
        if !matches!(
            name.as_str(),
            "timestamp" | "level" | "message" | "target" | "spans" | "span"
        ) {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            shown.push_str(&format!(" \u{1b}[2m{name}=\u{1b}[0m{value}"));
        }
    }
    Some(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> LogLine {
        LogLine {
            function: "tracehook-validator".into(),
            stream: LogStream::Stdout,
            line: text.into(),
        }
    }

    #[test]
    fn a_json_line_is_shown_with_its_time_level_message_and_fields() {
        let shown = for_people(&line(
            r#"{"timestamp":"2026-01-31T12:00:00.120456Z","level":"INFO","message":"accepted","source":"github","target":"t"}"#,
        ))
        .unwrap();
        assert!(shown.starts_with("12:00:00.120 validator "), "{shown}");
        assert!(
            shown.contains("accepted") && shown.ends_with("github") && !shown.contains("target"),
            "{shown}"
        );
        assert_eq!(for_people(&line(r#"{"_aws":{}}"#)), None);
        assert!(for_people(&line("not json")).unwrap().ends_with("not json"));
    }

    #[tokio::test]
    async fn the_latest_lines_are_found_by_a_text() {
        let (sender, receiver) = tokio::sync::broadcast::channel(16);
        for text in ["a one", "b", "a two"] {
            sender.send(line(text)).unwrap();
        }
        drop(sender);
        let logs = Logs::default();
        logs.follow(receiver).await;
        assert_eq!(
            logs.containing("a "),
            "tracehook-validator a one\ntracehook-validator a two\n"
        );
    }
}
