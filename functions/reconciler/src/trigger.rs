//! Why the function was invoked. What the deployment sends is fixed here:
//!
//! - EventBridge's `Durable Execution Status Change`, as it is;
//! - EventBridge's `Scheduled Event`, as it is, or a person's `{"action": "sweep"}`;
//! - messages of the dead-letter queue, as SQS hands them over;
//! - an operator's `{"action": "redrive", …}`, see [`Redrive`].

use serde::Deserialize;
use serde_json::Value;
use tracehook_core::{ExecutionToken, SourceName, Timestamp};
use tracehook_store::ScanCursor;

/// The detail type of the engine's events.
pub(crate) const STATUS_CHANGE: &str = "Durable Execution Status Change";

/// The detail type of a schedule's events.
const SCHEDULED: &str = "Scheduled Event";

/// Redrives in a second when the command does not say, and at most: the account starts 300 executions a second.
const DEFAULT_RATE: u32 = 10;
const MAX_RATE: u32 = 100;

/// A trigger that was understood.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Trigger {
    StatusChange(StatusChange),
    Sweep,
    DeadLetters(Vec<Message>),
    Redrive(Redrive),
}

/// An event that is none of the above. Nothing of it is quoted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTrigger {
    /// No known form.
    #[error("the event is none that the reconciler knows")]
    Unknown,
    /// A known form with something missing or wrong.
    #[error("the event is not complete: {0}")]
    Incomplete(String),
    /// A redrive that cannot be meant.
    #[error("redrive: {0}")]
    Redrive(&'static str),
}

/// The `detail` of a status event.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StatusChange {
    pub(crate) durable_execution_arn: String,
    pub(crate) durable_execution_name: String,
    pub(crate) status: String,
}

/// A message of the queue.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Message {
    pub(crate) message_id: String,
    pub(crate) body: String,
}

/// Which webhooks are redriven.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Redrive {
    /// One, by its token.
    Token(ExecutionToken),
    /// All of a source that failed in a time.
    Failed(RedriveFailed),
}

/// All of a source that ended badly in `since..until`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RedriveFailed {
    pub(crate) source: SourceName,
    pub(crate) since: Timestamp,
    /// The time of the command when it does not say. A command that is repeated with the `until` of its first answer
    /// leaves alone what failed again in the meantime.
    pub(crate) until: Option<Timestamp>,
    pub(crate) dry_run: bool,
    pub(crate) rate_per_second: u32,
    pub(crate) cursor: Option<ScanCursor>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Command {
    #[serde(rename = "action")]
    _action: String,
    token: Option<ExecutionToken>,
    source: Option<String>,
    since: Option<String>,
    until: Option<String>,
    #[serde(default)]
    dry_run: bool,
    rate_per_second: Option<u32>,
    cursor: Option<String>,
}

impl Trigger {
    pub(crate) fn read(event: Value) -> Result<Self, InvalidTrigger> {
        let text = |name: &str| event.get(name).and_then(Value::as_str);
        match text("detail-type") {
            Some(STATUS_CHANGE) => {
                let detail = event.get("detail").cloned().unwrap_or_default();
                return complete(detail).map(Self::StatusChange);
            }
            Some(SCHEDULED) => return Ok(Self::Sweep),
            _ => {}
        }
        if let Some(records) = event.get("Records") {
            return complete(records.clone()).map(Self::DeadLetters);
        }
        match text("action") {
            Some("sweep") => Ok(Self::Sweep),
            Some("redrive") => Redrive::of(complete(event)?).map(Self::Redrive),
            _ => Err(InvalidTrigger::Unknown),
        }
    }
}

/// Names the missing or wrong field. The serde messages name fields and types; a text's value is never in them, because
/// every text is taken as it is.
fn complete<T: serde::de::DeserializeOwned>(value: Value) -> Result<T, InvalidTrigger> {
    serde_json::from_value(value).map_err(|error| InvalidTrigger::Incomplete(error.to_string()))
}

impl Redrive {
    fn of(command: Command) -> Result<Self, InvalidTrigger> {
        let problem = InvalidTrigger::Redrive;
        match (command.token, command.source) {
            (Some(token), None) => Ok(Self::Token(token)),
            (None, Some(source)) => {
                let time = |text: Option<String>| text.map(|text| text.parse()).transpose();
                let times = time(command.since).and_then(|since| Ok((since, time(command.until)?)));
                let (since, until) =
                    times.map_err(|_| problem("since and until are times as in 2026-01-31T12:00:00Z"))?;
                let rate = command.rate_per_second.unwrap_or(DEFAULT_RATE);
                if !(1..=MAX_RATE).contains(&rate) {
                    return Err(problem("ratePerSecond is from 1 to 100"));
                }
                let cursor = command.cursor.map(|text| text.parse()).transpose();
                Ok(Self::Failed(RedriveFailed {
                    source: source.parse().map_err(|_| problem("source is not a source's name"))?,
                    since: since.ok_or(problem("since is missing"))?,
                    until,
                    dry_run: command.dry_run,
                    rate_per_second: rate,
                    cursor: cursor.map_err(|_| problem("cursor is not one of an earlier answer"))?,
                }))
            }
            _ => Err(problem("either token or source with since")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_trigger_of_the_deployment_is_understood() {
        let event = json!({"source": "aws.lambda", "detail-type": STATUS_CHANGE, "detail": {
            "durableExecutionArn": "a", "durableExecutionName": "n", "functionArn": "f", "status": "FAILED",
            "startTimestamp": "2026-01-31T12:00:00Z"}});
        assert!(matches!(Trigger::read(event), Ok(Trigger::StatusChange(_))));
        let schedule = json!({"source": "aws.events", "detail-type": SCHEDULED, "detail": {}});
        for sweep in [json!({"action": "sweep"}), schedule] {
            assert_eq!(Trigger::read(sweep), Ok(Trigger::Sweep));
        }
        let queue = json!({"Records": [{"messageId": "m", "body": "{}", "eventSource": "aws:sqs"}]});
        assert!(matches!(Trigger::read(queue), Ok(Trigger::DeadLetters(messages)) if messages.len() == 1));
        let token = "00112233445566778899aabbccddeeff";
        let redrive = Trigger::read(json!({"action": "redrive", "token": token}));
        assert_eq!(redrive, Ok(Trigger::Redrive(Redrive::Token(token.parse().unwrap()))));
        let all = json!({"action": "redrive", "source": "github", "since": "2026-01-31T12:00:00Z", "dryRun": true,
            "ratePerSecond": 5, "cursor": "00/state"});
        let Ok(Trigger::Redrive(Redrive::Failed(all))) = Trigger::read(all) else {
            panic!()
        };
        assert_eq!((all.dry_run, all.rate_per_second, all.until), (true, 5, None));
    }

    #[test]
    fn what_is_not_understood_says_why_and_quotes_nothing() {
        for (event, expected) in [
            (json!({}), "none that the reconciler knows"),
            (json!("hunter2"), "none that the reconciler knows"),
            (json!({"action": "hunter2"}), "none that the reconciler knows"),
            (
                json!({"detail-type": STATUS_CHANGE, "detail": {"status": "FAILED"}}),
                "missing field",
            ),
            (json!({"action": "redrive"}), "either token or source"),
            (
                json!({"action": "redrive", "token": "0".repeat(32), "source": "a"}),
                "either token or source",
            ),
            (
                json!({"action": "redrive", "token": "hunter2"}),
                "32 lower-case hex digits",
            ),
            (json!({"action": "redrive", "source": "a"}), "since is missing"),
            (
                json!({"action": "redrive", "source": "a", "since": "hunter2"}),
                "are times as in",
            ),
            (
                json!({"action": "redrive", "source": "A b", "since": "2026-01-31T12:00:00Z"}),
                "not a source's name",
            ),
            (
                json!({"action": "redrive", "source": "a", "since": "2026-01-31T12:00:00Z", "ratePerSecond": 101}),
                "from 1 to 100",
            ),
            (json!({"action": "redrive", "sorce": "a"}), "unknown field"),
        ] {
            let message = Trigger::read(event).unwrap_err().to_string();
            assert!(message.contains(expected) && !message.contains("hunter2"), "{message}");
        }
    }
}
