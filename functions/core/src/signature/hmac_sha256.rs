//! Your own producer: HMAC-SHA256 of the body in `X-Webhook-Signature`, hex, with or without `sha256=`.

use http::HeaderName;

use super::scheme::{Delivery, Headers, Scheme, SignatureError};
use super::{generic, hmac_hex};
use crate::secret::Secret;

const SIGNATURE: HeaderName = HeaderName::from_static("x-webhook-signature");

pub(super) struct HmacSha256;

impl Scheme for HmacSha256 {
    fn name(&self) -> &'static str {
        "hmac-sha256"
    }

    fn headers(&self) -> Headers {
        Headers {
            hex_signature: Some("X-Webhook-Signature"),
            ..generic::HEADERS
        }
    }

    fn verify(&self, delivery: &Delivery<'_>, secrets: &[Secret]) -> Result<(), SignatureError> {
        hmac_hex::verify(&SIGNATURE, delivery, secrets)
    }

    fn id(&self) -> &'static [&'static str] {
        generic::ID
    }

    fn event(&self) -> &'static [&'static str] {
        generic::EVENT
    }

    fn subject(&self) -> &'static [&'static str] {
        generic::SUBJECT
    }

    fn keep_headers(&self) -> &'static [&'static str] {
        generic::KEEP_HEADERS
    }
}
