//! The bodies of the durable steps. Each may run more than once; each moves the record under a condition.

mod finalize;
mod process;
mod validate;

use std::sync::Arc;
use std::time::SystemTime;

use tokio::sync::OnceCell;
use tracehook_core::record::{Advance, Standing};
use tracehook_core::{ExecutionToken, Record, Timestamp};
use tracehook_store::{Advanced, Payload, Store};

use crate::failure::StepFailure;

pub(crate) use process::Processed;

/// One execution, as its steps see it.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) store: Store,
    pub(crate) token: ExecutionToken,
    pub(crate) execution_name: String,
    pub(crate) execution_arn: String,
    /// Read once per invocation, by whichever step runs first in it.
    webhook: OnceCell<Arc<(Record, Payload)>>,
}

impl Run {
    pub(crate) fn new(store: Store, token: ExecutionToken, execution_name: String, execution_arn: String) -> Self {
        Self {
            store,
            token,
            execution_name,
            execution_arn,
            webhook: OnceCell::new(),
        }
    }

    async fn webhook(&self) -> Result<Arc<(Record, Payload)>, StepFailure> {
        self.webhook.get_or_try_init(|| self.read()).await.map(Arc::clone)
    }

    async fn read(&self) -> Result<Arc<(Record, Payload)>, StepFailure> {
        match self.store.webhook(&self.token).await? {
            None => Err(StepFailure::permanent(
                "record_missing",
                "there is no record of this webhook",
            )),
            // The producer's next attempt repairs a lost half.
            Some((_, None)) => Err(StepFailure::transient(
                "payload_missing",
                "the payload is not in the table",
            )),
            Some((record, Some(payload))) => Ok(Arc::new((record, payload))),
        }
    }

    /// Moves the record, and stops an execution that does not own it any more.
    async fn advance(&self, advance: &Advance) -> Result<(), StepFailure> {
        match self.store.advance(&self.token, &self.execution_name, advance).await? {
            Advanced::Moved | Advanced::Refused(Standing::Ahead) => Ok(()),
            Advanced::Refused(Standing::Superseded) => Err(StepFailure::permanent(
                "superseded",
                "the webhook was ended or taken over by another execution",
            )),
            Advanced::Refused(Standing::Behind) => Err(StepFailure::permanent(
                "record_behind",
                "the record is not where this step expects it",
            )),
            Advanced::Unknown => Err(StepFailure::permanent(
                "record_missing",
                "there is no record of this webhook",
            )),
        }
    }
}

fn now() -> Timestamp {
    Timestamp::from(SystemTime::now())
}
