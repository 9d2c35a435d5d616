//! The name of a source: a path segment, a metric dimension, and part of every token.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

/// The longest source name, in characters. It is a path segment and a metric dimension.
pub const MAX_NAME_CHARS: usize = 40;

/// The source that `POST /webhook` names.
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
}
