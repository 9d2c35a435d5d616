//! Where webhooks come from: a name in the path, and how its deliveries are verified and told apart. Sources are data.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use http::HeaderName;
use serde::{Deserialize, Deserializer, Serialize};

use crate::signature::SchemeName;

/// The longest source name, in characters. It is a path segment and a metric dimension.
pub const MAX_NAME_CHARS: usize = 40;

/// The name that `POST /webhook` stands for.
pub const DEFAULT_SOURCE: &str = "default";

/// 1–40 characters of `[a-z0-9_-]`, beginning with a letter or digit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct SourceName(String);

/// The text is not a source name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a source name is 1 to {MAX_NAME_CHARS} characters of a-z, 0-9, _ and -, beginning with a letter or digit")]
pub struct InvalidSourceName;

impl SourceName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SourceName {
    type Err = InvalidSourceName;

    fn from_str(text: &str) -> Result<Self, InvalidSourceName> {
        let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let valid = text.len() <= MAX_NAME_CHARS
            && text.bytes().next().is_some_and(word)
            && text.bytes().all(|b| word(b) || b == b'_' || b == b'-');
        if valid {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidSourceName)
        }
    }
}

impl fmt::Display for SourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Borrow<str> for SourceName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for SourceName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// How one source's deliveries are verified and recognised.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SourceConfig {
    /// The signature scheme.
    pub scheme: SchemeName,
    /// The header with the producer's delivery id, in place of the scheme's own.
    #[serde(default, deserialize_with = "header_name")]
    pub delivery_id_header: Option<HeaderName>,
}

fn header_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<HeaderName>, D::Error> {
    Option::<String>::deserialize(deserializer)?
        .map(|text| HeaderName::from_str(&text).map_err(|_| serde::de::Error::custom("not a header name")))
        .transpose()
}

/// Every source of a deployment, by name: `{"github": {"scheme": "github"}, …}`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Sources(BTreeMap<SourceName, SourceConfig>);

impl Sources {
    /// Reads the configuration's JSON.
    ///
    /// # Errors
    /// A text for the operator when it is not the expected JSON, names no source, or a name or scheme is unknown.
    pub fn parse(json: &str) -> Result<Self, String> {
        let sources: Self = serde_json::from_str(json).map_err(|error| error.to_string())?;
        if sources.0.is_empty() {
            return Err("at least one source is needed".to_owned());
        }
        Ok(sources)
    }

    /// The source of that name, or none: a text that is no source name is simply unknown.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<(&SourceName, &SourceConfig)> {
        self.0.get_key_value(name)
    }

    /// The names of the sources that accept unsigned bodies.
    pub fn unsigned(&self) -> impl Iterator<Item = &SourceName> {
        self.0
            .iter()
            .filter(|(_, config)| config.scheme == SchemeName::None)
            .map(|(name, _)| name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_path_segments_that_need_no_escaping() {
        for good in ["github", "a", "0", "shop-eu_2", &"a".repeat(MAX_NAME_CHARS)] {
            assert_eq!(good.parse::<SourceName>().unwrap().as_str(), good);
        }
        for bad in [
            "",
            "-a",
            "_a",
            "GitHub",
            "a b",
            "a/b",
            "a\0",
            "ä",
            &"a".repeat(MAX_NAME_CHARS + 1),
        ] {
            assert_eq!(bad.parse::<SourceName>(), Err(InvalidSourceName), "{bad}");
        }
    }

    #[test]
    fn sources_are_read_from_json() {
        let sources = Sources::parse(
            r#"{"github":{"scheme":"github"},"shop":{"scheme":"hmac-sha256","deliveryIdHeader":"X-Id"},"open":{"scheme":"none"}}"#,
        )
        .unwrap();
        assert_eq!(sources.get("github").unwrap().1.scheme, SchemeName::Github);
        assert_eq!(
            sources.get("shop").unwrap().1.delivery_id_header.as_ref().unwrap(),
            "x-id"
        );
        assert!(sources.get("unknown").is_none());
        assert_eq!(sources.unsigned().map(SourceName::as_str).collect::<Vec<_>>(), ["open"]);
    }

    #[test]
    fn a_wrong_configuration_says_what_is_wrong() {
        for (json, expected) in [
            ("{}", "at least one source"),
            (r#"{"a":{}}"#, "missing field `scheme`"),
            (r#"{"a":{"scheme":"md5"}}"#, "unknown variant `md5`"),
            (r#"{"A":{"scheme":"none"}}"#, "a source name is"),
            (r#"{"a":{"scheme":"none","secret":"x"}}"#, "unknown field `secret`"),
            (
                r#"{"a":{"scheme":"none","deliveryIdHeader":"a b"}}"#,
                "not a header name",
            ),
            ("[", "invalid type"),
        ] {
            let message = Sources::parse(json).unwrap_err();
            assert!(message.contains(expected), "{json}: {message}");
        }
    }
}
