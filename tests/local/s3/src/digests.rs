//! The digests of a body, and those that a call names of it.

use aws_lc_rs::digest::{SHA256, digest};
use axum::body::Bytes;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;

use crate::refusal::Refusal;

/// The SHA-256 of a body.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sha256(aws_lc_rs::digest::Digest);

impl Sha256 {
    pub(crate) fn of(body: &Bytes) -> Self {
        Self(digest(&SHA256, body))
    }

    pub(crate) fn hex(self) -> String {
        hex::encode(self.0)
    }

    pub(crate) fn base64(self) -> String {
        STANDARD.encode(self.0)
    }

    /// The tag of an object that is encrypted with a key of KMS is no MD5.
    pub(crate) fn etag(self) -> String {
        format!("\"{}\"", self.hex().get(..32).unwrap_or_default())
    }
}

/// Refuses a body with this digest that is not the one that was signed, or not the one of the checksum.
pub(crate) fn verify(headers: &HeaderMap, digest: Sha256) -> Result<(), Refusal> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    match text("x-amz-content-sha256").ok_or(Refusal::MissingContentSha256)? {
        "UNSIGNED-PAYLOAD" => {}
        chunked if chunked.starts_with("STREAMING-") => return Err(Refusal::NotImplemented),
        signed if signed == digest.hex() => {}
        _ => return Err(Refusal::ContentSha256Mismatch),
    }
    match text("x-amz-checksum-sha256").map(|checksum| STANDARD.decode(checksum)) {
        None => Ok(()),
        Some(Ok(checksum)) if checksum == digest.0.as_ref() => Ok(()),
        Some(Ok(checksum)) if checksum.len() == digest.0.as_ref().len() => Err(Refusal::BadDigest),
        Some(_) => Err(Refusal::InvalidChecksum),
    }
}
