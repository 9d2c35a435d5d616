//! The execution's claim on its record.

use tracehook_core::record::{Advance, Refusal, StepName, StepRecord};
use tracehook_core::{ExecutionToken, Record, Timestamp};
use tracehook_runtime::clock;
use tracehook_store::{Advanced, Payload, Store, StoreError};

use super::name;
use crate::failure::StepFailure;

/// Which webhook an execution processes, and under which name. Every read and write of the record goes through it.
#[derive(Debug)]
pub(crate) struct Identity {
    store: Store,
    pub(crate) token: ExecutionToken,
    execution_name: String,
    pub(crate) execution_arn: String,
}

impl Identity {
    pub(crate) fn new(store: Store, token: ExecutionToken, execution_arn: &str) -> Self {
        Self {
            store,
            token,
            execution_name: name::current(token, execution_arn),
            execution_arn: execution_arn.to_owned(),
        }
    }

    /// Whether the record's current attempt is this execution.
    pub(crate) fn owns(&self, record: &Record) -> bool {
        record.execution_name == self.execution_name
    }

    /// The record as it was when this execution had ended, from that of a later attempt.
    pub(crate) fn own(&self, later: &Record) -> Option<Record> {
        Some(Record {
            execution_arn: Some(self.execution_arn.clone()),
            ..later.as_of(&self.execution_name)?
        })
    }

    pub(crate) async fn record(&self) -> Result<Option<Record>, StoreError> {
        self.store.state(&self.token, clock::now()).await
    }

    pub(crate) async fn record_and_payload(&self) -> Result<(Record, Option<Payload>), StepFailure> {
        self.store.webhook(&self.token).await?.ok_or_else(missing)
    }

    /// Notes a step that waits. Whoever has taken the record over knows better.
    pub(crate) async fn note_wait(&self, step: StepName, entry: &StepRecord, at: Timestamp) {
        let (name, arn) = (&self.execution_name, &self.execution_arn);
        if let Err(error) = self.store.note_wait(&self.token, name, arn, (step, entry), at).await {
            tracing::warn!(%step, %error, "the next try is not noted");
        }
    }

    /// Moves the record, and stops an execution that does not own it any more. Returns the record when it has ended.
    pub(crate) async fn advance(&self, advance: &Advance) -> Result<Option<Record>, StepFailure> {
        let record = match self.store.advance(&self.token, &self.execution_name, advance).await? {
            Advanced::Moved(record) => record,
            // An earlier try of this very step has done it.
            Advanced::Refused(Refusal::Ahead, record) => Some(record),
            Advanced::Refused(Refusal::Superseded, _) => return Err(StepFailure::superseded()),
            Advanced::Refused(Refusal::Behind, _) => {
                return Err(StepFailure::permanent(
                    "record_behind",
                    "the record is not where this step expects it",
                ));
            }
            Advanced::Unknown => return Err(missing()),
        };
        Ok(record
            .map(|record| *record)
            .filter(|record| record.status.is_terminal()))
    }
}

fn missing() -> StepFailure {
    StepFailure::permanent("record_missing", "there is no record of this webhook")
}
