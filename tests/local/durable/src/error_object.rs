//! The error object of the durable API: what failed, in four optional fields.

use serde::{Deserialize, Serialize};

/// An error as operations, executions and answers carry it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ErrorObject {
    /// The kind of error, often a type name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_type: Option<String>,
    /// The message for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// Data that the function defines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_data: Option<String>,
    /// Frames, innermost first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stack_trace: Option<Vec<String>>,
}

impl ErrorObject {
    /// An error with a type and a message and nothing else.
    #[must_use]
    pub fn new(error_type: &str, message: impl Into<String>) -> Self {
        Self {
            error_type: Some(error_type.to_owned()),
            error_message: Some(message.into()),
            ..Self::default()
        }
    }

    /// The size of the error as JSON, in bytes: what the service limits to 32,768.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        serde_json::to_vec(self).map_or(0, |json| json.len())
    }
}
