//! How a producer proves that a body is its own: one interface, one file per scheme.
//!
//! A scheme sees the raw bytes and headers, every live secret and the time of receipt; it compares in constant time and
//! never parses the body before it is verified.

mod github;
mod hmac_hex;
mod hmac_sha256;
mod none;

use http::{HeaderMap, HeaderName};
use serde::{Deserialize, Serialize};

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

/// Why a signature is not accepted.
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

/// What a verified body is about, in the producer's own words; each is absent where the producer does not say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Description {
    /// The event's type, for example `push`.
    pub event_type: Option<String>,
    /// What the event is about, for example `octocat/hello-world`.
    pub subject: Option<String>,
}

/// One producer's way of signing, naming and describing its deliveries.
pub trait Scheme: Sync {
    /// Whether a source with this scheme must have a secret.
    fn needs_secret(&self) -> bool {
        true
    }

    /// Verifies the body against every live secret.
    ///
    /// # Errors
    /// When the signature is missing, malformed, or given by none of the secrets (none at all included).
    fn verify(&self, delivery: &Delivery<'_>, secrets: &[Secret]) -> Result<(), SignatureError>;

    /// The header with the producer's delivery id.
    fn delivery_id_header(&self) -> HeaderName;

    /// The body's fields that [`Scheme::describe`] reads, as paths of object keys.
    fn fields(&self) -> &'static [&'static [&'static str]];

    /// Says what the delivery is about.
    fn describe(&self, headers: &HeaderMap, shape: &Shape) -> Description;
}

/// The name of a scheme in the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SchemeName {
    /// GitHub: `X-Hub-Signature-256`.
    Github,
    /// Any producer of one's own: `X-Webhook-Signature`.
    #[serde(rename = "hmac-sha256")]
    HmacSha256,
    /// No signature at all. A deployment takes it only with `ALLOW_UNSIGNED`.
    None,
}

impl SchemeName {
    /// The scheme of this name.
    #[must_use]
    pub fn scheme(self) -> &'static dyn Scheme {
        match self {
            Self::Github => &github::Github,
            Self::HmacSha256 => &hmac_sha256::HmacSha256,
            Self::None => &none::Unsigned,
        }
    }
}

#[cfg(test)]
mod vectors;
