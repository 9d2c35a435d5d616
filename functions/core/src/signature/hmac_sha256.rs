//! Your own producer: HMAC-SHA256 of the body in `X-Webhook-Signature`, hex, with or without `sha256=`.

use http::{HeaderMap, HeaderName};

use super::scheme::{Delivery, Description, Headers, Scheme, SignatureError};
use super::{generic, hmac_hex};
use crate::body::Shape;
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

    fn fields(&self) -> &'static [&'static [&'static str]] {
        generic::FIELDS
    }

    fn delivery_id<'a>(&self, headers: &'a HeaderMap, _: &'a Shape) -> Option<&'a [u8]> {
        generic::delivery_id(headers)
    }

    fn describe(&self, headers: &HeaderMap, shape: &Shape) -> Description {
        generic::describe(headers, shape)
    }
}
