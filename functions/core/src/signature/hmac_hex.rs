//! HMAC-SHA256 over the body, in hex, in one header: the form that several schemes share.

use hmac::{Hmac, KeyInit, Mac};
use http::HeaderName;
use sha2::Sha256;

use super::scheme::{Delivery, SignatureError};
use crate::secret::Secret;

/// Verifies `HEADER: [sha256=]HEX` over the raw body.
///
/// Every secret is tried, whether or not an earlier one matched, and each comparison takes the same time wherever the
/// bytes differ.
pub(super) fn verify(header: &HeaderName, delivery: &Delivery<'_>, secrets: &[Secret]) -> Result<(), SignatureError> {
    let text = match delivery.headers.get(header) {
        None => return Err(SignatureError::Missing),
        Some(value) => value.to_str().map_err(|_| SignatureError::Malformed)?.trim(),
    };
    if text.is_empty() {
        return Err(SignatureError::Missing);
    }
    let mut given = [0; 32];
    hex::decode_to_slice(text.strip_prefix("sha256=").unwrap_or(text), &mut given)
        .map_err(|_| SignatureError::Malformed)?;
    let mut matched = false;
    for secret in secrets {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose()).map_err(|_| SignatureError::Mismatch)?;
        mac.update(delivery.body);
        matched |= mac.verify_slice(&given).is_ok();
    }
    if matched { Ok(()) } else { Err(SignatureError::Mismatch) }
}
