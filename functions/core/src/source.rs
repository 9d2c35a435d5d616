//! Sources as data: the scheme that verifies a source's deliveries, and the header that identifies them.

use std::collections::BTreeMap;
use std::str::FromStr;

use http::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Deserializer};

use crate::body::{MAX_FIELD_CHARS, Shape};
use crate::rejection::Rejection;
use crate::signature::SchemeName;
use crate::source_name::SourceName;

/// The longest delivery id, in bytes of visible ASCII. A body's text is remembered one character further, so that a
/// longer id is refused and not cut.
const MAX_DELIVERY_ID_BYTES: usize = MAX_FIELD_CHARS - 1;

/// The verification and identification of one source's deliveries.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SourceConfig {
    /// The signature scheme.
    pub scheme: SchemeName,
    /// The header with the producer's delivery id, in place of the scheme's own.
    #[serde(default, deserialize_with = "header_name")]
    pub delivery_id_header: Option<HeaderName>,
}

impl SourceConfig {
    /// The producer's id of a delivery: from the configured header, else as the scheme reads it. Absent when it is not
    /// sent or empty.
    ///
    /// # Errors
    /// [`Rejection::DeliveryId`] when it is longer than 256 bytes or not visible ASCII.
    pub fn delivery_id(&self, headers: &HeaderMap, shape: &Shape) -> Result<Option<String>, Rejection> {
        let sent = match &self.delivery_id_header {
            Some(header) => headers.get(header).map(HeaderValue::as_bytes),
            None => self.scheme.scheme().delivery_id(headers, shape),
        };
        let Some(sent) = sent else { return Ok(None) };
        let visible = sent.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\t'));
        let id = std::str::from_utf8(sent).map_err(|_| Rejection::DeliveryId)?.trim();
        if !visible || id.len() > MAX_DELIVERY_ID_BYTES {
            return Err(Rejection::DeliveryId);
        }
        Ok((!id.is_empty()).then(|| id.to_owned()))
    }
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

    /// The names of all sources.
    pub fn names(&self) -> impl Iterator<Item = &SourceName> {
        self.0.keys()
    }

    /// The names of the sources that accept unsigned bodies.
    pub fn unsigned(&self) -> impl Iterator<Item = &SourceName> {
        self.0
            .iter()
            .filter(|(_, config)| !config.scheme.scheme().needs_secret())
            .map(|(name, _)| name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_read_from_json() {
        let sources = Sources::parse(
            r#"{"github":{"scheme":"github"},"shop":{"scheme":"hmac-sha256","deliveryIdHeader":"X-Id"},"open":{"scheme":"none"}}"#,
        )
        .unwrap();
        assert_eq!(sources.get("github").unwrap().1.scheme.as_str(), "github");
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
    #[test]
    fn a_delivery_id_comes_from_the_configured_header_else_from_the_scheme() {
        let sources = Sources::parse(
            r#"{"own":{"scheme":"hmac-sha256"},"shop":{"scheme":"hmac-sha256","deliveryIdHeader":"X-Order-Id"}}"#,
        )
        .unwrap();
        let headers = HeaderMap::from_iter([
            (
                HeaderName::from_static("x-webhook-id"),
                HeaderValue::from_static(" w-1 "),
            ),
            (HeaderName::from_static("x-order-id"), HeaderValue::from_static("o-1")),
        ]);
        for (source, expected) in [("own", "w-1"), ("shop", "o-1")] {
            let config = sources.get(source).unwrap().1;
            let id = config.delivery_id(&headers, &Shape::default());
            assert_eq!(id, Ok(Some(expected.to_owned())), "{source}");
            assert_eq!(config.delivery_id(&HeaderMap::new(), &Shape::default()), Ok(None));
        }
    }

    #[test]
    fn a_delivery_id_that_cannot_be_used_is_refused() {
        let sources = Sources::parse(r#"{"own":{"scheme":"hmac-sha256"}}"#).unwrap();
        let config = sources.get("own").unwrap().1;
        let (longest, longer) = ("x".repeat(256), "x".repeat(257));
        for (value, expected) in [
            (longest.as_bytes(), Ok(Some(longest.clone()))),
            (longer.as_bytes(), Err(Rejection::DeliveryId)),
            (b"", Ok(None)),
            (b"  ", Ok(None)),
            ("\u{fc}".as_bytes(), Err(Rejection::DeliveryId)),
            (b"\xff", Err(Rejection::DeliveryId)),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("x-webhook-id", HeaderValue::from_bytes(value).unwrap());
            assert_eq!(config.delivery_id(&headers, &Shape::default()), expected, "{value:?}");
        }
    }
}
