//! No signature: for a producer that cannot sign, on a path that only it can reach. Never without `ALLOW_UNSIGNED`.

use http::HeaderMap;

use super::generic;
use super::scheme::{Delivery, Description, Headers, Scheme, SignatureError};
use crate::body::Shape;
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
