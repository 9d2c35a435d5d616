//! Closes a record as its execution ended.

use tracehook_core::Record;
use tracehook_core::record::{Closing, ExecutionId, ExecutionState, Verdict};
use tracehook_store::{Closed, Replaced, StoreError};
use tracehook_telemetry::metrics;
use tracehook_telemetry::webhook::{self, Action};

use crate::Reconciler;
use crate::deadline::now;
use crate::error::ReconcileError;
use crate::outcome::Outcome;
use crate::report::log;

impl Reconciler {
    /// Brings a record to the state that the engine reports of an execution.
    pub(crate) async fn follow_engine(
        &self,
        trigger: &'static str,
        record: &Record,
        id: ExecutionId<'_>,
        state: ExecutionState,
    ) -> Result<Outcome, ReconcileError> {
        let outcome = match record.judge_engine(id, state) {
            Verdict::OtherExecution => Outcome::OtherExecution,
            Verdict::Agrees => Outcome::Agrees,
            Verdict::Contradicts => contradiction(trigger, record, state),
            Verdict::Close(closing) => match self.close(trigger, record, id, &closing).await? {
                Closed::Now => return Ok(Outcome::Closed),
                Closed::Refused(current) => conflict_outcome(trigger, &current, id, state),
                Closed::Unknown => Outcome::RecordMissing,
            },
        };
        log(trigger, outcome, record);
        Ok(outcome)
    }

    /// Closes a record whose execution ran and is unknown to the engine now: nobody else will ever end it.
    pub(crate) async fn close_lost(
        &self,
        trigger: &'static str,
        record: &Record,
        arn: &str,
    ) -> Result<Outcome, ReconcileError> {
        let id = ExecutionId {
            name: &record.execution_name,
            arn,
            started_at: None,
        };
        let outcome = match self.close(trigger, record, id, &Closing::lost()).await? {
            Closed::Now => return Ok(Outcome::Closed),
            Closed::Refused(_) => Outcome::Ended,
            Closed::Unknown => Outcome::RecordMissing,
        };
        log(trigger, outcome, record);
        Ok(outcome)
    }

    /// Closes a record whose execution was just stopped, unless it has ended by itself before.
    pub(crate) async fn close_stopped(
        &self,
        trigger: &'static str,
        record: &Record,
        id: ExecutionId<'_>,
    ) -> Result<Outcome, ReconcileError> {
        let outcome = match self.close(trigger, record, id, &Closing::stopped()).await? {
            Closed::Now => return Ok(Outcome::Closed),
            Closed::Refused(_) => Outcome::Ended,
            Closed::Unknown => Outcome::RecordMissing,
        };
        log(trigger, outcome, record);
        Ok(outcome)
    }

    /// Closes a record and, if this call ended it, records the end of the webhook.
    async fn close(
        &self,
        trigger: &'static str,
        record: &Record,
        id: ExecutionId<'_>,
        closing: &Closing,
    ) -> Result<Closed, StoreError> {
        let at = now();
        let span = Action::begin("close", trigger, record);
        let done = span.run(self.store.close(&record.token, id, closing, at)).await;
        match &done {
            Ok(Closed::Now) => {
                let closed = Record {
                    execution_arn: Some(id.arn.to_owned()),
                    ..record.closed(closing, at)
                };
                record_end(span, trigger, Outcome::Closed, &closed);
            }
            // This very write took effect and its answer was lost: nobody else records the end.
            Ok(Closed::Refused(current)) if current.last_updated == at && current.status == closing.status => {
                record_end(span, trigger, Outcome::Closed, current);
            }
            Ok(Closed::Refused(_)) => span.in_vain(Outcome::Refused.as_str()),
            Ok(Closed::Unknown) => span.in_vain(Outcome::RecordMissing.as_str()),
            Err(error) => span.failed(Outcome::Error.as_str(), &error.to_string()),
        }
        done
    }
}

/// Logs, counts and traces the end of a webhook that an action of the reconciler ended.
fn record_end(action: Action, trigger: &'static str, outcome: Outcome, ended: &Record) {
    log(trigger, outcome, ended);
    metrics::record_closed(ended.status);
    webhook::record_end(ended);
    action.closed(outcome.as_str(), ended);
}

/// Ends an action whose write was to end a webhook as `ended`.
pub(crate) fn ended_by_write(
    action: Action,
    trigger: &'static str,
    outcome: Outcome,
    ended: &Record,
    written: Result<Replaced, StoreError>,
) -> Result<Outcome, ReconcileError> {
    let in_vain = match written {
        Ok(Replaced::Now) => {
            record_end(action, trigger, outcome, ended);
            return Ok(outcome);
        }
        Ok(Replaced::Moved) => Outcome::Moved,
        Ok(Replaced::Unknown) => Outcome::RecordMissing,
        Err(error) => {
            action.failed(Outcome::Error.as_str(), &error.to_string());
            return Err(error.into());
        }
    };
    action.in_vain(in_vain.as_str());
    Ok(in_vain)
}

/// The outcome of a close that the record, as it is now, refused.
fn conflict_outcome(trigger: &'static str, current: &Record, id: ExecutionId<'_>, state: ExecutionState) -> Outcome {
    match current.judge_engine(id, state) {
        Verdict::OtherExecution => Outcome::OtherExecution,
        Verdict::Contradicts => contradiction(trigger, current, state),
        Verdict::Agrees | Verdict::Close(_) => Outcome::Agrees,
    }
}

/// Reports a contradiction. The record stays as it is: a person has to look at both.
fn contradiction(trigger: &'static str, record: &Record, state: ExecutionState) -> Outcome {
    const MESSAGE: &str = "record and engine contradict each other";
    tracing::error!(action = trigger, token = %record.token, status = %record.status, engine = state.as_str(), "{MESSAGE}");
    metrics::contradiction();
    Action::begin("compare", trigger, record).failed(Outcome::Contradicts.as_str(), MESSAGE);
    Outcome::Contradicts
}
