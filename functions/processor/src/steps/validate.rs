//! `validate`: the payload is there, is what was received, and is as its source's schema says.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tracehook_core::SourceName;
use tracehook_core::record::{Advance, Status, StepName, StepRecord, StepStatus};

use super::{Run, now};
use crate::failure::StepFailure;
use crate::schema::SourceSchemas;

/// The checkpointed result of the step: what a later invocation says of the webhook without reading it again.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Validated {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<SourceName>,
}

impl Run {
    /// Brings the record to `validated`.
    ///
    /// # Errors
    /// When the payload is missing, damaged or violates its schema, or the record cannot be moved.
    pub(crate) async fn validate(&self, attempt: u32, schemas: &SourceSchemas) -> Result<Validated, StepFailure> {
        let started_at = now();
        let webhook = self.webhook().await?;
        let (record, payload) = &*webhook;
        if Sha256::digest(&payload.body)[..] != record.payload_sha256 {
            return Err(StepFailure::permanent(
                "payload_damaged",
                "the payload is not the one that was received",
            ));
        }
        schemas.check(&record.source, &payload.body)?;
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
        .await?;
        Ok(Validated {
            source: Some(record.source.clone()),
        })
    }
}
