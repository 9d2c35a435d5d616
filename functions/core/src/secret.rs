//! Secrets, the document that holds them, and the secrets that are live.
//!
//! The document is one Secrets Manager value: `{"tokenKey": "…", "sources": {"github": "…", "shop": ["new", "old"]}}`.
//! Nothing here can be printed: a secret has no `Display`, and its `Debug` is redacted.

mod bundle;
mod document;

use std::fmt;

pub use bundle::SecretBundle;
pub use document::{SecretDocument, UnusableDocument};

/// The shortest token key that is accepted, in bytes: 128 bits, as many as the token holds.
pub const MIN_TOKEN_KEY_BYTES: usize = 16;

/// The shortest secret of a source that is accepted, in bytes. One body and its signature are enough to guess a shorter one
/// offline.
pub const MIN_SECRET_BYTES: usize = 16;

/// What the text of a public key begins with (RFC 7468). White space around it is no part of it: its file ends with a line break.
const PEM: &str = "-----BEGIN ";

/// Bytes that must never be shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Box<[u8]>);

impl Secret {
    /// Wraps the secret's bytes.
    pub fn new(bytes: impl AsRef<[u8]>) -> Self {
        Self(bytes.as_ref().into())
    }

    /// Wraps the secret of a source.
    ///
    /// # Errors
    /// When it is too weak, or written as nobody means it.
    pub fn of_source(text: &str) -> Result<Self, UnusableSecret> {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Err(UnusableSecret::Blank);
        }
        if trimmed.len() != text.len() && !trimmed.starts_with(PEM) {
            return Err(UnusableSecret::Padded);
        }
        if text.len() < MIN_SECRET_BYTES {
            return Err(UnusableSecret::Short);
        }
        Ok(Self::new(text))
    }

    /// The bytes, for a MAC only.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

/// A source's entry of the document that cannot be used. It closes that source and no other.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnusableSecret {
    /// Neither a text nor a list of texts.
    #[error("neither a text nor a list of texts")]
    Form,
    /// A list without a secret.
    #[error("an empty list")]
    Empty,
    /// The document names the source more than once.
    #[error("in the document more than once")]
    Repeated,
    /// Empty, or white space alone.
    #[error("blank")]
    Blank,
    /// White space before or after it, as of a file's last line.
    #[error("with white space at an end")]
    Padded,
    /// Few enough bytes to be guessed.
    #[error("shorter than {MIN_SECRET_BYTES} bytes")]
    Short,
    /// Few enough bytes to be guessed, once it is decoded.
    #[error("a key of fewer than {MIN_SECRET_BYTES} bytes, decoded as the source's verification asks for")]
    ShortKey,
    /// No key of the source's way of verifying, which asks for this form.
    #[error("no key of the form that the source's verification asks for: {0}")]
    Key(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_that_is_weak_or_written_wrong_is_refused() {
        for (text, expected) in [
            ("0123456789abcdef", None),
            ("sixteen bytes: ü", None),
            ("two words in one secret", None),
            ("0123456789abcde", Some(UnusableSecret::Short)),
            ("s", Some(UnusableSecret::Short)),
            ("", Some(UnusableSecret::Blank)),
            ("                    ", Some(UnusableSecret::Blank)),
            (
                "\u{a0}\u{2003}\u{a0}\u{2003}\u{a0}\u{2003}",
                Some(UnusableSecret::Blank),
            ),
            ("0123456789abcdef\n", Some(UnusableSecret::Padded)),
            (" 0123456789abcdef", Some(UnusableSecret::Padded)),
            ("0123456789abcdef\u{2028}", Some(UnusableSecret::Padded)),
            ("-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n", None),
        ] {
            assert_eq!(Secret::of_source(text).err(), expected, "{text:?}");
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "[REDACTED]");
    }
}
