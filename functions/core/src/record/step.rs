//! The durable steps of an execution and the recorded progress of each.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::{Failure, Status, UnknownStatus};
use crate::timestamp::Timestamp;

/// The steps, in their order. A name is part of every execution's history: a released one never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StepName {
    /// The payload is there and is what was received.
    Validate,
    /// The handler runs.
    Process,
    /// The record gets its terminal status.
    Finalize,
}

/// The text names no step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such step")]
pub struct UnknownStep;

impl StepName {
    /// Every step, in order.
    pub const ALL: [Self; Self::Finalize as usize + 1] = [Self::Validate, Self::Process, Self::Finalize];

    /// The status that the step gives the record.
    #[must_use]
    pub const fn status(self) -> Status {
        match self {
            Self::Validate => Status::Validated,
            Self::Process => Status::Processing,
            Self::Finalize => Status::Completed,
        }
    }

    /// The step's name in the history, the record and the metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Validate => "validate",
            Self::Process => "process",
            Self::Finalize => "finalize",
        }
    }
}

impl fmt::Display for StepName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for StepName {
    type Err = UnknownStep;

    fn from_str(text: &str) -> Result<Self, UnknownStep> {
        Self::ALL
            .into_iter()
            .find(|step| step.as_str() == text)
            .ok_or(UnknownStep)
    }
}

impl Serialize for StepName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The progress of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum StepStatus {
    /// A try has begun.
    Started,
    /// A try failed for a cause that may pass, and the next one is planned.
    Waiting,
    /// It is done.
    Completed,
    /// It failed for good.
    Failed,
}

impl StepStatus {
    /// The status as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Waiting => "waiting",
            Self::Completed => "completed",
            Self::Failed => "failed",
        }
    }
}

impl FromStr for StepStatus {
    type Err = UnknownStatus;

    fn from_str(text: &str) -> Result<Self, UnknownStatus> {
        [Self::Started, Self::Waiting, Self::Completed, Self::Failed]
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or(UnknownStatus)
    }
}

/// The recorded progress of one step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StepRecord {
    /// The state of the recorded try.
    pub status: StepStatus,
    /// The number of tries, the current one and the interrupted ones included.
    pub tries: u32,
    /// The number of tries that began and never ended: their process was killed, or their end did not reach the engine.
    #[serde(skip_serializing_if = "is_zero")]
    pub interrupted: u32,
    /// When the try that is recorded began.
    pub started_at: Timestamp,
    /// When it ended, for good or bad.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
    /// The failure of the last try and the time of the next one, while the step waits.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub wait: Option<Wait>,
}

/// The failure of the last try of a step and the time of the next one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Wait {
    /// The failure.
    pub error: Failure,
    /// When the engine makes the next try, give or take a second.
    pub next_try_at: Timestamp,
}

impl StepRecord {
    /// Whether the recorded try was interrupted: it began, and the engine, which counts the tries that ended and calls the
    /// next one `number`, knows of no end. What the try has written itself makes no difference.
    #[must_use]
    pub const fn was_interrupted(&self, number: u32) -> bool {
        self.tries.saturating_sub(self.interrupted) >= number
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference over")]
const fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// The steps that have begun, in their order.
pub type Steps = BTreeMap<StepName, StepRecord>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_try_was_interrupted_when_it_began_and_the_engine_knows_of_no_end() {
        let entry = |status, tries, interrupted| StepRecord {
            status,
            tries,
            interrupted,
            started_at: Timestamp::from_epoch_ms(0),
            completed_at: None,
            wait: None,
        };
        for (entry, number, expected) in [
            (entry(StepStatus::Started, 1, 0), 1, true),
            (entry(StepStatus::Started, 1, 0), 2, false),
            (entry(StepStatus::Started, 3, 2), 1, true),
            (entry(StepStatus::Started, 3, 2), 2, false),
            (entry(StepStatus::Started, 4, 2), 2, true),
            (entry(StepStatus::Waiting, 1, 0), 1, true),
            (entry(StepStatus::Waiting, 1, 0), 2, false),
            (entry(StepStatus::Waiting, 4, 2), 3, false),
            (entry(StepStatus::Completed, 1, 0), 1, true),
        ] {
            assert_eq!(entry.was_interrupted(number), expected, "{entry:?} before {number}");
        }
    }
}
