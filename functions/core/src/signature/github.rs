//! GitHub: HMAC-SHA256 of the body in `X-Hub-Signature-256`, the event's type in `X-GitHub-Event`, the delivery id in
//! `X-GitHub-Delivery` with `X-GitHub-Hook-ID`.
//!
//! Source: GitHub's documentation, "Validating webhook deliveries" and "Webhook events and payloads".

use http::HeaderName;

use super::hmac_hex;
use super::scheme::{Delivery, Headers, Scheme, SignatureError};
use crate::secret::Secret;

const SIGNATURE: HeaderName = HeaderName::from_static("x-hub-signature-256");

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

    /// One event has one GUID for all hooks that subscribe to it; a redelivery has the GUID and the hook of the first.
    fn id(&self) -> &'static [&'static str] {
        &[
            "header:X-GitHub-Delivery+header:X-GitHub-Hook-ID",
            "header:X-GitHub-Delivery",
        ]
    }

    fn event(&self) -> &'static [&'static str] {
        &["header:X-GitHub-Event"]
    }

    fn subject(&self) -> &'static [&'static str] {
        &[
            "json:/repository/full_name",
            "json:/organization/login",
            "json:/sender/login",
        ]
    }

    fn keep_headers(&self) -> &'static [&'static str] {
        &[
            "X-GitHub-Event",
            "X-GitHub-Delivery",
            "X-GitHub-Hook-ID",
            "X-GitHub-Hook-Installation-Target-Type",
            "X-GitHub-Hook-Installation-Target-ID",
            "X-GitHub-Enterprise-Host",
            "User-Agent",
        ]
    }
}
