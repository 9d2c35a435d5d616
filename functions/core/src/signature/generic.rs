//! Headers and fields of your own producer, which the schemes without a named producer share.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::scheme::{Description, Headers};
use crate::body::Shape;

/// The headers of a delivery, without a signature.
pub(super) const HEADERS: Headers = Headers {
    hex_signature: None,
    delivery_id: Some("X-Webhook-Id"),
    event_type: Some("X-Webhook-Event"),
};
const DELIVERY: HeaderName = HeaderName::from_static("x-webhook-id");
const EVENT: HeaderName = HeaderName::from_static("x-webhook-event");

/// The fields that [`describe`] reads: three that may name the event's type, the first one first, and the subject.
pub(super) const FIELDS: &[&[&str]] = &[&["type"], &["event_type"], &["event"], SUBJECT];
const SUBJECT: &[&str] = &["source"];

/// The id in `X-Webhook-Id`.
pub(super) fn delivery_id(headers: &HeaderMap) -> Option<&[u8]> {
    headers.get(DELIVERY).map(HeaderValue::as_bytes)
}

/// The type in `X-Webhook-Event` or a common field of the body, the subject in the body's `source`.
pub(super) fn describe(headers: &HeaderMap, shape: &Shape) -> Description {
    let in_header = headers.get(EVENT).and_then(|value| value.to_str().ok());
    let mut types = FIELDS.iter().filter(|path| **path != SUBJECT);
    Description {
        event_type: in_header
            .or_else(|| types.find_map(|path| shape.text(path)))
            .map(str::to_owned),
        subject: shape.text(SUBJECT).map(str::to_owned),
    }
}
