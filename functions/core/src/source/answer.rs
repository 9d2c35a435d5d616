//! What a source's accepted deliveries are answered where the producer does not take the contract of the API.

use http::{HeaderName, HeaderValue, StatusCode};

/// The largest body of an answer, in bytes.
pub(super) const MAX_BODY_BYTES: usize = 4096;

/// An answer that is the same for every accepted delivery. Token, status URL and trace are in headers beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixedAnswer {
    /// A status of success.
    pub status: StatusCode,
    /// The content type; absent where there is no body.
    pub content_type: Option<HeaderValue>,
    /// The body.
    pub body: String,
    /// Further headers.
    pub headers: Vec<(HeaderName, HeaderValue)>,
}
