//! One version of the secret document. Each source is judged alone: an entry that cannot be used closes its source and no
//! other. Only what all sources need, the JSON itself and the token key, makes a document unusable as a whole.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{MIN_TOKEN_KEY_BYTES, Secret, UnusableSecret};
use crate::source_name::SourceName;

/// The token key, and what one version has for each source.
#[derive(Debug, Clone)]
pub struct SecretDocument {
    pub(super) token_key: Secret,
    pub(super) sources: BTreeMap<SourceName, Result<Vec<Secret>, UnusableSecret>>,
    misnamed: usize,
}

/// A document that no source can be verified with. The text never quotes the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnusableDocument {
    /// Not the expected JSON; only the place is shown.
    #[error("not the expected JSON (line {line}, column {column})")]
    Syntax { line: usize, column: usize },
    /// The token key is too short to keep tokens unguessable.
    #[error("tokenKey has fewer than {MIN_TOKEN_KEY_BYTES} bytes")]
    ShortTokenKey,
}

impl From<serde_json::Error> for UnusableDocument {
    fn from(error: serde_json::Error) -> Self {
        Self::Syntax {
            line: error.line(),
            column: error.column(),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Document<'a> {
    token_key: String,
    #[serde(default, borrow)]
    sources: Entries<'a>,
}

/// The entries as they are written, equal names included.
#[derive(Default)]
struct Entries<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Entries<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EachEntry;

        impl<'de> Visitor<'de> for EachEntry {
            type Value = Entries<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(EachEntry)
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl SecretDocument {
    /// Reads one version of the document.
    ///
    /// # Errors
    /// When it is not the expected JSON, or the token key is short: then no source can be verified with it.
    pub fn parse(text: &str) -> Result<Self, UnusableDocument> {
        let document: Document<'_> = serde_json::from_str(text)?;
        if document.token_key.trim().len() < MIN_TOKEN_KEY_BYTES {
            return Err(UnusableDocument::ShortTokenKey);
        }
        let (mut sources, mut misnamed) = (BTreeMap::new(), 0);
        for (name, entry) in document.sources.0 {
            let Ok(name) = name.parse::<SourceName>() else {
                misnamed += 1;
                continue;
            };
            let secrets = if sources.contains_key(&name) {
                Err(UnusableSecret::Repeated)
            } else {
                secrets_of(entry)
            };
            sources.insert(name, secrets);
        }
        Ok(Self {
            token_key: Secret::new(document.token_key),
            sources,
            misnamed,
        })
    }

    /// Closes the sources one of whose secrets is no key: nothing could be verified with it, and each delivery would be refused
    /// for good.
    #[must_use]
    pub fn with_keys(mut self, judge: impl Fn(&SourceName, &Secret) -> Result<(), UnusableSecret>) -> Self {
        for (name, secrets) in &mut self.sources {
            let reason = secrets.iter().flatten().find_map(|secret| judge(name, secret).err());
            if let Some(reason) = reason {
                *secrets = Err(reason);
            }
        }
        self
    }

    /// The secrets of a source's entry, or why they cannot be used; absent where it has none.
    #[must_use]
    pub fn of(&self, source: &SourceName) -> Option<Result<&[Secret], UnusableSecret>> {
        let entry = self.sources.get(source)?;
        Some(entry.as_deref().map_err(Clone::clone))
    }

    /// The sources that this version closes, each with the reason.
    pub fn unusable(&self) -> impl Iterator<Item = (&SourceName, &UnusableSecret)> {
        let closed = |(name, secrets)| Some((name, Result::<_, _>::as_ref(secrets).err()?));
        self.sources.iter().filter_map(closed)
    }

    /// The number of entries whose name is no source's name.
    #[must_use]
    pub const fn misnamed(&self) -> usize {
        self.misnamed
    }

    /// The sources that have a secret in common with another source: who holds one may send in the name of both.
    #[must_use]
    pub fn shared(&self) -> BTreeSet<&SourceName> {
        let mut holders: BTreeMap<&[u8], BTreeSet<&SourceName>> = BTreeMap::new();
        for (name, secrets) in &self.sources {
            for secret in secrets.iter().flatten() {
                holders.entry(secret.expose()).or_default().insert(name);
            }
        }
        holders
            .into_values()
            .filter(|names| names.len() > 1)
            .flatten()
            .collect()
    }

    /// The names of the sources that have an entry, usable or not.
    pub fn sources(&self) -> impl Iterator<Item = &SourceName> {
        self.sources.keys()
    }
}

fn secrets_of(entry: &RawValue) -> Result<Vec<Secret>, UnusableSecret> {
    let texts = match serde_json::from_str(entry.get()) {
        Ok(OneOrMany::One(text)) => vec![text],
        Ok(OneOrMany::Many(texts)) => texts,
        Err(_) => return Err(UnusableSecret::Form),
    };
    if texts.is_empty() {
        return Err(UnusableSecret::Empty);
    }
    texts.iter().map(|text| Secret::of_source(text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "0123456789abcdef";

    fn document(sources: &str) -> SecretDocument {
        SecretDocument::parse(&format!(r#"{{"tokenKey":"{GOOD}","sources":{sources}}}"#)).unwrap()
    }

    #[test]
    fn an_entry_that_cannot_be_used_closes_its_source_and_no_other() {
        for (entry, expected) in [
            (r#""short""#, UnusableSecret::Short),
            (r#""""#, UnusableSecret::Blank),
            (r#"["0123456789abcdef",""]"#, UnusableSecret::Blank),
            (r#""0123456789abcdef\n""#, UnusableSecret::Padded),
            ("[]", UnusableSecret::Empty),
            ("null", UnusableSecret::Form),
            ("17", UnusableSecret::Form),
            (r#"[["0123456789abcdef"]]"#, UnusableSecret::Form),
            (r#""half a pair: \ud83d, and more""#, UnusableSecret::Form),
            (
                r#""0123456789abcdef","bad":"fedcba9876543210""#,
                UnusableSecret::Repeated,
            ),
        ] {
            let document = document(&format!(r#"{{"good":"{GOOD}","bad":{entry}}}"#));
            let unusable: Vec<_> = document.unusable().collect();
            assert_eq!(unusable, [(&"bad".parse().unwrap(), &expected)], "{entry}");
            let good: SourceName = "good".parse().unwrap();
            assert_eq!(document.sources[&good], Ok(vec![Secret::new(GOOD)]), "{entry}");
        }
    }

    #[test]
    fn an_entry_with_a_secret_that_is_no_key_closes_its_source() {
        let document = document(&format!(
            r#"{{"a":["{GOOD}","another-good-secret"],"b":["{GOOD}","no-key-of-its-source"],"c":"short"}}"#
        ));
        let judged = document.with_keys(|_, secret| {
            let is_key = !secret.expose().starts_with(b"no-key");
            is_key.then_some(()).ok_or(UnusableSecret::ShortKey)
        });
        let unusable = judged.unusable().map(|(name, reason)| (name.as_str(), reason));
        let expected = [("b", &UnusableSecret::ShortKey), ("c", &UnusableSecret::Short)];
        assert_eq!(unusable.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_name_that_no_source_can_have_is_counted_and_closes_nothing() {
        let document = document(&format!(r#"{{"GitHub":"{GOOD}","":"{GOOD}","good":"{GOOD}"}}"#));
        assert_eq!((document.misnamed(), document.unusable().count()), (2, 0));
    }

    #[test]
    fn sources_with_a_secret_in_common_are_named() {
        let document = document(&format!(
            r#"{{"a":["1111111111111111","{GOOD}"],"b":"{GOOD}","c":"2222222222222222","d":"short","e":"short"}}"#
        ));
        let shared: Vec<_> = document.shared().into_iter().map(SourceName::as_str).collect();
        assert_eq!(shared, ["a", "b"]);
    }

    #[test]
    fn a_document_is_unusable_as_a_whole_without_being_quoted() {
        for (text, expected) in [
            (r#"{"tokenKey":"hunter2hunter2hunter2","extra":1}"#, "line 1"),
            (r#"{"tokenKey":"hunter2"}"#, "fewer than 16 bytes"),
            (r#"{"tokenKey":"hunter2               "}"#, "fewer than 16 bytes"),
            (
                r#"{"tokenKey":"hunter2hunter2hunter2","sources":["hunter2"]}"#,
                "line 1",
            ),
            (
                r#"{"tokenKey":"hunter2hunter2hunter2","tokenKey":"hunter2hunter2hunter2"}"#,
                "line 1",
            ),
            (r#"{"sources":{}}"#, "line 1"),
            ("hunter2", "line 1"),
            ("", "line"),
        ] {
            let message = SecretDocument::parse(text).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
            assert!(!message.contains("hunter2"), "{message}");
        }
    }
}
