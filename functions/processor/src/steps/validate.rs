//! `validate`: the payload is there and is what was received.

use sha2::{Digest, Sha256};
use tracehook_core::record::{Advance, Status, StepName, StepRecord, StepStatus};

use super::{Run, now};
use crate::failure::StepFailure;

impl Run {
    /// Brings the record to `validated`.
    ///
    /// # Errors
    /// When the payload is missing or damaged, or the record cannot be moved.
    pub(crate) async fn validate(&self, attempt: u32) -> Result<(), StepFailure> {
        let started_at = now();
        let webhook = self.webhook().await?;
        let (record, payload) = &*webhook;
        if Sha256::digest(&payload.body)[..] != record.payload_sha256 {
            return Err(StepFailure::permanent(
                "payload_damaged",
                "the payload is not the one that was received",
            ));
        }
        let at = now();
        let step = StepRecord {
            status: StepStatus::Completed,
            attempts: attempt,
            started_at,
            completed_at: Some(at),
        };
        self.advance(&Advance {
            to: Status::Validated,
            step: StepName::Validate,
            steps: vec![(StepName::Validate, step)],
            error: None,
            execution_arn: self.execution_arn.clone(),
            at,
        })
        .await
    }
}
