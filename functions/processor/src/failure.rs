//! Why a step failed, in a form that survives the engine: the code is the checkpointed error's type.

use std::error::Error;
use std::time::Duration;

use aws_durable_execution_sdk::{BoxError, OperationError, TypedError};
use tracehook_core::record::Failure;
use tracehook_store::StoreError;
use tracehook_telemetry::durable::TryFailure;

/// The longest message that is kept, in characters.
const MAX_MESSAGE_CHARS: usize = 500;

/// The failure of one try of a step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .failure.message)]
pub(crate) struct StepFailure {
    pub(crate) failure: Failure,
    /// Whether another try may succeed.
    pub(crate) transient: bool,
    /// The delay before the next try, if there is to be one.
    pub(crate) retry_in: Option<Duration>,
}

impl StepFailure {
    fn new(code: impl Into<String>, message: impl Into<String>, transient: bool) -> Self {
        let message = message.into().chars().take(MAX_MESSAGE_CHARS).collect();
        Self {
            failure: Failure {
                code: code.into(),
                message,
            },
            transient,
            retry_in: None,
        }
    }

    pub(crate) fn permanent(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(code, message, false)
    }

    pub(crate) fn transient(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(code, message, true)
    }

    /// This execution must not go on: the record is another's or has ended.
    pub(crate) fn superseded() -> Self {
        Self::permanent("superseded", "the webhook was ended or taken over by another execution")
    }

    /// As a step's error. The engine records the code as its type.
    pub(crate) fn into_error(self) -> BoxError {
        Box::new(TypedError::with_type(self.failure.code.clone(), self))
    }

    /// The failure somewhere in a chain of errors.
    pub(crate) fn find<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Self> {
        let mut link = Some(error);
        while let Some(error) = link {
            if let Some(failure) = error.downcast_ref::<Self>() {
                return Some(failure);
            }
            // A typed error hides what it wraps from a plain walk over some versions of the chain.
            if let Some(failure) = error
                .downcast_ref::<TypedError>()
                .and_then(|typed| typed.inner().downcast_ref())
            {
                return Some(failure);
            }
            link = error.source();
        }
        None
    }
}

impl TryFailure for StepFailure {
    fn error_type(&self) -> &str {
        &self.failure.code
    }

    fn message(&self) -> String {
        self.failure.message.clone()
    }

    fn is_transient(&self) -> bool {
        self.transient
    }
}

impl From<StoreError> for StepFailure {
    fn from(error: StoreError) -> Self {
        let code = match error {
            StoreError::Unavailable(_) => "store_unavailable",
            StoreError::Refused(_) => "store_refused",
            StoreError::Corrupt(_) => "record_corrupt",
            StoreError::Damaged => "payload_damaged",
        };
        Self::new(code, error.to_string(), error.is_transient())
    }
}

/// The public failure of an operation that the engine has given up, the same whether it failed just now or is replayed.
pub(crate) fn of_operation(error: &OperationError) -> Failure {
    let wire = error.wire();
    let code = wire.and_then(|wire| wire.error_type()).unwrap_or("step_failed");
    let message = wire.and_then(|wire| wire.error_message()).unwrap_or("the step failed");
    // The engine joins the chain of errors with colons, the type first.
    let message = message
        .strip_prefix(code)
        .and_then(|rest| rest.strip_prefix(": "))
        .unwrap_or(message);
    Failure {
        code: code.to_owned(),
        message: message.to_owned(),
    }
}

/// Why a [`crate::Handler`] could not do its work. Code and message are public: the status answer shows them, so they
/// must not quote the payload. A code has 1 to 40 lower-case letters, digits and underscores; any other is shown as
/// `handler_failed`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct HandlerError {
    code: String,
    message: String,
    transient: bool,
}

impl HandlerError {
    /// Another try may succeed: the engine makes it, with backoff.
    pub fn transient(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            transient: true,
        }
    }

    /// No try can succeed: the webhook ends `failed`.
    pub fn permanent(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            transient: false,
        }
    }
}

impl From<HandlerError> for StepFailure {
    fn from(error: HandlerError) -> Self {
        let code = if is_code(&error.code) { &error.code } else { OTHER_CODE };
        Self::new(code, error.message, error.transient)
    }
}

/// The code of a handler's error whose own one cannot be a metric's dimension.
const OTHER_CODE: &str = "handler_failed";

/// The longest code of a handler, in characters.
const MAX_CODE_CHARS: usize = 40;

/// Each code is a series of a metric, which is paid.
fn is_code(code: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=MAX_CODE_CHARS).contains(&code.len()) && code.bytes().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_of_another_form_does_not_reach_metrics_and_status() {
        for (code, expected) in [
            ("shop_away", "shop_away"),
            ("http_503", "http_503"),
            ("", "handler_failed"),
            ("Shop away", "handler_failed"),
            ("order 4711", "handler_failed"),
            ("caf\u{e9}", "handler_failed"),
            (&"x".repeat(40), &"x".repeat(40)),
            (&"x".repeat(41), "handler_failed"),
        ] {
            let failure = StepFailure::from(HandlerError::transient(code, "m"));
            assert_eq!((failure.failure.code.as_str(), failure.transient), (expected, true));
        }
    }
}
