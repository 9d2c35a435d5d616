//! Errors of the durable execution service.

use aws_sdk_lambda::error::{ProvideErrorMetadata, SdkError};
use tracehook_core::record::Start;

/// A call of the service failed. Both variants hold the error's code only.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// The same call may succeed later.
    #[error("the durable service is unavailable ({0})")]
    Unavailable(String),
    /// The service refuses a start until somebody changes the deployment.
    #[error("the durable service refused the start ({0})")]
    StartRefused(String),
}

impl EngineError {
    /// # Errors
    /// When the execution does not run.
    pub fn unless_running(start: Start) -> Result<(), Self> {
        match start {
            Start::Started | Start::AlreadyRunning => Ok(()),
            Start::Deferred { code } => Err(Self::Unavailable(code)),
            Start::Refused { code } => Err(Self::StartRefused(code)),
        }
    }

    pub(crate) fn unavailable<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> Self {
        Self::Unavailable(code(error))
    }
}

/// The service's code for an error; never its message.
pub(crate) fn code<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> String {
    error.code().unwrap_or("no answer").to_owned()
}
