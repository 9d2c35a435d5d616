//! Signed tokens (RFC 7519) as a producer writes them, and as somebody forges them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// A token with these parts and this signature of them.
pub(super) fn token(header: &Value, claims: &Value, signature: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(header), part(claims));
    let signature = URL_SAFE_NO_PAD.encode(signature(signed.as_bytes()));
    format!("{signed}.{signature}")
}

/// The signature with a shared key.
pub(super) fn hs256(key: &str, signed: &[u8]) -> Vec<u8> {
    hex::decode(tracehook_test_support::sign(key, signed)).unwrap()
}

/// A token with another header and the same claims and signature.
pub(super) fn with_header(token: &str, header: &Value) -> String {
    let (_, rest) = token.split_once('.').unwrap();
    format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header.to_string()))
}

/// A token with other claims and the same header and signature.
pub(super) fn with_claims(token: &str, claims: &Value) -> String {
    let (header, rest) = token.split_once('.').unwrap();
    let (_, signature) = rest.split_once('.').unwrap();
    format!("{header}.{}.{signature}", URL_SAFE_NO_PAD.encode(claims.to_string()))
}
