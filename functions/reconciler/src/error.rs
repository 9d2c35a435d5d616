//! Errors that fail an invocation.

use lambda_runtime::Diagnostic;
use tracehook_engine::EngineError;
use tracehook_store::StoreError;

use crate::triggers::InvalidTrigger;

/// An invocation that failed. Its caller repeats it, or reads the error.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    /// The event has no known form.
    #[error(transparent)]
    Trigger(#[from] InvalidTrigger),
    /// A call of the table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A call of the durable service failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl From<ReconcileError> for Diagnostic {
    fn from(error: ReconcileError) -> Self {
        let error_type = match error {
            ReconcileError::Trigger(_) => "EventNotUnderstood",
            ReconcileError::Store(_) => "StoreUnavailable",
            ReconcileError::Engine(_) => "EngineUnavailable",
        };
        Self {
            error_type: error_type.to_owned(),
            error_message: error.to_string(),
        }
    }
}
