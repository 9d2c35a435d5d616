//! GitHub: HMAC-SHA256 of the body in `X-Hub-Signature-256`, the event's type in `X-GitHub-Event`, the delivery id in
//! `X-GitHub-Delivery`.
//!
//! Source: GitHub's documentation, "Validating webhook deliveries" and "Webhook events and payloads".

use http::{HeaderMap, HeaderName, HeaderValue};

use super::hmac_hex;
use super::scheme::{Delivery, Description, Headers, Scheme, SignatureError};
use crate::body::Shape;
use crate::secret::Secret;

const SIGNATURE: HeaderName = HeaderName::from_static("x-hub-signature-256");
const DELIVERY: HeaderName = HeaderName::from_static("x-github-delivery");
const EVENT: HeaderName = HeaderName::from_static("x-github-event");

/// The fields that may name the subject, the first one first.
const SUBJECTS: &[&[&str]] = &[
    &["repository", "full_name"],
    &["organization", "login"],
    &["sender", "login"],
];

pub(super) struct Github;

impl Scheme for Github {
    fn name(&self) -> &'static str {
        "github"
    }

    fn headers(&self) -> Headers {
        Headers {
            hex_signature: Some("X-Hub-Signature-256"),
            delivery_id: Some("X-GitHub-Delivery"),
            event_type: Some("X-GitHub-Event"),
        }
    }

    fn verify(&self, delivery: &Delivery<'_>, secrets: &[Secret]) -> Result<(), SignatureError> {
        hmac_hex::verify(&SIGNATURE, delivery, secrets)
    }

    fn fields(&self) -> &'static [&'static [&'static str]] {
        SUBJECTS
    }

    fn delivery_id<'a>(&self, headers: &'a HeaderMap, _: &'a Shape) -> Option<&'a [u8]> {
        headers.get(DELIVERY).map(HeaderValue::as_bytes)
    }

    fn describe(&self, headers: &HeaderMap, shape: &Shape) -> Description {
        Description {
            event_type: headers
                .get(EVENT)
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned),
            subject: SUBJECTS.iter().find_map(|path| shape.text(path)).map(str::to_owned),
        }
    }
}
