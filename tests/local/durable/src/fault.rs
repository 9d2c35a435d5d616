//! Refusals of the durable API.

/// A refusal; it changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// 400 `InvalidParameterValueException` with this message.
    #[error("{0}")]
    InvalidParameter(String),
    /// The checkpoint token is not the current one. Also 400 `InvalidParameterValueException`; the message begins as the
    /// service's own, by which SDKs recognise it and end the invocation instead of the execution.
    #[error("Invalid checkpoint token: it is not the current one of this execution")]
    StaleToken,
}

impl Fault {
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::InvalidParameter(message.into())
    }
}
