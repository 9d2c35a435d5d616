//! The output of an invocation of a durable function.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::ErrorObject;

/// The answer of an invocation that ended normally.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvocationOutput {
    /// The handler returned; the result is JSON text.
    Succeeded(Option<String>),
    /// The handler failed.
    Failed(ErrorObject),
    /// Suspended: invoke again when something is due.
    Pending,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Wire {
    status: Option<String>,
    result: Option<Value>,
    error: Option<ErrorObject>,
}

impl InvocationOutput {
    /// Reads an answer.
    ///
    /// # Errors
    /// The error that fails the execution at once: unparsable JSON, an unknown status, a result beside FAILED, an error
    /// beside SUCCEEDED (official emulator: `InvalidParameterValueException`).
    pub fn parse(body: &[u8]) -> Result<Self, ErrorObject> {
        let invalid = |message: &str| ErrorObject::new("InvalidParameterValueException", message);
        // By way of a map, because a struct would also be read from an array.
        let wire: Wire = serde_json::from_slice::<Map<String, Value>>(body)
            .and_then(|fields| serde_json::from_value(Value::Object(fields)))
            .map_err(|_| invalid("Invalid invocation output: not a durable answer."))?;
        match wire.status.as_deref() {
            Some("SUCCEEDED") if wire.error.is_some() => Err(invalid("Cannot provide an Error for SUCCEEDED status.")),
            Some("SUCCEEDED") => match wire.result {
                None | Some(Value::Null) => Ok(Self::Succeeded(None)),
                Some(Value::String(text)) => Ok(Self::Succeeded(Some(text))),
                Some(_) => Err(invalid("Invalid invocation output: Result must be a string.")),
            },
            Some("FAILED") if wire.result.is_some_and(|result| !result.is_null()) => {
                Err(invalid("Cannot provide a Result for FAILED status."))
            }
            Some("FAILED") => Ok(Self::Failed(wire.error.unwrap_or_default())),
            Some("PENDING") => Ok(Self::Pending),
            Some(other) => Err(invalid(&format!("Unexpected invocation status: {other}"))),
            None => Err(invalid("Response status is required")),
        }
    }
}
