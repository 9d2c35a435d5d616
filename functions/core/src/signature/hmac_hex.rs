//! HMAC-SHA256 over the body, in hex, in one header: the form that several schemes share.

use hmac::{Hmac, KeyInit, Mac};
use http::HeaderName;
use sha2::Sha256;

use super::scheme::{Delivery, SignatureError};
use crate::secret::Secret;

/// Verifies `HEADER: [sha256=]HEX` over the raw body.
pub(super) fn verify(header: &HeaderName, delivery: &Delivery<'_>, secrets: &[Secret]) -> Result<(), SignatureError> {
    let given = decode(text_of(header, "sha256=", delivery)?)?;
    if matches(&given, &[delivery.body], secrets) {
        Ok(())
    } else {
        Err(SignatureError::Mismatch)
    }
}

/// The text of the signature's header, without `prefix`. A header that says nothing is absent, also behind the prefix.
pub(super) fn text_of<'d>(
    header: &HeaderName,
    prefix: &str,
    delivery: &Delivery<'d>,
) -> Result<&'d str, SignatureError> {
    let value = delivery.headers.get(header).ok_or(SignatureError::Missing)?;
    let text = value.to_str().map_err(|_| SignatureError::Malformed)?.trim();
    match text.strip_prefix(prefix).unwrap_or(text) {
        "" => Err(SignatureError::Missing),
        text => Ok(text),
    }
}

/// The bytes of a signature in hex.
pub(super) fn decode(hex: &str) -> Result<[u8; 32], SignatureError> {
    let mut given = [0; 32];
    hex::decode_to_slice(hex, &mut given).map_err(|_| SignatureError::Malformed)?;
    Ok(given)
}

/// Whether any secret signs the concatenated `parts` so.
///
/// Every secret is tried, whether or not an earlier one matched, and each comparison takes the same time wherever the
/// bytes differ.
pub(super) fn matches(given: &[u8; 32], parts: &[&[u8]], secrets: &[Secret]) -> bool {
    let mut matched = false;
    for secret in secrets {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose()) else {
            continue;
        };
        for part in parts {
            mac.update(part);
        }
        matched |= mac.verify_slice(given).is_ok();
    }
    matched
}
