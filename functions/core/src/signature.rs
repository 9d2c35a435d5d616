//! A delivery as it is verified, and why it is not accepted.

use http::{HeaderMap, Method};

use crate::rejection::Rejection;
use crate::timestamp::Timestamp;

/// A request as it arrived.
#[derive(Debug, Clone, Copy)]
pub struct Delivery<'a> {
    /// The method.
    pub method: &'a Method,
    /// What follows the question mark, as the gateway received it; empty where there is none.
    pub query: &'a str,
    /// Names in any case; `http` compares them without case.
    pub headers: &'a HeaderMap,
    /// The bytes that were signed.
    pub body: &'a [u8],
    /// When it was received; what has a time is judged by it.
    pub received_at: Timestamp,
}

impl<'a> Delivery<'a> {
    /// A POST without a query.
    #[must_use]
    pub const fn post(headers: &'a HeaderMap, body: &'a [u8], received_at: Timestamp) -> Self {
        Self {
            method: &Method::POST,
            query: "",
            headers,
            body,
            received_at,
        }
    }
}

/// A signature that is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The header is absent or empty.
    #[error("no signature")]
    Missing,
    /// The header is not of the form that the source names.
    #[error("the signature is not of the source's form")]
    Malformed,
    /// No live secret gives this signature.
    #[error("no live secret gives this signature")]
    Mismatch,
    /// The signature is right, and its time too far from that of the receipt.
    #[error("the signature is of another time")]
    Stale,
}

impl From<SignatureError> for Rejection {
    fn from(error: SignatureError) -> Self {
        match error {
            SignatureError::Missing => Self::SignatureMissing,
            SignatureError::Malformed => Self::SignatureMalformed,
            SignatureError::Mismatch => Self::SignatureMismatch,
            SignatureError::Stale => Self::SignatureStale,
        }
    }
}
