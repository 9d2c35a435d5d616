//! Refusals, in the form of S3's errors. Source: Amazon S3 API Reference, "Error responses".

use axum::response::{IntoResponse as _, Response};
use http::StatusCode;

use crate::request_id;

/// Why a call is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    NoSuchBucket,
    NoSuchKey,
    KeyTooLong,
    MissingContentLength,
    MissingContentSha256,
    ContentSha256Mismatch,
    InvalidChecksum,
    BadDigest,
    IncompleteBody,
    InvalidArgument,
    CopyOntoItself,
    NotImplemented,
    InternalError,
}

impl Refusal {
    const fn parts(self) -> (StatusCode, &'static str, &'static str) {
        let bad = StatusCode::BAD_REQUEST;
        match self {
            Self::NoSuchBucket => (
                StatusCode::NOT_FOUND,
                "NoSuchBucket",
                "The specified bucket does not exist",
            ),
            Self::NoSuchKey => (StatusCode::NOT_FOUND, "NoSuchKey", "The specified key does not exist."),
            Self::KeyTooLong => (bad, "KeyTooLongError", "Your key is too long"),
            Self::MissingContentLength => (
                StatusCode::LENGTH_REQUIRED,
                "MissingContentLength",
                "You must provide the Content-Length HTTP header.",
            ),
            Self::MissingContentSha256 => (
                bad,
                "InvalidRequest",
                "Missing required header for this request: x-amz-content-sha256",
            ),
            Self::ContentSha256Mismatch => (
                bad,
                "XAmzContentSHA256Mismatch",
                "The provided 'x-amz-content-sha256' header does not match what was computed.",
            ),
            Self::InvalidChecksum => (
                bad,
                "InvalidRequest",
                "Value for x-amz-checksum-sha256 header is invalid.",
            ),
            Self::BadDigest => (
                bad,
                "BadDigest",
                "The SHA256 you specified did not match the calculated checksum.",
            ),
            Self::IncompleteBody => (
                bad,
                "IncompleteBody",
                "You did not provide the number of bytes specified by the Content-Length HTTP header",
            ),
            Self::InvalidArgument => (
                bad,
                "InvalidArgument",
                "Copy Source must mention the source bucket and key",
            ),
            Self::CopyOntoItself => (
                bad,
                "InvalidRequest",
                "This copy request is illegal because it is trying to copy an object to itself without changing the \
                 object's metadata, storage class, website redirect location or encryption attributes.",
            ),
            Self::NotImplemented => (
                StatusCode::NOT_IMPLEMENTED,
                "NotImplemented",
                "This machine's S3 does not serve this request",
            ),
            Self::InternalError => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "InternalError",
                "We encountered an internal error. Please try again.",
            ),
        }
    }

    pub(crate) const fn status(self) -> StatusCode {
        self.parts().0
    }

    pub(crate) fn response(self) -> Response {
        let (status, code, message) = self.parts();
        error(status, code, message)
    }
}

/// An error as S3 writes it.
#[must_use]
pub fn error(status: StatusCode, code: &str, message: &str) -> Response {
    let id = request_id();
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{}</Code><Message>{}</Message><RequestId>{id}</RequestId></Error>",
        escaped(code),
        escaped(message)
    );
    let headers = [("Content-Type", "application/xml".to_owned()), ("x-amz-request-id", id)];
    (status, headers, body).into_response()
}
