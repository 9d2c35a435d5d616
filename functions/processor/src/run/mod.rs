//! One execution, as its steps see it.

mod begin;
mod identity;
pub(crate) mod name;
mod report;
mod running;

use std::sync::{Arc, Mutex, PoisonError};

use aws_durable_execution_sdk::DurableContext;
use tokio::sync::OnceCell;
use tracehook_core::record::{Advance, Failure, Status, StepName, StepRecord};
use tracehook_core::{ExecutionToken, Record};
use tracehook_store::{Payload, Store};

use crate::failure::StepFailure;
use crate::retry::RetryPolicy;
use crate::step::{Try, now};

pub(crate) use begin::{Begun, TRY_INTERRUPTED};
pub(crate) use identity::Identity;
pub(crate) use report::Report;
pub(crate) use running::Running;

/// One invocation's view of an execution.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) identity: Identity,
    pub(crate) report: Report,
    /// Read once per invocation, by whichever step runs first in it.
    webhook: OnceCell<Arc<Webhook>>,
    /// Entries of finished steps that the record may not have yet. Replayed steps are among them.
    unrecorded: Mutex<Vec<(StepName, StepRecord)>>,
}

/// The record and the payload of a webhook.
#[derive(Debug)]
pub(crate) struct Webhook {
    pub(crate) record: Record,
    pub(crate) payload: Payload,
}

impl Run {
    /// The run of a context's execution.
    pub(crate) fn new(store: Store, token: ExecutionToken, context: &DurableContext) -> Self {
        Self {
            identity: Identity::new(store, token, context.execution_arn()),
            report: Report::new(token, context),
            webhook: OnceCell::new(),
            unrecorded: Mutex::default(),
        }
    }

    /// Reads the webhook for the first step, so that an invocation knows its trace from the beginning, and also when it is
    /// interrupted before the step runs. The step reads again after an error.
    pub(crate) async fn read_ahead(&self) {
        let _ = self.webhook().await;
    }

    /// The webhook, read once.
    ///
    /// # Errors
    /// When it cannot be read, its payload has expired, or another execution owns the record.
    pub(crate) async fn webhook(&self) -> Result<Arc<Webhook>, StepFailure> {
        self.webhook.get_or_try_init(|| self.read()).await.map(Arc::clone)
    }

    async fn read(&self) -> Result<Arc<Webhook>, StepFailure> {
        let (record, payload) = self.identity.record_and_payload().await?;
        self.report.set_record(&record);
        match payload {
            // The payload is written before the state, so it was there.
            None => Err(StepFailure::permanent("payload_expired", "the payload has expired")),
            // The idempotency key is made from the record's attempt: it must be this execution's own.
            Some(_) if !self.identity.owns(&record) => Err(StepFailure::superseded()),
            Some(payload) => Ok(Arc::new(Webhook { record, payload })),
        }
    }

    /// Notes when somebody else has ended this execution, which it may learn late.
    pub(crate) async fn note_end_elsewhere(&self) {
        if self.report.has_written() {
            return;
        }
        if let Ok(Some(record)) = self.identity.record().await {
            let own = if self.identity.owns(&record) {
                Some(record).filter(|record| record.status.is_terminal())
            } else {
                self.identity.own(&record)
            };
            if let Some(own) = own {
                self.report.trace.ended_elsewhere(own.last_updated.into());
            }
        }
    }

    /// Leaves the entry of a finished step to the next write.
    pub(crate) fn add_unrecorded(&self, step: StepName, entry: StepRecord) {
        self.unrecorded().push((step, entry));
    }

    /// The entry of the step before this one, when the record may not have it.
    fn last_unrecorded(&self) -> Option<StepRecord> {
        self.unrecorded().last().map(|(_, entry)| entry.clone())
    }

    /// Moves the record to the step's status, and writes the step's entry.
    ///
    /// # Errors
    /// When the record cannot be moved.
    pub(crate) async fn advance(&self, step: StepName, entry: StepRecord) -> Result<(), StepFailure> {
        self.advance_to(step.status(), step, entry).await
    }

    /// Moves the record to a status, and writes the step's entry.
    ///
    /// # Errors
    /// When the record cannot be moved.
    async fn advance_to(&self, to: Status, step: StepName, entry: StepRecord) -> Result<(), StepFailure> {
        self.write(to, step, entry, None).await
    }

    /// Plans the try after one that failed, and tells it in the record, for whoever asks and for a redrive. A record that cannot
    /// be written now delays nothing.
    pub(crate) async fn wait_for_next(&self, this: Try, failure: StepFailure, retry: &RetryPolicy) -> StepFailure {
        let planned = self.plan_next(this.step, this.engine_number(), failure, retry);
        if let Some(delay) = planned.retry_in {
            let at = now();
            let entry = this.waiting(planned.failure.clone(), at.plus(delay));
            self.identity.note_wait(this.step, &entry, at).await;
        }
        planned
    }

    /// Plans the try after the one that the engine calls `number`, if it failed for a cause that may pass. When the record could
    /// not be read, this is all: a note would overwrite the count of interrupted tries.
    pub(crate) fn plan_next(
        &self,
        step: StepName,
        number: u32,
        failure: StepFailure,
        retry: &RetryPolicy,
    ) -> StepFailure {
        let opened_at = self.webhook.get().map(|webhook| webhook.record.attempt_started_at);
        StepFailure {
            retry_in: if failure.transient {
                retry.next(step, number, opened_at, now())
            } else {
                None
            },
            ..failure
        }
    }

    /// Moves the record to `failed`, and writes the entry of the step that failed.
    ///
    /// # Errors
    /// When the record cannot be moved.
    pub(crate) async fn close(&self, step: StepName, entry: StepRecord, failure: Failure) -> Result<(), StepFailure> {
        self.write(Status::Failed, step, entry, Some(failure)).await
    }

    async fn write(
        &self,
        to: Status,
        step: StepName,
        entry: StepRecord,
        error: Option<Failure>,
    ) -> Result<(), StepFailure> {
        let at = entry.completed_at.unwrap_or(entry.started_at);
        let mut steps = self.unrecorded().clone();
        steps.push((step, entry));
        let advance = Advance {
            to,
            step,
            steps,
            error,
            execution_arn: self.identity.execution_arn.clone(),
            at,
        };
        if let Some(ended) = self.identity.advance(&advance).await? {
            self.report.keep_written(ended);
        }
        Ok(())
    }

    fn unrecorded(&self) -> std::sync::MutexGuard<'_, Vec<(StepName, StepRecord)>> {
        self.unrecorded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
