//! One try of a step.

use tracehook_core::Timestamp;
use tracehook_core::record::{Failure, StepName, StepRecord, StepStatus, Wait};
pub(crate) use tracehook_runtime::clock::now;
use tracehook_telemetry::durable::TryNumber;

/// A running try. It reads the clock, so it begins inside the step's closure, which a replay never enters.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Try {
    pub(crate) step: StepName,
    /// From 1, the interrupted tries included.
    pub(crate) number: u32,
    /// The tries before this one that began and never ended.
    pub(crate) interrupted: u32,
    started_at: Timestamp,
}

impl Try {
    /// The try that the engine calls `number` after those that ended, and whose step has `entry` in the record. The second
    /// value is the try before it, when that was interrupted.
    pub(crate) fn begin(step: StepName, number: u32, entry: Option<&StepRecord>) -> (Self, Option<StepRecord>) {
        let unfinished = entry.filter(|entry| entry.was_interrupted(number));
        let before = entry.map_or(0, |entry| entry.interrupted);
        let interrupted = before + u32::from(unfinished.is_some());
        let this = Self {
            step,
            number: number + interrupted,
            interrupted,
            started_at: now(),
        };
        (this, unfinished.cloned())
    }

    /// The number by which the engine knows the try: it counts those that ended.
    pub(crate) const fn engine_number(&self) -> u32 {
        self.number - self.interrupted
    }

    /// The number as its span shows it.
    pub(crate) const fn shown(&self) -> TryNumber {
        TryNumber {
            number: self.number,
            interrupted: self.interrupted,
        }
    }

    /// The step's entry in the record while the try runs.
    pub(crate) const fn started(&self) -> StepRecord {
        StepRecord {
            status: StepStatus::Started,
            tries: self.number,
            interrupted: self.interrupted,
            started_at: self.started_at,
            completed_at: None,
            wait: None,
        }
    }

    /// The step's entry in the record when the try succeeds now.
    pub(crate) fn completed(&self) -> StepRecord {
        StepRecord {
            status: StepStatus::Completed,
            completed_at: Some(now()),
            ..self.started()
        }
    }

    /// The step's entry in the record while it waits for the next try, and the time of it.
    pub(crate) fn waiting(&self, error: Failure, next_try_at: Timestamp) -> StepRecord {
        StepRecord {
            status: StepStatus::Waiting,
            wait: Some(Wait { error, next_try_at }),
            ..self.started()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_try_is_counted_whether_it_ended_or_not() {
        let mut entry: Option<StepRecord> = None;
        let mut begin = |number| {
            let (this, unfinished) = Try::begin(StepName::Process, number, entry.as_ref());
            entry = Some(this.started());
            (
                this.number,
                this.interrupted,
                unfinished.map(|unfinished| unfinished.tries),
            )
        };
        assert_eq!(begin(1), (1, 0, None), "the first");
        assert_eq!(begin(1), (2, 1, Some(1)), "the first was killed");
        assert_eq!(begin(1), (3, 2, Some(2)), "and the second");
        assert_eq!(begin(2), (4, 2, None), "the third failed");
        assert_eq!(begin(2), (5, 3, Some(4)), "the fourth was killed");
    }
}
