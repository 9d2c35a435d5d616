//! `finalize`: the record gets its terminal status, whichever it is.

use tracehook_core::record::{Advance, Failure, Status, StepName, StepRecord, StepStatus};

use tracehook_telemetry::durable::Nothing;
use tracehook_telemetry::webhook;

use super::{Processed, Run, now};
use crate::failure::StepFailure;

impl Run {
    /// Brings the record to `completed`.
    ///
    /// # Errors
    /// When the record cannot be moved.
    pub(crate) async fn complete(&self, attempt: u32, processed: &Processed) -> Result<Nothing, StepFailure> {
        let at = now();
        let step = StepRecord {
            status: StepStatus::Completed,
            attempts: attempt,
            started_at: at,
            completed_at: Some(at),
        };
        self.advance(&Advance {
            to: Status::Completed,
            step: StepName::Finalize,
            steps: vec![(StepName::Process, processed.step()), (StepName::Finalize, step)],
            error: None,
            execution_arn: self.execution_arn.clone(),
            at,
        })
        .await
        .map(|()| Nothing {})
    }

    /// Brings the record to `failed`, and the step that failed with it.
    ///
    /// # Errors
    /// When the record cannot be moved.
    pub(crate) async fn fail(&self, step: StepName, attempts: u32, failure: &Failure) -> Result<Nothing, StepFailure> {
        let at = now();
        // Only the record knows when the step's last try began; `validate` leaves no mark before it succeeds.
        let state = self.store.state(&self.token).await?;
        if let Some(record) = &state {
            let properties = webhook::properties(&self.token, Some(&record.source));
            self.trace.belongs_to(&record.traceparent, properties);
        }
        let known = state.as_ref().and_then(|record| record.steps.get(&step));
        let failed = StepRecord {
            status: StepStatus::Failed,
            attempts,
            started_at: known.map_or(at, |known| known.started_at),
            completed_at: Some(at),
        };
        self.advance(&Advance {
            to: Status::Failed,
            step,
            steps: vec![(step, failed)],
            error: Some(failure.clone()),
            execution_arn: self.execution_arn.clone(),
            at,
        })
        .await
        .map(|()| Nothing {})
    }
}
