//! The interface of a signature scheme: verify a delivery, and say where its identity and its type are.
//!
//! A scheme sees the raw bytes and headers, every live secret and the time of receipt; it compares in constant time and
//! never parses the body before it is verified.

use http::{HeaderMap, Method};

use crate::rejection::Rejection;
use crate::secret::Secret;
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
    /// When it was received; schemes with a timestamp judge their tolerance by it.
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
    /// The header is not of the scheme's form.
    #[error("the signature is not of the scheme's form")]
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

/// Headers of a scheme's deliveries as the producer writes them, for examples and documentation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Headers {
    /// Takes `sha256=` and the body's HMAC-SHA256 in hex; absent for a scheme that signs otherwise.
    pub hex_signature: Option<&'static str>,
    /// Takes the delivery id.
    pub delivery_id: Option<&'static str>,
    /// Takes the event's type.
    pub event_type: Option<&'static str>,
}

/// One producer's way of signing its deliveries, and where they say what they are.
pub trait Scheme: Sync {
    /// The scheme's name in the configuration.
    fn name(&self) -> &'static str;

    /// True if a source with this scheme must have a secret.
    fn needs_secret(&self) -> bool {
        true
    }

    /// The headers with which an example is sent.
    fn headers(&self) -> Headers {
        Headers::default()
    }

    /// Verifies the body against every live secret.
    ///
    /// # Errors
    /// When the signature is missing, malformed, or given by none of the secrets (none at all included).
    fn verify(&self, delivery: &Delivery<'_>, secrets: &[Secret]) -> Result<(), SignatureError>;

    /// The places of the delivery's identity: locators, the first one that is there counts.
    fn id(&self) -> &'static [&'static str];

    /// The places of the event's type.
    fn event(&self) -> &'static [&'static str];

    /// The places of the thing that the event concerns.
    fn subject(&self) -> &'static [&'static str];

    /// The headers that are kept for handlers.
    fn keep_headers(&self) -> &'static [&'static str];
}
