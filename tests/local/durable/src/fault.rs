//! Refusals of the durable API.

/// A refusal; it changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// 400 `InvalidParameterValueException` with this message.
    #[error("{0}")]
    InvalidParameter(String),
    /// The checkpoint token is not the current one. Also 400 `InvalidParameterValueException`: the SDK recognises it
    /// by the beginning of the message, letter case included, and ends the invocation instead of the execution.
    /// The case that the service itself sends is unconfirmed; this is the one the SDK looks for.
    #[error("Invalid Checkpoint Token: the token is not the current one of this execution")]
    StaleToken,
}

impl Fault {
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::InvalidParameter(message.into())
    }
}
