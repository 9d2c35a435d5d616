//! The interface of a signature scheme: verify a delivery, identify it, describe it.
//!
//! A scheme sees the raw bytes and headers, every live secret and the time of receipt; it compares in constant time and
//! never parses the body before it is verified.

use http::HeaderMap;

use crate::body::Shape;
use crate::rejection::Rejection;
use crate::secret::Secret;
use crate::timestamp::Timestamp;

/// A request as it arrived.
#[derive(Debug, Clone, Copy)]
pub struct Delivery<'a> {
    /// Names in any case; `http` compares them without case.
    pub headers: &'a HeaderMap,
    /// The bytes that were signed.
    pub body: &'a [u8],
    /// When it was received; schemes with a timestamp judge their tolerance by it.
    pub received_at: Timestamp,
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
}

impl From<SignatureError> for Rejection {
    fn from(error: SignatureError) -> Self {
        match error {
            SignatureError::Missing => Self::SignatureMissing,
            SignatureError::Malformed => Self::SignatureMalformed,
            SignatureError::Mismatch => Self::SignatureMismatch,
        }
    }
}

/// The subject of a verified delivery in the producer's words; a field is absent where the producer names none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Description {
    /// The event's type, for example `push`.
    pub event_type: Option<String>,
    /// The thing that the event concerns, for example `octocat/hello-world`.
    pub subject: Option<String>,
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

/// One producer's way of signing, identifying and describing its deliveries.
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

    /// The body's fields that [`Scheme::delivery_id`] and [`Scheme::describe`] read, as paths of object keys.
    fn fields(&self) -> &'static [&'static [&'static str]];

    /// The producer's id of the delivery as it was sent, unchecked: a header's value or a field of the body.
    fn delivery_id<'a>(&self, headers: &'a HeaderMap, shape: &'a Shape) -> Option<&'a [u8]>;

    /// Reads type and subject from the headers and the body.
    fn describe(&self, headers: &HeaderMap, shape: &Shape) -> Description;
}
