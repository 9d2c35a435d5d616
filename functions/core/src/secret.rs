//! Secrets and the document that holds them.
//!
//! The document is one Secrets Manager value: `{"tokenKey": "…", "sources": {"github": "…", "shop": ["new", "old"]}}`.
//! Nothing here can be printed: a secret has no `Display`, and its `Debug` is redacted.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

use crate::source_name::SourceName;

/// The shortest token key that is accepted, in bytes: 128 bits, as many as the token holds.
pub const MIN_TOKEN_KEY_BYTES: usize = 16;

/// Bytes that must never be shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Box<[u8]>);

impl Secret {
    /// Wraps the secret's bytes.
    pub fn new(bytes: impl AsRef<[u8]>) -> Self {
        Self(bytes.as_ref().into())
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

/// The token key and every live secret of every source.
#[derive(Debug, Clone)]
pub struct SecretBundle {
    token_key: Secret,
    sources: BTreeMap<SourceName, Vec<Secret>>,
}

/// A secret document that cannot be used. The text never quotes the document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSecrets {
    /// Not the expected JSON; only the place is shown.
    #[error("the secret is not the expected JSON (line {line}, column {column})")]
    Syntax { line: usize, column: usize },
    /// The token key is too short to keep tokens unguessable.
    #[error("tokenKey must have at least {MIN_TOKEN_KEY_BYTES} bytes")]
    ShortTokenKey,
    /// An empty secret would verify anything that its holder sends.
    #[error("the secret of source {0} is empty")]
    EmptySecret(SourceName),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Document {
    token_key: String,
    #[serde(default)]
    sources: BTreeMap<SourceName, OneOrMany>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl SecretBundle {
    /// Reads one version of the document.
    ///
    /// # Errors
    /// When it is not the expected JSON, the token key is short, or a source's secret is empty.
    pub fn parse(text: &str) -> Result<Self, InvalidSecrets> {
        let document: Document = serde_json::from_str(text).map_err(|error| InvalidSecrets::Syntax {
            line: error.line(),
            column: error.column(),
        })?;
        if document.token_key.len() < MIN_TOKEN_KEY_BYTES {
            return Err(InvalidSecrets::ShortTokenKey);
        }
        let mut sources = BTreeMap::new();
        for (name, secrets) in document.sources {
            let secrets = match secrets {
                OneOrMany::One(secret) => vec![secret],
                OneOrMany::Many(secrets) => secrets,
            };
            if secrets.iter().any(String::is_empty) {
                return Err(InvalidSecrets::EmptySecret(name));
            }
            sources.insert(name, secrets.into_iter().map(Secret::new).collect());
        }
        Ok(Self {
            token_key: Secret::new(document.token_key),
            sources,
        })
    }

    /// Adds the secrets of the version before this one, so that a rotation loses nothing. The token key stays this
    /// version's: tokens of redelivered webhooks must not change with a producer's secret.
    #[must_use]
    pub fn with_previous(mut self, previous: Self) -> Self {
        for (name, secrets) in previous.sources {
            let live = self.sources.entry(name).or_default();
            for secret in secrets {
                if !live.contains(&secret) {
                    live.push(secret);
                }
            }
        }
        self
    }

    /// The key that tokens are derived with.
    #[must_use]
    pub const fn token_key(&self) -> &Secret {
        &self.token_key
    }

    /// Every live secret of a source, the current ones first. Empty when the source has none.
    #[must_use]
    pub fn of(&self, source: &SourceName) -> &[Secret] {
        self.sources.get(source).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "0123456789abcdef";

    fn bundle(sources: &str) -> SecretBundle {
        SecretBundle::parse(&format!(r#"{{"tokenKey":"{KEY}","sources":{sources}}}"#)).unwrap()
    }

    #[test]
    fn a_source_has_one_secret_or_several() {
        let bundle = bundle(r#"{"one":"a","two":["b","c"]}"#);
        assert_eq!(bundle.of(&"one".parse().unwrap()), [Secret::new("a")]);
        assert_eq!(bundle.of(&"two".parse().unwrap()), [Secret::new("b"), Secret::new("c")]);
        assert!(bundle.of(&"three".parse().unwrap()).is_empty());
    }

    #[test]
    fn after_a_rotation_both_secrets_live_and_the_token_key_is_the_current_one() {
        let current = bundle(r#"{"github":"new"}"#);
        let previous =
            SecretBundle::parse(r#"{"tokenKey":"another-key-of-16b","sources":{"github":["old","new"]}}"#).unwrap();
        let both = current.with_previous(previous);
        assert_eq!(
            both.of(&"github".parse().unwrap()),
            [Secret::new("new"), Secret::new("old")]
        );
        assert_eq!(both.token_key(), &Secret::new(KEY));
    }

    #[test]
    fn a_bad_document_is_refused_without_being_quoted() {
        for (text, expected) in [
            (r#"{"tokenKey":"hunter2hunter2hunter2","extra":1}"#, "line 1"),
            (r#"{"tokenKey":"hunter2"}"#, "at least 16 bytes"),
            (
                r#"{"tokenKey":"hunter2hunter2hunter2","sources":{"a":""}}"#,
                "source a is empty",
            ),
            (
                r#"{"tokenKey":"hunter2hunter2hunter2","sources":{"a":["b",""]}}"#,
                "source a is empty",
            ),
            ("hunter2", "line 1"),
        ] {
            let message = SecretBundle::parse(text).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
            assert!(!message.contains("hunter2"), "{message}");
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        assert!(!format!("{:?}", bundle(r#"{"a":"hunter2"}"#)).contains("hunter2"));
    }
}
