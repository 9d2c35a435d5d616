//! Why an invocation has no result: what the Lambda runtime's readers get, with a stable code as its type.

use std::fmt::Display;

use lambda_runtime::Diagnostic;

/// An invocation without a result. The engine repeats it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct InvocationError {
    code: &'static str,
    message: String,
}

impl InvocationError {
    /// The event is no invocation of a durable execution.
    pub(crate) fn refused(error: impl Display) -> Self {
        Self::logged("invocation_refused", &error)
    }

    /// The SDK could not bring the invocation to its end, such as for a checkpoint that was refused.
    pub(crate) fn interrupted(error: impl Display) -> Self {
        Self::logged("invocation_interrupted", &error)
    }

    /// Logs the error here, where the line has the request's context.
    fn logged(code: &'static str, error: &dyn Display) -> Self {
        let message = error.to_string();
        tracing::error!(code, error = message, "the invocation has no result");
        Self { code, message }
    }
}

impl From<InvocationError> for Diagnostic {
    fn from(error: InvocationError) -> Self {
        Self {
            error_type: error.code.to_owned(),
            error_message: error.message,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_of_the_error_get_a_code_and_no_name_of_a_type() {
        for (error, code) in [
            (InvocationError::refused("no envelope"), "invocation_refused"),
            (InvocationError::interrupted("no envelope"), "invocation_interrupted"),
        ] {
            let told = Diagnostic::from(error);
            assert_eq!((&*told.error_type, &*told.error_message), (code, "no envelope"));
        }
    }
}
