//! One try of a step.

use tracehook_core::Timestamp;
use tracehook_core::record::{Failure, StepName, StepRecord, StepStatus, Wait};
pub(crate) use tracehook_runtime::clock::now;

/// A running try. It reads the clock, so it begins inside the step's closure, which a replay never enters.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Try {
    pub(crate) step: StepName,
    /// From 1. An interrupted try runs again under the same number.
    pub(crate) number: u32,
    started_at: Timestamp,
}

impl Try {
    pub(crate) fn begin(step: StepName, number: u32) -> Self {
        Self {
            step,
            number,
            started_at: now(),
        }
    }

    /// The step's entry in the record while the try runs.
    pub(crate) const fn started(&self) -> StepRecord {
        StepRecord {
            status: StepStatus::Started,
            tries: self.number,
            started_at: self.started_at,
            completed_at: None,
            wait: None,
        }
    }

    /// The step's entry in the record when the try succeeds now.
    pub(crate) fn completed(&self) -> StepRecord {
        StepRecord {
            status: StepStatus::Completed,
            tries: self.number,
            started_at: self.started_at,
            completed_at: Some(now()),
            wait: None,
        }
    }

    /// The step's entry in the record while it waits for the next try, and the time of it.
    pub(crate) fn waiting(&self, error: Failure, next_try_at: Timestamp) -> StepRecord {
        StepRecord {
            status: StepStatus::Waiting,
            tries: self.number,
            started_at: self.started_at,
            completed_at: None,
            wait: Some(Wait { error, next_try_at }),
        }
    }
}
