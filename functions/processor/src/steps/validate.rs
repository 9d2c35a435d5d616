//! `validate`: the payload is there, is what was received, and matches its source's schema.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tracehook_core::SourceName;

use crate::failure::StepFailure;
use crate::run::Run;
use crate::schema::SourceSchemas;
use crate::step::{Finished, Output, Try};

/// The checkpointed result: a later invocation names the webhook's source without reading the record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Validated {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<SourceName>,
}

impl Output for Validated {
    fn source(&self) -> Option<&SourceName> {
        self.source.as_ref()
    }
}

impl Run {
    /// Moves the record to `validated`.
    ///
    /// # Errors
    /// When the payload is missing, damaged or violates its schema, or the record cannot be moved.
    pub(crate) async fn validate(
        &self,
        this: Try,
        schemas: &SourceSchemas,
    ) -> Result<Finished<Validated>, StepFailure> {
        let webhook = self.webhook().await?;
        let (record, payload) = (&webhook.record, &webhook.payload);
        if Sha256::digest(&payload.body)[..] != record.payload_sha256 {
            return Err(StepFailure::permanent(
                "payload_damaged",
                "the payload is not the one that was received",
            ));
        }
        schemas.check(&record.source, &payload.body, payload.coding, &payload.form)?;
        self.advance(this.step, this.completed()).await?;
        Ok(Finished::recorded(Validated {
            source: Some(record.source.clone()),
        }))
    }
}
