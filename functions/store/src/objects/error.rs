//! Errors of S3.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::{ErrorMetadata, ProvideErrorMetadata};

use crate::error::StoreError;

/// S3 refused a call. Holds the error's code only.
#[derive(Debug, thiserror::Error)]
#[error("S3 refused the call")]
pub(super) struct S3Error {
    meta: ErrorMetadata,
}

impl S3Error {
    pub(super) fn new(code: &str) -> Self {
        Self {
            meta: ErrorMetadata::builder().code(code).build(),
        }
    }
}

impl ProvideErrorMetadata for S3Error {
    fn meta(&self) -> &ErrorMetadata {
        &self.meta
    }
}

/// What the caller of the store gets.
pub(super) fn of_the_store(error: &SdkError<S3Error, HttpResponse>) -> StoreError {
    let of_s3 = |code: String| format!("S3 {code}");
    match StoreError::from_sdk(error) {
        StoreError::Unavailable(code) => StoreError::Unavailable(of_s3(code)),
        StoreError::Refused(code) => StoreError::Refused(of_s3(code)),
        other => other,
    }
}

/// Whether the object is not there. S3 says so only to who may list the bucket; to others it says `AccessDenied`.
pub(super) fn is_gone(error: &SdkError<S3Error, HttpResponse>) -> bool {
    error.as_service_error().and_then(ProvideErrorMetadata::code) == Some("NoSuchKey")
}

/// The code in an error document, `<Error><Code>NoSuchKey</Code>…`. Source: Amazon S3 API Reference, "Error responses".
pub(super) fn code(document: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(document).ok()?;
    let (_, error) = text.split_once("<Error>")?;
    let (_, code) = error.split_once("<Code>")?;
    let (code, _) = code.split_once("</Code>")?;
    let is_code =
        !code.is_empty() && code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
    is_code.then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_document_has_a_code_and_nothing_else_has_one() {
        let document =
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>SlowDown</Code><Message>m</Message></Error>";
        assert_eq!(code(document.as_bytes()), Some("SlowDown"));
        for other in [
            &b""[..],
            b"<CopyObjectResult><ETag>x</ETag></CopyObjectResult>",
            b"<Error><Code></Code></Error>",
            b"<Error><Code>a secret text</Code></Error>",
            b"<Error><Code>Cut",
            b"\xff<Error><Code>NoSuchKey</Code></Error>",
        ] {
            assert_eq!(code(other), None, "{other:?}");
        }
    }
}
