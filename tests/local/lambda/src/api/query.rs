//! Query strings as the AWS SDKs send them: keys may repeat, times are ISO 8601.

use percent_encoding::percent_decode_str;

use crate::api_error::ApiError;

/// The decoded pairs in their order.
#[derive(Debug)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn parse(raw: Option<&str>) -> Self {
        let decode = |text: &str| {
            percent_decode_str(&text.replace('+', " "))
                .decode_utf8_lossy()
                .into_owned()
        };
        let pairs = raw.unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        Self(
            pairs
                .map(|pair| {
                    let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
                    (decode(key), decode(value))
                })
                .collect(),
        )
    }

    /// The last non-empty value of a key.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        let found = self.0.iter().rev().find(|(name, _)| name == key);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    pub(super) fn all<'a>(&'a self, key: &'a str) -> impl DoubleEndedIterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(name, _)| name == key)
            .map(|(_, value)| value.as_str())
    }

    pub(super) fn flag(&self, key: &str, default: bool) -> bool {
        self.get(key).map_or(default, |value| value == "true")
    }

    pub(super) fn number(&self, key: &str) -> Result<Option<usize>, ApiError> {
        let parse = |value: &str| {
            value
                .parse()
                .map_err(|_| ApiError::invalid_parameter(format!("{key} must be a number")))
        };
        self.get(key).map(parse).transpose()
    }

    /// `MaxItems`: at most 1000, 100 when absent; 0 also means the default.
    pub(super) fn max_items(&self) -> Result<usize, ApiError> {
        Ok(self
            .number("MaxItems")?
            .filter(|items| *items > 0)
            .unwrap_or(100)
            .min(1000))
    }

    pub(super) fn time_ms(&self, key: &str) -> Result<Option<i64>, ApiError> {
        let parse = |value: &str| {
            value
                .parse::<jiff::Timestamp>()
                .map(jiff::Timestamp::as_millisecond)
                .map_err(|_| ApiError::invalid_parameter(format!("{key} must be a time in ISO 8601")))
        };
        self.get(key).map(parse).transpose()
    }
}
