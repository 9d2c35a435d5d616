//! The engine's own events: the record of exactly the execution that the event names is closed as it ended.

use serde_json::{Value, json};
use tracehook_core::Record;
use tracehook_core::record::{Closing, ExecutionId, ExecutionState, Verdict, token_in_name};
use tracehook_store::{Closed, StoreError};
use tracehook_telemetry::metrics;
use tracehook_telemetry::webhook::{self, Action};

use crate::trigger::StatusChange;
use crate::{ReconcileError, Reconciler, log, now};

impl Reconciler {
    pub(crate) async fn status_change(&self, change: &StatusChange) -> Result<Value, ReconcileError> {
        let id = ExecutionId {
            name: &change.durable_execution_name,
            arn: &change.durable_execution_arn,
        };
        let token = token_in_name(&self.config.starts.prefix, id.name);
        let (Some(token), Some(state)) = (token, ExecutionState::parse(&change.status)) else {
            tracing::warn!(action = "status_change", outcome = "foreign", "reconciled");
            return Ok(json!({"outcome": "foreign"}));
        };
        let Some(record) = self.store.state(&token).await? else {
            tracing::error!(action = "status_change", outcome = "record_missing", %token, "reconciled");
            return Ok(json!({"outcome": "record_missing"}));
        };
        let outcome = self.apply("status_change", &record, id, state).await?;
        Ok(json!({"outcome": outcome}))
    }

    /// Brings a record to where its execution is. The outcome is what the log and the metrics count.
    pub(crate) async fn apply(
        &self,
        action: &'static str,
        record: &Record,
        id: ExecutionId<'_>,
        state: ExecutionState,
    ) -> Result<&'static str, ReconcileError> {
        let outcome = match record.judge_engine(id, state) {
            Verdict::OtherExecution => "other_execution",
            Verdict::Agrees => "agrees",
            Verdict::Contradicts => {
                contradiction(action, record, state);
                "contradicts"
            }
            Verdict::Close(closing) => match self.close(action, record, id, &closing).await? {
                Closed::Now => return Ok("closed"),
                Closed::Refused(met) => match met.judge_engine(id, state) {
                    Verdict::OtherExecution => "other_execution",
                    Verdict::Contradicts => {
                        contradiction(action, &met, state);
                        "contradicts"
                    }
                    Verdict::Agrees | Verdict::Close(_) => "agrees",
                },
                Closed::Unknown => "record_missing",
            },
        };
        log(action, outcome, record);
        Ok(outcome)
    }

    /// Closes a record and, as the one who ended it, tells of the webhook's end.
    pub(crate) async fn close(
        &self,
        action: &'static str,
        record: &Record,
        id: ExecutionId<'_>,
        closing: &Closing,
    ) -> Result<Closed, StoreError> {
        let at = now();
        let span = Action::begin("close", action, record);
        let met = span.run(self.store.close(&record.token, id, closing, at)).await;
        match &met {
            Ok(Closed::Now) => {
                let closed = Record {
                    status: closing.status,
                    error: closing.error.clone(),
                    execution_arn: Some(id.arn.to_owned()),
                    last_updated: at,
                    ..record.clone()
                };
                log(action, "closed", &closed);
                metrics::record_closed(closed.status);
                webhook::record_end(&closed);
                span.ended("closed");
            }
            // This very write had its effect, and the answer was lost: nobody else tells of it.
            Ok(Closed::Refused(met)) if met.last_updated == at && met.status == closing.status => {
                log(action, "closed", met);
                metrics::record_closed(met.status);
                webhook::record_end(met);
                span.ended("closed");
            }
            Ok(Closed::Refused(_)) => span.ended("refused"),
            Ok(Closed::Unknown) => span.ended("record_missing"),
            Err(error) => span.failed("error", &error.to_string()),
        }
        met
    }
}

/// The record stays as it is: a person has to look at both.
fn contradiction(action: &'static str, record: &Record, state: ExecutionState) {
    const MESSAGE: &str = "record and engine contradict each other";
    tracing::error!(action, token = %record.token, status = %record.status, engine = state.as_str(), "{MESSAGE}");
    metrics::contradiction();
    Action::begin("compare", action, record).failed("contradicts", MESSAGE);
}
