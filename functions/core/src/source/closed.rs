//! The sources that a secret document closes.

use super::all::Sources;
use crate::secret::{SecretDocument, UnusableSecret};
use crate::source_name::SourceName;

/// Why a source is closed: each of its deliveries is answered 503.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Closed {
    /// Its entry cannot be used.
    #[error("its entry is {0}")]
    Unusable(#[from] UnusableSecret),
    /// It has no entry, and accepts nothing without a secret.
    #[error("it has no entry")]
    Missing,
}

impl Sources {
    /// The sources that cannot be verified with a document, each with the reason. Entries of other sources close nothing here.
    #[must_use]
    pub fn closed_by(&self, document: &SecretDocument) -> Vec<(SourceName, Closed)> {
        let document = document.clone().with_keys(|name, secret| self.takes(name, secret));
        let closed = self.iter().filter_map(|(name, source)| {
            let reason = match document.of(name) {
                Some(entry) => Closed::from(entry.err()?),
                None if source.needs_secret() => Closed::Missing,
                None => return None,
            };
            Some((name.clone(), reason))
        });
        closed.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_closed_by_an_entry_that_is_no_key_of_its_own_and_by_none() {
        let sources = Sources::parse(
            r#"{
                "text": {"preset": "github"},
                "short": {"preset": "github"},
                "missing": {"preset": "github"},
                "open": {"preset": "none"},
                "public": {"preset": "sendgrid"},
                "basic": {"verify": [{"kind": "basic"}]},
                "named": {"verify": [{"kind": "basic"}]},
                "hex": {"verify": [{"kind": "hmac", "hash": "sha256", "key": "hex", "signature": {"from": ["header:x-s"]}}]},
                "token": {"preset": "gitlab"}
            }"#,
        );
        let document = SecretDocument::parse(
            r#"{"tokenKey": "0123456789abcdef", "sources": {
                "text": "0123456789abcdef",
                "short": "0123456789",
                "public": "0123456789abcdef",
                "basic": "0123456789abcdef",
                "named": "user:0123456789a",
                "hex": ["000102030405060708090a0b0c0d0e0f", "0011223344556677"],
                "token": "whsec_of_a_token, which is no base64",
                "another": "short"
            }}"#,
        );
        let closed = sources.unwrap().closed_by(&document.unwrap());
        let told: Vec<_> = closed
            .iter()
            .map(|(name, reason)| format!("{name}: {reason}"))
            .collect();
        assert_eq!(
            told,
            [
                "basic: its entry is no key of the form that the source's verification asks for: user:password",
                "hex: its entry is a key of fewer than 16 bytes, decoded as the source's verification asks for",
                "missing: it has no entry",
                "public: its entry is no key of the form that the source's verification asks for: an ECDSA P-256 public key as \
                 the base64 of its SubjectPublicKeyInfo",
                "short: its entry is shorter than 16 bytes",
            ]
        );
    }
}
