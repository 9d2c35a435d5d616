//! The query of a request, out of the maps that the gateway makes of it.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};

/// What RFC 3986 leaves as it is.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A query in its written form.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Query(pub(super) String);

/// The values of a name, in one of the gateway's two maps.
#[derive(Deserialize)]
#[serde(untagged)]
enum Values {
    Many(Vec<Option<String>>),
    One(Option<String>),
}

impl<'de> Deserialize<'de> for Query {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Query;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Query, A::Error> {
                let mut fields = Vec::new();
                while let Some((name, values)) = map.next_entry::<String, Values>()? {
                    let name = utf8_percent_encode(&name, UNRESERVED).to_string();
                    let values = match values {
                        Values::Many(values) => values,
                        Values::One(value) => vec![value],
                    };
                    for value in values {
                        let value = value.unwrap_or_default();
                        fields.push(format!("{name}={}", utf8_percent_encode(&value, UNRESERVED)));
                    }
                }
                Ok(Query(fields.join("&")))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_written_in_the_order_of_the_event() {
        for (event, expected) in [
            (r#"{"b": ["2", "1"], "a": [" x"]}"#, "b=2&b=1&a=%20x"),
            (r#"{"b": "2", "a": null}"#, "b=2&a="),
            (
                r#"{"data.id": "Q-1~_", "\u00fc": "+&="}"#,
                "data.id=Q-1~_&%C3%BC=%2B%26%3D",
            ),
            ("{}", ""),
        ] {
            assert_eq!(serde_json::from_str::<Query>(event).unwrap().0, expected, "{event}");
        }
    }
}
