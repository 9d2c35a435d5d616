//! GitHub: HMAC-SHA256 of the body in `X-Hub-Signature-256`, the event's type and delivery id in headers of their own.
//!
//! Source: GitHub's documentation, "Validating webhook deliveries" and "Webhook events and payloads".

use http::{HeaderMap, HeaderName};

use super::{Delivery, Description, Scheme, SignatureError, hmac_hex};
use crate::body::Shape;
use crate::secret::Secret;

const SIGNATURE: HeaderName = HeaderName::from_static("x-hub-signature-256");
const DELIVERY: HeaderName = HeaderName::from_static("x-github-delivery");
const EVENT: HeaderName = HeaderName::from_static("x-github-event");

const REPOSITORY: &[&str] = &["repository", "full_name"];
const ORGANIZATION: &[&str] = &["organization", "login"];
const SENDER: &[&str] = &["sender", "login"];

pub(super) struct Github;

impl Scheme for Github {
    fn verify(&self, delivery: &Delivery<'_>, secrets: &[Secret]) -> Result<(), SignatureError> {
        hmac_hex::verify(&SIGNATURE, delivery, secrets)
    }

    fn delivery_id_header(&self) -> HeaderName {
        DELIVERY
    }

    fn fields(&self) -> &'static [&'static [&'static str]] {
        &[REPOSITORY, ORGANIZATION, SENDER]
    }

    fn describe(&self, headers: &HeaderMap, shape: &Shape) -> Description {
        Description {
            event_type: headers
                .get(EVENT)
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned),
            subject: [REPOSITORY, ORGANIZATION, SENDER]
                .iter()
                .find_map(|path| shape.text(path))
                .map(str::to_owned),
        }
    }
}
