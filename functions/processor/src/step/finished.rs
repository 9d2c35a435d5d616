//! The checkpoint of a finished step.
//!
//! Contract: a released execution replays from these bytes. Fields are only ever added, and each has a default.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tracehook_core::record::{StepRecord, StepStatus};
use tracehook_core::{SourceName, Timestamp};
use tracehook_telemetry::durable::Nothing;

/// The value that a step hands to the steps after it.
pub(crate) trait Output: Serialize + DeserializeOwned + Default + Send + 'static {
    /// The webhook's source, so that a later invocation names it without reading the record.
    fn source(&self) -> Option<&SourceName> {
        None
    }
}

impl Output for Nothing {}

/// A step's value and, when the step has not written it, its entry in the record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Finished<T> {
    #[serde(flatten)]
    pub(crate) value: T,
    #[serde(flatten)]
    entry: Option<Entry>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    #[serde(rename = "attempts")]
    tries: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    interrupted: Option<u32>,
    started_at_ms: i64,
    completed_at_ms: i64,
}

impl<T> Finished<T> {
    /// A step that wrote its own entry.
    pub(crate) const fn recorded(value: T) -> Self {
        Self { value, entry: None }
    }

    /// A step whose entry, `record`, the next write of the execution writes too. Saves a write to the table.
    pub(crate) fn unrecorded(value: T, record: &StepRecord) -> Self {
        let entry = Entry {
            tries: record.tries,
            interrupted: Some(record.interrupted).filter(|interrupted| *interrupted > 0),
            started_at_ms: record.started_at.epoch_ms(),
            completed_at_ms: record.completed_at.unwrap_or(record.started_at).epoch_ms(),
        };
        Self {
            value,
            entry: Some(entry),
        }
    }

    /// The entry that the record does not have yet.
    pub(crate) fn entry(&self) -> Option<StepRecord> {
        self.entry.map(|entry| StepRecord {
            status: StepStatus::Completed,
            tries: entry.tries,
            interrupted: entry.interrupted.unwrap_or_default(),
            started_at: Timestamp::from_epoch_ms(entry.started_at_ms),
            completed_at: Some(Timestamp::from_epoch_ms(entry.completed_at_ms)),
            wait: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use tracehook_telemetry::durable::Checkpointed;

    use super::*;
    use crate::steps::{Processed, Validated};

    fn assert_bytes<T: Output + PartialEq + Debug>(finished: &Finished<T>, json: &str) {
        assert_eq!(serde_json::to_string(finished).unwrap(), json);
        let read: Option<Checkpointed<Finished<T>>> = serde_json::from_str(json).unwrap();
        assert_eq!(&read.unwrap().value, finished);
    }

    #[test]
    fn every_step_checkpoints_the_bytes_that_released_executions_have() {
        let validated = Validated {
            source: Some("github".parse().unwrap()),
        };
        assert_bytes(&Finished::recorded(validated), r#"{"source":"github"}"#);
        let record = StepRecord {
            status: StepStatus::Completed,
            tries: 2,
            interrupted: 0,
            started_at: Timestamp::from_epoch_ms(1_700_000_000_300),
            completed_at: Some(Timestamp::from_epoch_ms(1_700_000_000_400)),
            wait: None,
        };
        let processed = Processed {
            result: serde_json::json!({"attempts": "its own", "big": u64::MAX}),
        };
        let finished = Finished::unrecorded(processed, &record);
        assert_eq!(finished.entry().as_ref(), Some(&record));
        assert_bytes(
            &finished,
            r#"{"result":{"attempts":"its own","big":18446744073709551615},"attempts":2,"startedAtMs":1700000000300,"completedAtMs":1700000000400}"#,
        );
        let interrupted = StepRecord {
            interrupted: 1,
            ..record
        };
        let interrupted = Finished::unrecorded(Processed::default(), &interrupted);
        assert_bytes(
            &interrupted,
            r#"{"result":null,"attempts":2,"interrupted":1,"startedAtMs":1700000000300,"completedAtMs":1700000000400}"#,
        );
        assert_bytes(&Finished::recorded(Nothing {}), "{}");
    }
}
