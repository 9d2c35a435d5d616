//! The answer to an accepted checkpoint.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{Operation, TimeForm};

/// The next token and the operations that changed.
#[derive(Clone, Debug)]
pub struct CheckpointAnswer {
    /// The token for the next call.
    pub token: String,
    /// Whole operations that changed since the function last saw the state.
    pub operations: Vec<Arc<Operation>>,
    /// Set when they did not fit: the SDK then reads the whole state with the new token.
    pub next_marker: Option<String>,
}

impl CheckpointAnswer {
    /// The body of the HTTP response.
    #[must_use]
    pub fn render(&self) -> Value {
        let operations: Vec<_> = self
            .operations
            .iter()
            .map(|operation| operation.render(TimeForm::Seconds))
            .collect();
        let mut state = json!({ "Operations": operations });
        if let (Some(marker), Some(state)) = (&self.next_marker, state.as_object_mut()) {
            state.insert("NextMarker".to_owned(), json!(marker));
        }
        json!({ "CheckpointToken": self.token, "NewExecutionState": state })
    }
}
