//! Texts at a place of a JSON body that nobody has verified yet. Nothing is built of what is not asked for.

use std::borrow::Cow;

use serde::Deserializer as _;
use serde_json::value::RawValue;

use crate::body::visit::{Elements, Fields};
use crate::signature::SignatureError;

/// The key that stands for every element of an array.
pub(crate) const EVERY: &str = "*";

/// The texts, numbers and truths at this path; none when it leads nowhere, or to anything else.
///
/// # Errors
/// [`SignatureError::Malformed`] when a key on the path is there twice with different values, or an element of a list in which
/// every one must have it lacks it.
pub(crate) fn scalars<'t>(json: &'t str, path: &[String]) -> Result<Vec<Cow<'t, str>>, SignatureError> {
    let json = json.trim_matches([' ', '\t', '\r', '\n']);
    let Some((key, rest)) = path.split_first() else {
        return Ok(scalar(json).into_iter().collect());
    };
    match json.as_bytes().first() {
        Some(b'[') => {
            let every = key == EVERY;
            let index: Option<usize> = key.parse().ok();
            let mut chosen: Vec<&str> = Vec::new();
            let at = |position, value: &'t RawValue| {
                if every || Some(position) == index {
                    chosen.push(value.get());
                }
            };
            // What is no JSON has no places.
            if serde_json::Deserializer::from_str(json)
                .deserialize_seq(Elements(at))
                .is_err()
            {
                return Ok(Vec::new());
            }
            let mut found = Vec::new();
            for value in chosen {
                let here = scalars(value, rest)?;
                if every && here.is_empty() {
                    return Err(SignatureError::Malformed);
                }
                found.extend(here);
            }
            Ok(found)
        }
        Some(b'{') => {
            let (mut chosen, mut is_ambiguous): (Option<&str>, bool) = (None, false);
            let at = |name: &str, value: &'t RawValue| {
                if name == key {
                    is_ambiguous |= chosen.is_some_and(|other| other != value.get());
                    chosen = Some(value.get());
                }
            };
            if serde_json::Deserializer::from_str(json)
                .deserialize_map(Fields(at))
                .is_err()
            {
                return Ok(Vec::new());
            }
            match chosen {
                _ if is_ambiguous => Err(SignatureError::Malformed),
                Some(value) => scalars(value, rest),
                None => Ok(Vec::new()),
            }
        }
        _ => Ok(Vec::new()),
    }
}

/// A text without its quotes and escapes, a number or a truth as it is written.
fn scalar(json: &str) -> Option<Cow<'_, str>> {
    match json.as_bytes().first()? {
        b'"' => serde_json::from_str(json).ok().map(Cow::Owned),
        b'{' | b'[' | b'n' => None,
        _ => Some(Cow::Borrowed(json)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(json: &str, path: &str) -> Result<Vec<String>, SignatureError> {
        let path: Vec<String> = path.split('/').skip(1).map(str::to_owned).collect();
        let found = scalars(json, &path)?;
        Ok(found.into_iter().map(Cow::into_owned).collect())
    }

    #[test]
    fn what_is_at_a_place_is_found_as_it_is_written() {
        let json =
            r#" {"a": {"b": "x\u00e9"}, "n": 1.10, "t": true, "z": null, "l": [{"k": "1"}, {"k": "2"}], "e": []} "#;
        for (path, expected) in [
            ("/a/b", &["xé"][..]),
            ("/n", &["1.10"]),
            ("/t", &["true"]),
            ("/z", &[]),
            ("/a", &[]),
            ("/l", &[]),
            ("/l/0/k", &["1"]),
            ("/l/*/k", &["1", "2"]),
            ("/e/*/k", &[]),
            ("/n/b", &[]),
            ("/x/y", &[]),
            ("/l/9/k", &[]),
        ] {
            assert_eq!(at(json, path).unwrap(), expected, "{path}");
        }
        assert_eq!(at("[1, 2]", "/1").unwrap(), ["2"]);
        for json in ["", "x", "{", r#"{"a": 1"#, r#"{"a": 1} x"#.get(..8).unwrap_or_default()] {
            assert!(at(json, "/b").unwrap().is_empty(), "{json}");
        }
    }

    #[test]
    fn what_is_there_twice_or_not_in_every_element_is_malformed() {
        for (json, path) in [
            (r#"{"a": 1, "a": 2}"#, "/a"),
            (r#"{"a": {"b": 1}, "a": {"b": 1, "c": 1}}"#, "/a/b"),
            (r#"[{"k": 1}, {}]"#, "/*/k"),
            (r#"[{"k": 1}, 7]"#, "/*/k"),
            (r#"[{"k": 1}, {"k": null}]"#, "/*/k"),
        ] {
            assert_eq!(at(json, path), Err(SignatureError::Malformed), "{json}");
        }
        assert_eq!(at(r#"{"a": 1, "a": 1}"#, "/a").unwrap(), ["1"]);
    }
}
