//! The secrets that are live: those of the current version of the document and of the one before it.

use std::collections::BTreeMap;

use super::{Secret, SecretDocument};
use crate::source_name::SourceName;

/// The token key and every live secret of every source.
#[derive(Debug, Clone)]
pub struct SecretBundle {
    token_key: Secret,
    /// None for a source that the current version closes.
    sources: BTreeMap<SourceName, Option<Vec<Secret>>>,
}

impl SecretBundle {
    /// The secrets of the current version, and those of the version before it, so that a rotation loses nothing.
    ///
    /// The token key is the current version's: tokens of redelivered webhooks must not change with a producer's secret. A
    /// source whose current entry cannot be used is closed, whatever the previous version has: somebody may just have tried
    /// to take that secret back.
    #[must_use]
    pub fn new(current: &SecretDocument, previous: Option<&SecretDocument>) -> Self {
        let mut sources: BTreeMap<_, _> = current
            .sources
            .iter()
            .map(|(name, secrets)| (name.clone(), secrets.clone().ok()))
            .collect();
        for (name, secrets) in previous.into_iter().flat_map(|previous| &previous.sources) {
            let live = sources.entry(name.clone()).or_insert_with(|| Some(Vec::new()));
            if let (Some(live), Ok(secrets)) = (live, secrets) {
                for secret in secrets {
                    if !live.contains(secret) {
                        live.push(secret.clone());
                    }
                }
            }
        }
        Self {
            token_key: current.token_key.clone(),
            sources,
        }
    }

    /// The key that tokens are derived with.
    #[must_use]
    pub const fn token_key(&self) -> &Secret {
        &self.token_key
    }

    /// Every live secret of a source, the current ones first; empty when it has none. None for a source that is closed
    /// because its entry cannot be used.
    #[must_use]
    pub fn of(&self, source: &SourceName) -> Option<&[Secret]> {
        self.sources.get(source).map_or(Some(&[]), Option::as_deref)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "0123456789abcdef";

    fn document(key: &str, sources: &str) -> SecretDocument {
        SecretDocument::parse(&format!(r#"{{"tokenKey":"{key}","sources":{sources}}}"#)).unwrap()
    }

    fn of(bundle: &SecretBundle, source: &str) -> Option<Vec<Secret>> {
        bundle.of(&source.parse().unwrap()).map(<[Secret]>::to_vec)
    }

    #[test]
    fn a_source_has_one_secret_or_several() {
        let sources = r#"{"one":"aaaaaaaaaaaaaaaa","two":["bbbbbbbbbbbbbbbb","cccccccccccccccc"]}"#;
        let bundle = SecretBundle::new(&document(KEY, sources), None);
        assert_eq!(of(&bundle, "one").unwrap(), [Secret::new("aaaaaaaaaaaaaaaa")]);
        assert_eq!(of(&bundle, "two").unwrap().len(), 2);
        assert_eq!(of(&bundle, "three"), Some(vec![]));
    }

    #[test]
    fn after_a_rotation_both_secrets_live_and_the_token_key_is_the_current_one() {
        let current = document(KEY, r#"{"github":"the-new-secret-1"}"#);
        let previous = document(
            "another-key-of-16b",
            r#"{"github":["the-old-secret-1","the-new-secret-1"],"gone":"a-removed-secret"}"#,
        );
        let bundle = SecretBundle::new(&current, Some(&previous));
        let both = [Secret::new("the-new-secret-1"), Secret::new("the-old-secret-1")];
        assert_eq!(of(&bundle, "github").unwrap(), both);
        assert_eq!(of(&bundle, "gone").unwrap(), [Secret::new("a-removed-secret")]);
        assert_eq!(bundle.token_key(), &Secret::new(KEY));
    }

    #[test]
    fn a_current_entry_that_cannot_be_used_closes_its_source_and_a_previous_one_does_not() {
        let good = document(KEY, r#"{"a":"a-leaked-secret-1","b":"b-good-secret-12"}"#);
        let slip = document(KEY, r#"{"a":"","b":"b-good-secret-12"}"#);
        let closed = SecretBundle::new(&slip, Some(&good));
        assert_eq!(of(&closed, "a"), None, "the secret before is not live");
        assert_eq!(of(&closed, "b").unwrap().len(), 1);
        let mended = SecretBundle::new(&good, Some(&slip));
        assert_eq!(of(&mended, "a").unwrap().len(), 1);
    }
}
