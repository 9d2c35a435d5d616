//! The configuration document of a deployment: `{"sources": {…}}`, the same for all of its functions, named by the hash of its
//! bytes.

use std::fmt;
use std::str::FromStr;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::source::Sources;
use crate::verify::Faults;

/// The SHA-256 of a document's bytes, written as 64 lower-case hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConfigurationHash([u8; 32]);

/// The text is no hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be the SHA-256 of the configuration: 64 lower-case hex digits")]
pub struct InvalidHash;

impl ConfigurationHash {
    /// The hash of a document.
    #[must_use]
    pub fn of(document: &str) -> Self {
        Self(Sha256::digest(document).into())
    }
}

impl FromStr for ConfigurationHash {
    type Err = InvalidHash;

    fn from_str(text: &str) -> Result<Self, InvalidHash> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| InvalidHash)?;
        let hash = Self(bytes);
        (hash.to_string() == text).then_some(hash).ok_or(InvalidHash)
    }
}

impl fmt::Display for ConfigurationHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// A configuration document, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configuration {
    /// Where webhooks come from.
    pub sources: Sources,
}

impl Configuration {
    /// Reads a document.
    ///
    /// # Errors
    /// A text for the operator when it is not JSON or has faults: all of them, each with its path.
    pub fn parse(document: &str) -> Result<Self, String> {
        let written: Value = serde_json::from_str(document).map_err(|error| error.to_string())?;
        let mut faults = Faults::default();
        let sources = Sources::read(written.get("sources").unwrap_or(&Value::Null), &mut faults);
        for name in written.as_object().into_iter().flat_map(Map::keys) {
            if name != "sources" {
                let near = faults.did_you_mean(name, ["sources"]);
                faults.add(name, format!("is not known here{near}; known are sources"));
            }
        }
        let sources = sources.filter(|_| faults.all().is_empty());
        sources.map(|sources| Self { sources }).ok_or_else(|| faults.told())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_named_by_the_hash_of_its_bytes() {
        let document = r#"{"sources":{}}"#;
        let of = ConfigurationHash::of(document);
        // As `sha256sum` has it.
        let text = "ea8fc4ac6125411b26dc4ad44d4322b2b400759a0dd9b69cb78565ff35523469";
        assert_eq!((of.to_string().as_str(), text.parse()), (text, Ok(of)));
        assert_ne!(ConfigurationHash::of(r#"{"sources": {}}"#), of);
        for wrong in ["", "abc", &text.to_uppercase(), &text[1..]] {
            assert_eq!(wrong.parse::<ConfigurationHash>(), Err(InvalidHash), "{wrong}");
        }
    }

    #[test]
    fn every_fault_of_a_document_is_told_with_its_path() {
        let told = |document: &str| Configuration::parse(document).unwrap_err();
        assert!(told("{").contains("EOF"), "{}", told("{"));
        assert_eq!(told("{}"), "sources: at least one source is needed, by its name");
        assert_eq!(told("[]"), told("{}"));
        assert_eq!(
            told(r#"{"sources": {"a": {"preset": "md5"}}, "source": {}}"#),
            "sources.a.preset: is no preset; PRESETS.md lists them; source: is not known here (did you mean sources?); known are sources"
        );
        let read = Configuration::parse(r#"{"sources": {"a": {"preset": "github"}}}"#).unwrap();
        assert!(read.sources.get("a").is_some());
    }
}
