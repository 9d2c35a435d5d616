//! The event that starts an invocation of a durable function.

use serde_json::{Value, json};

use crate::{Execution, Page, TimeForm};

/// The invocation's input. `NextMarker` is empty when the state is complete; otherwise the SDK reads the whole state
/// anew from the start.
pub(crate) fn render(execution: &Execution, page: &Page, updated: &[String]) -> Value {
    let operations: Vec<Value> = page
        .operations
        .iter()
        .map(|operation| operation.render(TimeForm::Milliseconds))
        .collect();
    json!({
        "DurableExecutionArn": execution.arn(),
        "CheckpointToken": execution.current_token(),
        "InitialExecutionState": {
            "Operations": operations,
            "NextMarker": page.next_marker.as_deref().unwrap_or_default(),
        },
        "UpdatedOperationIds": updated,
    })
}
