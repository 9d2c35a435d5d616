//! Errors of calls to the table and to the bucket.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use crate::value::CorruptItem;

/// A call that failed. Texts hold codes only: a service's message may quote an item.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The table, the bucket or the network is overloaded, slow or unreachable; the same call may succeed later.
    #[error("the store is unavailable ({0})")]
    Unavailable(String),
    /// The table or the bucket refuses the call; repeating it does not help.
    #[error("the store refuses the call ({0})")]
    Refused(String),
    /// The payload has other bytes than the record's digest says.
    #[error("the payload is not the one that was received")]
    Damaged,
    /// An item is not what this version writes.
    #[error("an item cannot be read: {0}")]
    Corrupt(#[from] CorruptItem),
}

impl StoreError {
    /// True if the same call may succeed later.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }

    /// Judges an SDK error: anything but a client error with a code is worth another try, and so are the codes of
    /// throttles, and those that S3 sends with a status that says otherwise.
    pub(crate) fn from_sdk<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Self {
        const TRANSIENT: [&str; 7] = [
            "ProvisionedThroughputExceededException",
            "ThrottlingException",
            "RequestLimitExceeded",
            "LimitExceededException",
            "SlowDown",
            "RequestTimeout",
            "InternalError",
        ];
        let transient = match error {
            SdkError::ServiceError(service) => service.raw().status().as_u16() >= 500,
            SdkError::ConstructionFailure(_) => false,
            _ => true,
        };
        let code = match error {
            SdkError::ServiceError(service) => service.err().code().unwrap_or("unknown"),
            SdkError::TimeoutError(_) => "timeout",
            SdkError::DispatchFailure(_) => "connection",
            SdkError::ResponseError(_) => "response",
            _ => "request",
        };
        if transient || TRANSIENT.contains(&code) {
            Self::Unavailable(code.to_owned())
        } else {
            Self::Refused(code.to_owned())
        }
    }
}
