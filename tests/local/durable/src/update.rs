//! The updates that a function sends in a checkpoint.

use serde::Deserialize;

use crate::{ErrorObject, Fault, OperationType};

/// The body of `CheckpointDurableExecution`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CheckpointRequest {
    /// The token of the last accepted call, or of the invocation.
    pub checkpoint_token: String,
    /// New per call and the same on transport retries: a repeat gets the first answer again.
    pub client_token: Option<String>,
    /// Applied in order, all or none.
    #[serde(default)]
    pub updates: Vec<OperationUpdate>,
}

/// One update of one operation.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct OperationUpdate {
    /// The operation.
    pub id: String,
    /// The CONTEXT it belongs to.
    pub parent_id: Option<String>,
    /// At most 256 characters.
    pub name: Option<String>,
    /// The type as sent; see [`OperationUpdate::supported_type`].
    #[serde(rename = "Type")]
    pub operation_type: String,
    /// The SDK's kind of operation.
    pub sub_type: Option<String>,
    /// START, SUCCEED, FAIL, RETRY or CANCEL.
    pub action: String,
    /// A result, or the state that a retry carries on.
    pub payload: Option<String>,
    /// An error.
    pub error: Option<ErrorObject>,
    /// For STEP.RETRY.
    pub step_options: Option<StepOptions>,
    /// For WAIT.START.
    pub wait_options: Option<WaitOptions>,
    /// For CONTEXT.SUCCEED.
    pub context_options: Option<ContextOptions>,
}

/// The options of a step.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct StepOptions {
    /// Seconds until the next try.
    pub next_attempt_delay_seconds: Option<i64>,
}

/// The options of a wait.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct WaitOptions {
    /// Seconds to wait.
    pub wait_seconds: Option<i64>,
}

/// The options of a child context.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ContextOptions {
    /// The result is too large to keep and is rebuilt from the children.
    pub replay_children: Option<bool>,
}

/// The action of an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Begins an operation or a try.
    Start,
    /// Closes it with a result.
    Succeed,
    /// Closes it with an error.
    Fail,
    /// Asks for another try later.
    Retry,
    /// Gives up a wait.
    Cancel,
}

impl OperationUpdate {
    /// The type, if this engine runs it.
    ///
    /// # Errors
    /// [`Fault::InvalidParameter`] that names the type.
    pub fn supported_type(&self) -> Result<OperationType, Fault> {
        match self.operation_type.as_str() {
            "STEP" => Ok(OperationType::Step),
            "WAIT" => Ok(OperationType::Wait),
            "CONTEXT" => Ok(OperationType::Context),
            "EXECUTION" => Ok(OperationType::Execution),
            known @ ("CALLBACK" | "CHAINED_INVOKE") => Err(Fault::invalid(format!(
                "Unsupported operation type {known}: this host runs STEP, WAIT and CONTEXT operations."
            ))),
            other => Err(Fault::invalid(format!("Unknown operation type {other:?}."))),
        }
    }

    /// The action.
    ///
    /// # Errors
    /// [`Fault::InvalidParameter`] when there is no such action.
    pub fn parsed_action(&self) -> Result<Action, Fault> {
        match self.action.as_str() {
            "START" => Ok(Action::Start),
            "SUCCEED" => Ok(Action::Succeed),
            "FAIL" => Ok(Action::Fail),
            "RETRY" => Ok(Action::Retry),
            "CANCEL" => Ok(Action::Cancel),
            other => Err(Fault::invalid(format!(
                "Invalid action {other:?} for the given operation type."
            ))),
        }
    }
}
