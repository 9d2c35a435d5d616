//! Headers and fields of your own producer, which the schemes without a named producer share.

use super::scheme::Headers;

/// The headers of a delivery, without a signature.
pub(super) const HEADERS: Headers = Headers {
    hex_signature: None,
    delivery_id: Some("X-Webhook-Id"),
    event_type: Some("X-Webhook-Event"),
};
pub(super) const ID: &[&str] = &["header:X-Webhook-Id"];
/// The signed body before the header, which no signature covers.
pub(super) const EVENT: &[&str] = &[
    "json:/type",
    "json:/event_type",
    "json:/event",
    "header:X-Webhook-Event",
];
pub(super) const SUBJECT: &[&str] = &["json:/source"];
pub(super) const KEEP_HEADERS: &[&str] = &["X-Webhook-Id", "X-Webhook-Event", "User-Agent"];
