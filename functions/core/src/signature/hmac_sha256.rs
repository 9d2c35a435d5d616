//! A producer of one's own: HMAC-SHA256 of the body in `X-Webhook-Signature`, hex, with or without `sha256=`.

use http::{HeaderMap, HeaderName};

use super::{Delivery, Description, Scheme, SignatureError, hmac_hex};
use crate::body::Shape;
use crate::secret::Secret;

const SIGNATURE: HeaderName = HeaderName::from_static("x-webhook-signature");

/// The delivery id of a producer of one's own.
pub(super) const DELIVERY: HeaderName = HeaderName::from_static("x-webhook-id");

const EVENT: HeaderName = HeaderName::from_static("x-webhook-event");

/// Fields by which producers commonly name an event's type, in the order in which they are believed.
const TYPES: [&[&str]; 3] = [&["type"], &["event_type"], &["event"]];
const SUBJECT: &[&str] = &["source"];

/// The fields that [`describe`] reads.
pub(super) const FIELDS: &[&[&str]] = &[&["type"], &["event_type"], &["event"], SUBJECT];

pub(super) struct HmacSha256;

impl Scheme for HmacSha256 {
    fn verify(&self, delivery: &Delivery<'_>, secrets: &[Secret]) -> Result<(), SignatureError> {
        hmac_hex::verify(&SIGNATURE, delivery, secrets)
    }

    fn delivery_id_header(&self) -> HeaderName {
        DELIVERY
    }

    fn fields(&self) -> &'static [&'static [&'static str]] {
        FIELDS
    }

    fn describe(&self, headers: &HeaderMap, shape: &Shape) -> Description {
        describe(headers, shape)
    }
}

/// The type is in `X-Webhook-Event` or a common field of the body; the subject in the body's `source`.
pub(super) fn describe(headers: &HeaderMap, shape: &Shape) -> Description {
    let in_header = headers.get(EVENT).and_then(|value| value.to_str().ok());
    Description {
        event_type: in_header
            .or_else(|| TYPES.iter().find_map(|path| shape.text(path)))
            .map(str::to_owned),
        subject: shape.text(SUBJECT).map(str::to_owned),
    }
}
