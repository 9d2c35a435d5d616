//! No signature: for a producer that cannot sign, on a path that only it can reach. Never without `ALLOW_UNSIGNED`.

use super::generic;
use super::scheme::{Delivery, Headers, Scheme, SignatureError};
use crate::secret::Secret;

pub(super) struct Unsigned;

impl Scheme for Unsigned {
    fn name(&self) -> &'static str {
        "none"
    }

    fn headers(&self) -> Headers {
        generic::HEADERS
    }

    fn needs_secret(&self) -> bool {
        false
    }

    fn verify(&self, _: &Delivery<'_>, secrets: &[Secret]) -> Result<(), SignatureError> {
        // A source that has a secret never accepts an unsigned body, whatever its configuration says.
        if secrets.is_empty() {
            Ok(())
        } else {
            Err(SignatureError::Missing)
        }
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
