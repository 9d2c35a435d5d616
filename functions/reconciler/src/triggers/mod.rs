//! The events that invoke the function, one file per trigger. The deployment sends these:
//!
//! - `EventBridge`'s `Durable Execution Status Change`, as it is;
//! - `EventBridge`'s `Scheduled Event`, as it is, or a person's `{"action": "sweep"}`;
//! - messages of the dead-letter queue, as SQS delivers them;
//! - an operator's `{"action": "redrive", …}`, see [`Redrive`], and `{"action": "stop", …}`, see [`StopAll`].

mod command;
mod dead_letters;
mod redrive;
mod redrive_failed;
mod status_change;
mod stop;
mod sweep;

use serde::Deserialize;
use serde_json::Value;
use tracehook_core::Timestamp;

pub(crate) use command::{Redrive, RedriveFailed, StopAll};

/// The detail type of the engine's events.
const STATUS_CHANGE: &str = "Durable Execution Status Change";

/// The detail type of a schedule's events.
const SCHEDULED: &str = "Scheduled Event";

/// A trigger that was understood.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Trigger {
    StatusChange(StatusChange),
    Sweep,
    DeadLetters(Vec<Message>),
    Redrive(Redrive),
    Stop(StopAll),
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
    /// A stop that cannot be meant.
    #[error("stop: {0}")]
    Stop(&'static str),
}

/// The `detail` of a status event.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StatusChange {
    pub(crate) durable_execution_arn: String,
    pub(crate) durable_execution_name: String,
    pub(crate) status: String,
    /// When the execution began, as RFC 3339.
    pub(crate) start_timestamp: Option<String>,
}

/// A message of the queue.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Message {
    #[serde(rename = "messageId")]
    pub(crate) id: String,
    pub(crate) body: String,
    #[serde(default)]
    attributes: Attributes,
}

/// The attributes that SQS gives a message.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attributes {
    /// Epoch milliseconds.
    sent_timestamp: Option<String>,
}

impl Message {
    /// The time at which the queue took it.
    fn sent_at(&self) -> Option<Timestamp> {
        let sent_ms = self.attributes.sent_timestamp.as_deref()?.parse().ok()?;
        Some(Timestamp::from_epoch_ms(sent_ms))
    }
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
            Some("stop") => StopAll::of(&complete(event)?).map(Self::Stop),
            _ => Err(InvalidTrigger::Unknown),
        }
    }
}

/// Reads a value, or names its missing or wrong field. The serde messages name fields and types; a text's value is never in them, because
/// every text is taken as it is.
fn complete<T: serde::de::DeserializeOwned>(value: Value) -> Result<T, InvalidTrigger> {
    serde_json::from_value(value).map_err(|error| InvalidTrigger::Incomplete(error.to_string()))
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
            (json!({"action": "redrive"}), "either token, alone, or source"),
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
            (
                json!({"action": "redrive", "source": "a", "since": "2026-01-31T12:00:00Z",
                    "until": "2026-01-31T12:00:00Z"}),
                "later than since",
            ),
            (json!({"action": "redrive", "sorce": "a"}), "unknown field"),
            (json!({"action": "stop", "source": "a"}), "unknown field"),
            (json!({"action": "stop", "ratePerSecond": 0}), "from 1 to 100"),
        ] {
            let message = Trigger::read(event).unwrap_err().to_string();
            assert!(message.contains(expected) && !message.contains("hunter2"), "{message}");
        }
    }

    #[test]
    fn a_token_stands_alone_so_that_no_dry_run_of_it_is_an_execution() {
        for (field, value) in [
            ("source", json!("a")),
            ("since", json!("2026-01-31T12:00:00Z")),
            ("until", json!("2026-01-31T12:00:00Z")),
            ("waiting", json!(true)),
            ("code", json!("shop_away")),
            ("dryRun", json!(true)),
            ("ratePerSecond", json!(5)),
            ("cursor", json!("00/state")),
        ] {
            let mut event = json!({"action": "redrive", "token": "0".repeat(32)});
            event[field] = value;
            let message = Trigger::read(event).unwrap_err().to_string();
            assert!(message.contains("token, alone"), "{field}: {message}");
        }
    }
}
