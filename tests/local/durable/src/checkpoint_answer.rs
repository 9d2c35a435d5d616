//! The answer to an accepted checkpoint.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{Operation, TimeForm};

/// The next token, if there is one, and the operations that changed.
#[derive(Clone, Debug)]
pub struct CheckpointAnswer {
    /// The token for the next call; none when the call closed the execution.
    pub token: Option<String>,
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
        let mut answer = json!({ "NewExecutionState": state });
        if let (Some(token), Some(answer)) = (&self.token, answer.as_object_mut()) {
            answer.insert("CheckpointToken".to_owned(), json!(token));
        }
        answer
    }
}
