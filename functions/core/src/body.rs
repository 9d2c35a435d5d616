//! The body of a webhook: from a gateway's text to the producer's bytes, and just far enough into them to know that they
//! are JSON and what they are about.
//!
//! Every value of the JSON grammar is accepted as it is: numbers of any size, any depth, duplicate keys, scalars, half a
//! surrogate pair; a byte order mark before it is ignored. Nothing is rewritten; what is stored is what was signed.

mod coding;
mod document;
pub(crate) mod fields;
mod form;
mod pointer;
mod text;
mod token;
pub(crate) mod visit;

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Deserializer as _;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::rejection::Rejection;

use visit::{Elements, Fields};

pub use coding::{Coding, MAX_GROWTH, UnknownCoding, decoded};
pub use document::document;
pub use form::{BodyForm, UnknownForm};
pub use pointer::{InvalidPointer, Pointer};
pub use text::text;

/// The most top-level keys that are remembered.
pub const MAX_KEYS: usize = 10;

/// The longest key that is remembered, and the longest text of a summary, in characters.
pub const MAX_TEXT_CHARS: usize = 64;

/// The longest text of a wanted field that is remembered, in characters. A delivery id may have one less.
pub const MAX_FIELD_CHARS: usize = 257;

/// The largest event that a function is invoked with and answers, in bytes. Source: Lambda quotas, "Invocation payload":
/// 6 MB, which Lambda's own error spells out as 6291456 bytes.
pub const EVENT_LIMIT_BYTES: usize = 6 * 1024 * 1024;

/// The most that the gateway's event holds beside the body, in bytes. Request line and headers have at most 10,240
/// (API Gateway quotas); the event has each of their bytes at most three times (`User-Agent`: in both maps of headers and
/// as the caller's identity), of two bytes each at most (an escaped quote): 61,440. The names of the event's fields, the
/// gateway's own headers and the request's context have less than the 4,096 that are left.
const EVENT_RESERVE_BYTES: usize = 64 * 1024;

/// The smallest and largest body limit that may be configured, and the default, in bytes. The event has the body as base64,
/// four characters for three bytes, so the largest body that reaches the function whatever its headers has
/// (6,291,456 − 65,536) ÷ 4 × 3 = 4,669,440. A larger one gets there with few headers only, and else is the gateway's 413.
pub const BODY_LIMIT_BYTES: std::ops::RangeInclusive<usize> = 1..=(EVENT_LIMIT_BYTES - EVENT_RESERVE_BYTES) / 4 * 3;

/// The default body limit, in bytes: producers send what they send, and a refused webhook is refused for ever.
pub const DEFAULT_BODY_LIMIT_BYTES: usize = *BODY_LIMIT_BYTES.end();

/// The largest body that the table takes, in bytes. It leaves room for the other attributes in an item of `DynamoDB`, which
/// holds at most 400 KiB.
pub const ITEM_LIMIT_BYTES: usize = 350 * 1024;

/// The default of the largest body that the table keeps where there is a bucket, in bytes. An object is cheaper from about
/// 8 KB on (terraform/README.md), and takes one more service and round trip.
pub const DEFAULT_INLINE_BYTES: usize = 32 * 1024;

/// The producer's bytes, from the gateway's text.
///
/// # Errors
/// [`Rejection::BodyEncoding`] when the gateway's base64 cannot be decoded.
pub fn decode(text: Cow<'_, str>, is_base64: bool) -> Result<Bytes, Rejection> {
    if is_base64 {
        let bytes = STANDARD.decode(text.as_bytes()).map_err(|_| Rejection::BodyEncoding)?;
        Ok(bytes.into())
    } else {
        Ok(text.into_owned().into())
    }
}

/// Facts about a JSON body that are kept without the body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shape {
    /// The first [`MAX_KEYS`] different top-level keys, in the body's order, with U+FFFD in the place of half a surrogate
    /// pair. Empty for anything but an object.
    pub keys: Vec<String>,
    /// The number of top-level fields; 0 for anything but an object.
    pub fields: usize,
    texts: Vec<(Pointer, String)>,
}

impl Shape {
    /// Reads a body. `wanted` are the places of texts and numbers to remember; of duplicate keys the last one counts.
    ///
    /// # Errors
    /// [`Rejection::BodyEmpty`] for nothing or white space, [`Rejection::BodyNotUtf8`] and [`Rejection::BodyNotJson`].
    pub fn read(body: &[u8], wanted: &[Pointer]) -> Result<Self, Rejection> {
        let text = text(body)?;
        let trimmed = text.trim_matches([' ', '\t', '\r', '\n']);
        if trimmed.is_empty() {
            return Err(Rejection::BodyEmpty);
        }
        let mut shape = Self::default();
        let mut json = serde_json::Deserializer::from_str(trimmed);
        let read = if trimmed.starts_with('{') {
            json.deserialize_map(TopLevel {
                shape: &mut shape,
                wanted,
            })
        } else if trimmed.starts_with('[') && !wanted.is_empty() {
            json.deserialize_seq(Elements(|index: usize, value: &RawValue| {
                shape.remember_at(&index.to_string(), value, wanted);
            }))
        } else {
            serde::Deserialize::deserialize(&mut json).map(|_: IgnoredAny| ())
        };
        read.and_then(|()| json.end()).map_err(|_| Rejection::BodyNotJson)?;
        Ok(shape)
    }

    /// The text or number at a wanted place, with U+FFFD in the place of half a surrogate pair.
    #[must_use]
    pub fn text(&self, pointer: &Pointer) -> Option<&str> {
        self.texts
            .iter()
            .find(|(known, _)| known == pointer)
            .map(|(_, text)| text.as_str())
    }

    fn remember(&mut self, key: &str, value: &RawValue, wanted: &[Pointer]) {
        self.fields += 1;
        if self.keys.len() < MAX_KEYS {
            let key = shorten(key);
            if !self.keys.contains(&key) {
                self.keys.push(key);
            }
        }
        self.remember_at(key, value, wanted);
    }

    fn remember_at(&mut self, key: &str, value: &RawValue, wanted: &[Pointer]) {
        for pointer in wanted {
            if let Some((first, rest)) = pointer.keys().split_first()
                && first == key
            {
                // Of duplicate keys the last one counts, whatever it holds.
                self.texts.retain(|(known, _)| known != pointer);
                self.texts
                    .extend(text_at(value, rest).map(|text| (pointer.clone(), text)));
            }
        }
    }
}

/// The text or number at `path` below `value`; absent when it is of another type or not there.
fn text_at(value: &RawValue, path: &[String]) -> Option<String> {
    let json = value.get();
    let Some((key, rest)) = path.split_first() else {
        let is_number = json.starts_with(|c: char| c == '-' || c.is_ascii_digit());
        let text = if is_number {
            json.to_owned()
        } else {
            serde_json::from_str(json).ok()?
        };
        return Some(text.trim().chars().take(MAX_FIELD_CHARS).collect());
    };
    let mut found = None;
    let mut deserializer = serde_json::Deserializer::from_str(json);
    if json.starts_with('[') {
        let index: usize = key.parse().ok()?;
        let at = |position: usize, value: &RawValue| {
            if position == index {
                found = text_at(value, rest);
            }
        };
        deserializer.deserialize_seq(Elements(at)).ok()?;
    } else {
        let at = |name: &str, value: &RawValue| {
            if name == key {
                found = text_at(value, rest);
            }
        };
        deserializer.deserialize_map(Fields(at)).ok()?;
    }
    found
}

/// At most [`MAX_TEXT_CHARS`] characters of a producer's text.
pub(crate) fn shorten(text: &str) -> String {
    text.chars().take(MAX_TEXT_CHARS).collect()
}

struct TopLevel<'a> {
    shape: &'a mut Shape,
    wanted: &'a [Pointer],
}

impl<'de> Visitor<'de> for TopLevel<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        let Self { shape, wanted } = self;
        Fields(|key: &str, value: &RawValue| shape.remember(key, value, wanted)).visit_map(map)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pointer(text: &str) -> Pointer {
        text.parse().unwrap()
    }

    fn read(body: &[u8]) -> Result<Shape, Rejection> {
        Shape::read(
            body,
            &[pointer("/repository/full_name"), pointer("/type"), pointer("/0/type")],
        )
    }

    fn name(shape: &Shape) -> Option<&str> {
        shape.text(&pointer("/repository/full_name"))
    }

    fn event_type(shape: &Shape) -> Option<&str> {
        shape.text(&pointer("/type"))
    }

    #[test]
    fn every_json_value_is_taken() {
        let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
        for body in [
            "null",
            "[]",
            "{}",
            r#""x""#,
            "0",
            " true\n",
            "[1.5, -0.0, 1e999]",
            r#"{"n": 123456789012345678901234567890.000000000000000001}"#,
            r#"{"a":1,"a":2}"#,
            r#"{"ü":"💥","nul":"\u0000"}"#,
            r#"{"\ud83d":1}"#,
            r#"{"a":{"\ude00":"\ud83c"},"b":["\ud83d"]}"#,
            "\u{feff}{}",
            "\u{feff} [1]",
            &deep,
        ] {
            assert!(read(body.as_bytes()).is_ok(), "{}", &body[..body.len().min(40)]);
        }
    }

    #[test]
    fn what_is_not_json_is_refused_by_reason() {
        for (body, expected) in [
            (&b""[..], Rejection::BodyEmpty),
            (b" \r\n\t", Rejection::BodyEmpty),
            (b"{\"a\":\"\xff\"}", Rejection::BodyNotUtf8),
            (b"\xed\xa0\x80", Rejection::BodyNotUtf8),
            (b"{\"a\":\"\0\"}", Rejection::BodyNotJson),
            (b"\0", Rejection::BodyNotJson),
            (b"{}{}", Rejection::BodyNotJson),
            (b"{\"a\":1", Rejection::BodyNotJson),
            (b"{'a':1}", Rejection::BodyNotJson),
            (b"NaN", Rejection::BodyNotJson),
            (b"a=1&b=2", Rejection::BodyNotJson),
            (b"\xef\xbb\xbf", Rejection::BodyEmpty),
            (b"\xef\xbb\xbf\xef\xbb\xbf{}", Rejection::BodyNotJson),
            (b"{}\xef\xbb\xbf", Rejection::BodyNotJson),
        ] {
            assert_eq!(read(body), Err(expected), "{body:?}");
        }
    }

    #[test]
    fn a_shape_has_the_first_ten_keys_and_the_wanted_texts() {
        let shape = read(
            br#"{"a":1,"a":2,"b":{"type":"no"},"type":"push","repository":{"id":1,"full_name":"octocat/hello-world"},
                 "e":0,"f":0,"g":0,"h":0,"i":0,"j":0,"k":0,"l":0}"#,
        )
        .unwrap();
        assert_eq!(
            shape.keys,
            ["a", "b", "type", "repository", "e", "f", "g", "h", "i", "j"]
        );
        assert_eq!(shape.fields, 13);
        assert_eq!(event_type(&shape), Some("push"));
        assert_eq!(name(&shape), Some("octocat/hello-world"));
    }

    #[test]
    fn half_a_surrogate_pair_is_replaced_in_keys_and_wanted_texts() {
        let shape =
            read(br#"{"cut \ud83d":1,"type":"push \ude00","repository":{"\ud83d":0,"full_name":"\ud83d\ude00"}}"#)
                .unwrap();
        assert_eq!(shape.keys, ["cut \u{fffd}", "type", "repository"]);
        assert_eq!(event_type(&shape), Some("push \u{fffd}"));
        assert_eq!(name(&shape), Some("😀"));
    }

    #[test]
    fn a_wanted_text_of_another_type_is_absent() {
        for body in [
            r#"{"type":true}"#,
            r#"{"type":null}"#,
            r#"{"repository":"x"}"#,
            r#"{"repository":{"full_name":[]}}"#,
        ] {
            let shape = read(body.as_bytes()).unwrap();
            assert_eq!((event_type(&shape), name(&shape)), (None, None), "{body}");
        }
    }

    #[test]
    fn a_wanted_number_is_its_own_text_and_an_array_has_places() {
        for (body, expected) in [
            (r#"{"type":5}"#, "5"),
            (r#"{"type":-0.50}"#, "-0.50"),
            (r#"{"type":"first","type":7}"#, "7"),
            (
                r#"{"type":123456789012345678901234567890}"#,
                "123456789012345678901234567890",
            ),
        ] {
            assert_eq!(event_type(&read(body.as_bytes()).unwrap()), Some(expected), "{body}");
        }
        let shape = read(br#"[{"type":"first"},{"type":"second"}]"#).unwrap();
        assert_eq!(shape.text(&pointer("/0/type")), Some("first"));
        assert_eq!((shape.keys.len(), shape.fields), (0, 0));
    }

    #[test]
    fn long_keys_and_texts_are_cut_between_characters() {
        let long = "ü".repeat(MAX_FIELD_CHARS + 5);
        let shape = read(format!(r#"{{"{long}":0,"type":"{long}"}}"#).as_bytes()).unwrap();
        assert_eq!(shape.keys[0].chars().count(), MAX_TEXT_CHARS);
        assert_eq!(event_type(&shape).unwrap().chars().count(), MAX_FIELD_CHARS);
    }

    #[test]
    fn bytes_come_from_text_or_base64() {
        for (text, is_base64, bytes) in [
            ("{}", false, &b"{}"[..]),
            ("e30=", true, b"{}"),
            ("", true, b""),
            ("e30", false, b"e30"),
        ] {
            assert_eq!(decode(text.into(), is_base64).unwrap(), bytes);
            assert_eq!(decode(text.to_owned().into(), is_base64).unwrap(), bytes);
        }
        assert_eq!(decode("e30".into(), true), Err(Rejection::BodyEncoding));
    }
}
