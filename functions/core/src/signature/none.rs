//! No signature: for a producer that cannot sign, on a path that only it can reach. Never without `ALLOW_UNSIGNED`.

use http::{HeaderMap, HeaderName};

use super::hmac_sha256::{DELIVERY, FIELDS, describe};
use super::{Delivery, Description, Scheme, SignatureError};
use crate::body::Shape;
use crate::secret::Secret;

pub(super) struct Unsigned;

impl Scheme for Unsigned {
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
