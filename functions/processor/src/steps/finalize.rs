//! `finalize`: the record gets its terminal status.

use tracehook_core::record::{Failure, StepRecord, StepStatus};
use tracehook_runtime::clock;
use tracehook_telemetry::durable::Nothing;

use crate::failure::StepFailure;
use crate::run::{Run, TRY_INTERRUPTED};
use crate::step::{Finished, GivenUp, Try};

impl Run {
    /// Moves the record to `completed`.
    ///
    /// # Errors
    /// When the record cannot be moved.
    pub(crate) async fn complete(&self, this: Try) -> Result<Finished<Nothing>, StepFailure> {
        self.advance(this.step, this.completed()).await?;
        Ok(Finished::recorded(Nothing {}))
    }

    /// Moves the record to `failed`, because a step was given up.
    ///
    /// # Errors
    /// When the record cannot be moved.
    pub(crate) async fn fail(&self, given_up: &GivenUp, failure: Failure) -> Result<Finished<Nothing>, StepFailure> {
        let at = clock::now();
        // Only the record knows when the step's last try began; `validate` leaves no mark before it succeeds.
        let record = self.identity.record().await?;
        if let Some(record) = &record {
            self.report.set_parent(record);
        }
        let step = given_up.step;
        let known = record.as_ref().and_then(|record| record.steps.get(&step));
        let interrupted = known.map_or(0, |known| known.interrupted) + u32::from(failure.code == TRY_INTERRUPTED);
        let entry = StepRecord {
            status: StepStatus::Failed,
            tries: given_up.tries(known),
            interrupted,
            started_at: known.map_or(at, |known| known.started_at),
            completed_at: Some(at),
            wait: None,
        };
        self.close(step, entry, failure).await?;
        Ok(Finished::recorded(Nothing {}))
    }
}
