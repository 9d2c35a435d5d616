//! The begin of a try: its number, and what became of the try before it.
//!
//! A process that is killed says nothing, and the engine runs the step again under the same number. So the write that opens
//! a try leaves the step's entry in the record, and whoever finds a try there of which the engine knows no end counts an
//! interrupted one. `process` is opened by a write in any case. `validate` and `finalize` are opened by one
//! only when they begin late, which is when they may have begun before: an undisturbed webhook costs no write more.

use std::time::Duration;

use tracehook_core::Record;
use tracehook_core::record::{Status, StepName, StepRecord};
use tracehook_telemetry::durable::Operation;

use super::Run;
use crate::failure::StepFailure;
use crate::retry::RetryPolicy;
use crate::step::{Try, now};

/// The code of a step that was interrupted too often.
pub(crate) const TRY_INTERRUPTED: &str = "try_interrupted";

/// A try that has begun.
#[derive(Debug)]
pub(crate) struct Begun {
    pub(crate) this: Try,
    /// The status of the record that is to get the try's entry before its body runs, unless the body writes it.
    pub(crate) open_in: Option<Status>,
}

impl Run {
    /// Begins the try of a step that the engine calls `number`, and reports the try before it when that was interrupted.
    ///
    /// # Errors
    /// [`TRY_INTERRUPTED`] when the step was interrupted too often, or when the record cannot be read.
    pub(crate) async fn begin(
        &self,
        (step, operation): (StepName, &Operation),
        number: u32,
        policy: &RetryPolicy,
    ) -> Result<Begun, StepFailure> {
        let Known { entry, open_in } = self.known(step, policy.mark_after).await?;
        let (this, unfinished) = Try::begin(step, number, entry.as_ref());
        let unfinished = unfinished.map(|entry| self.report.interrupted(step, operation, &entry));
        // An invocation that suspends has a try that failed; one that follows an interrupted one finds what that one has left.
        let follows = number == 1 && this.interrupted <= 1;
        self.report.trace.tell_interrupted(unfinished.as_ref(), follows);
        if unfinished.is_some() && this.interrupted >= policy.max_interrupted_tries {
            return Err(StepFailure::permanent(
                TRY_INTERRUPTED,
                format!(
                    "{} tries were interrupted: the function was killed, ran out of memory or took too long",
                    this.interrupted
                ),
            ));
        }
        Ok(Begun { this, open_in })
    }

    /// Writes the entry of a try whose body does not open it itself.
    ///
    /// # Errors
    /// When the record cannot be moved.
    pub(crate) async fn open(&self, this: Try, open_in: Option<Status>) -> Result<(), StepFailure> {
        match open_in {
            Some(status) => self.advance_to(status, this.step, this.started()).await,
            None => Ok(()),
        }
    }

    /// What the record says of a step that is about to begin.
    async fn known(&self, step: StepName, mark_after: Duration) -> Result<Known, StepFailure> {
        match step {
            StepName::Validate => {
                let record = &self.webhook().await?.record;
                Ok(Known::of(
                    step,
                    record,
                    now().since(record.attempt_started_at) >= mark_after,
                ))
            }
            StepName::Process => Ok(Known::of(step, &self.webhook().await?.record, false)),
            StepName::Finalize => {
                let before = self.last_unrecorded().and_then(|entry| entry.completed_at);
                if before.is_some_and(|at| now().since(at) < mark_after) {
                    return Ok(Known::default());
                }
                let record = self
                    .identity
                    .record()
                    .await?
                    .filter(|record| self.identity.owns(record));
                Ok(record.map_or_else(Known::default, |record| {
                    let before = before.unwrap_or(record.last_updated);
                    Known::of(step, &record, now().since(before) >= mark_after)
                }))
            }
        }
    }
}

/// A step's entry, and the status of the record that is to get one before the step runs.
#[derive(Debug, Default)]
struct Known {
    entry: Option<StepRecord>,
    open_in: Option<Status>,
}

impl Known {
    fn of(step: StepName, record: &Record, is_late: bool) -> Self {
        // Nothing is left to count when the record has ended: the last step has done its work.
        if record.status.is_terminal() {
            return Self::default();
        }
        let entry = record.steps.get(&step).cloned();
        let opens = step != StepName::Process && (is_late || entry.is_some());
        Self {
            entry,
            open_in: opens.then_some(record.status),
        }
    }
}
