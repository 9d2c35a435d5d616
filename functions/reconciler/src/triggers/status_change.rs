//! The engine's own events: closes the record of exactly the execution that the event names.

use serde_json::{Value, json};
use tracehook_core::record::{ExecutionId, ExecutionState, token_in_name};

use super::StatusChange;
use crate::Reconciler;
use crate::deadline::now;
use crate::error::ReconcileError;
use crate::outcome::Outcome;

const TRIGGER: &str = "status_change";

impl Reconciler {
    pub(crate) async fn status_change(&self, change: &StatusChange) -> Result<Value, ReconcileError> {
        let id = ExecutionId {
            name: &change.durable_execution_name,
            arn: &change.durable_execution_arn,
            started_at: change.start_timestamp.as_deref().and_then(|at| at.parse().ok()),
        };
        let token = token_in_name(&self.config.starts.prefix, id.name);
        let (Some(token), Some(state)) = (token, ExecutionState::parse(&change.status)) else {
            tracing::warn!(action = TRIGGER, outcome = Outcome::Foreign.as_str(), "reconciled");
            return Ok(answer(Outcome::Foreign));
        };
        let Some(record) = self.store.state(&token, now()).await? else {
            tracing::error!(action = TRIGGER, outcome = Outcome::RecordMissing.as_str(), %token, "reconciled");
            return Ok(answer(Outcome::RecordMissing));
        };
        self.follow_engine(TRIGGER, &record, id, state).await.map(answer)
    }
}

fn answer(outcome: Outcome) -> Value {
    json!({"outcome": outcome.as_str()})
}
