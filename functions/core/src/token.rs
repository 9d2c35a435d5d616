//! The execution token: the one handle that a producer gets, and that leads to everything about a webhook.

use std::fmt;
use std::str::FromStr;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::Sha256;

use crate::secret::Secret;
use crate::source_name::SourceName;

/// 128 bits, written as 32 lower-case hex digits.
///
/// Nobody can guess one: it is either random, or a keyed hash of the delivery id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExecutionToken([u8; 16]);

/// The text is not a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an execution token is 32 lower-case hex digits")]
pub struct InvalidToken;

impl ExecutionToken {
    /// A token from random bytes, for a webhook without a delivery id.
    #[must_use]
    pub const fn from_random(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The token of a delivery: the first 16 bytes of `HMAC-SHA256(key, source ‖ 0 ‖ delivery id)`.
    ///
    /// The same delivery gives the same token every time, which is what makes a duplicate recognisable. The zero
    /// byte cannot occur in a source name, so no two pairs share an input.
    #[must_use]
    pub fn derive(key: &Secret, source: &SourceName, delivery_id: &str) -> Self {
        let mut bytes = [0; 16];
        // HMAC takes a key of any length; the error type exists for other MACs.
        if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.expose()) {
            mac.update(source.as_str().as_bytes());
            mac.update(&[0]);
            mac.update(delivery_id.as_bytes());
            for (to, from) in bytes.iter_mut().zip(mac.finalize().into_bytes()) {
                *to = from;
            }
        }
        Self(bytes)
    }

    /// The token of a delivery whose identity was used with another body, and that is taken as a webhook of its own: `delivery_id`
    /// with the digest of its body. A zero byte and hex digits end it, so it is the token of no other identity of that form.
    #[must_use]
    pub fn derive_with_body(key: &Secret, source: &SourceName, delivery_id: &str, digest: &[u8; 32]) -> Self {
        Self::derive(key, source, &format!("{delivery_id}\0\0{}", hex::encode(digest)))
    }

    /// The token's bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for ExecutionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl FromStr for ExecutionToken {
    type Err = InvalidToken;

    fn from_str(text: &str) -> Result<Self, InvalidToken> {
        if text.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(InvalidToken);
        }
        let mut bytes = [0; 16];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| InvalidToken)?;
        Ok(Self(bytes))
    }
}

impl Serialize for ExecutionToken {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ExecutionToken {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(name: &str) -> SourceName {
        name.parse().unwrap()
    }

    #[test]
    fn the_same_delivery_has_the_same_token() {
        let key = Secret::new("key");
        let token = ExecutionToken::derive(&key, &source("github"), "72d3162e");
        assert_eq!(token, ExecutionToken::derive(&key, &source("github"), "72d3162e"));
        // Computed with another implementation: HMAC-SHA256("key", "github\0" "72d3162e"), first 16 bytes.
        assert_eq!(token.to_string(), "4a0c50a5510be1f4655b02eb5bebcb1f");
    }

    #[test]
    fn source_delivery_and_key_each_change_the_token() {
        let key = Secret::new("key");
        let token = ExecutionToken::derive(&key, &source("a"), "bc");
        for other in [
            ExecutionToken::derive(&key, &source("ab"), "c"),
            ExecutionToken::derive(&key, &source("a"), "bd"),
            ExecutionToken::derive(&Secret::new("other"), &source("a"), "bc"),
        ] {
            assert_ne!(token, other);
        }
    }

    #[test]
    fn only_32_lower_case_hex_digits_are_a_token() {
        let text = "00112233445566778899aabbccddeeff";
        assert_eq!(text.parse::<ExecutionToken>().unwrap().to_string(), text);
        for bad in [
            "",
            "0011",
            "00112233445566778899AABBCCDDEEFF",
            "00112233445566778899aabbccddeefg",
            "00112233445566778899aabbccddeeff0",
            "0011223344556677-899aabbccddeeff",
            "é0112233445566778899aabbccddeef",
        ] {
            assert_eq!(bad.parse::<ExecutionToken>(), Err(InvalidToken), "{bad}");
        }
    }
}
