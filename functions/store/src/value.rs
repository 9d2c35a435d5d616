//! Values of attributes, written and read.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use tracehook_core::Timestamp;
use tracehook_core::record::Failure;

use crate::names::*;

pub(crate) type Item = HashMap<String, AttributeValue>;

/// An attribute is missing or not of the form that this version writes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("attribute {0}")]
pub struct CorruptItem(pub String);

pub(crate) fn text(value: impl ToString) -> AttributeValue {
    AttributeValue::S(value.to_string())
}

pub(crate) fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

pub(crate) fn time(at: Timestamp) -> AttributeValue {
    number(at.epoch_ms())
}

pub(crate) fn error_value(error: &Failure) -> AttributeValue {
    AttributeValue::M(Item::from([
        (ERROR_CODE.into(), text(&error.code)),
        (ERROR_MESSAGE.into(), text(&error.message)),
    ]))
}

/// Reads attributes; an error names the one that is missing or malformed.
pub(crate) struct Reader<'a>(pub(crate) &'a Item);

impl<'a> Reader<'a> {
    pub(crate) fn optional<T>(
        &self,
        name: &str,
        read: impl FnOnce(&'a AttributeValue) -> Option<T>,
    ) -> Result<Option<T>, CorruptItem> {
        self.0
            .get(name)
            .map(|value| read(value).ok_or_else(|| CorruptItem(name.to_owned())))
            .transpose()
    }

    pub(crate) fn required<T>(
        &self,
        name: &str,
        read: impl FnOnce(&'a AttributeValue) -> Option<T>,
    ) -> Result<T, CorruptItem> {
        self.optional(name, read)?.ok_or_else(|| CorruptItem(name.to_owned()))
    }

    pub(crate) fn parse<T: std::str::FromStr>(&self, name: &str) -> Result<T, CorruptItem> {
        self.required(name, parsed)
    }

    pub(crate) fn map(&self, name: &str) -> Result<Reader<'a>, CorruptItem> {
        self.required(name, |value| value.as_m().ok()).map(Reader)
    }
}

/// A text or a number, parsed.
pub(crate) fn parsed<T: std::str::FromStr>(value: &AttributeValue) -> Option<T> {
    value.as_s().or_else(|_| value.as_n()).ok()?.parse().ok()
}

pub(crate) fn time_in(value: &AttributeValue) -> Option<Timestamp> {
    parsed(value).map(Timestamp::from_epoch_ms)
}

/// A time in whole seconds, as of `ttl`.
pub(crate) fn seconds_in(value: &AttributeValue) -> Option<Timestamp> {
    let seconds: i64 = parsed(value)?;
    seconds.checked_mul(1000).map(Timestamp::from_epoch_ms)
}

/// The error of a record or of one of its attempts.
pub(crate) fn error_in(reader: &Reader<'_>) -> Result<Option<Failure>, CorruptItem> {
    let Some(error) = reader.optional(ERROR, |value| value.as_m().ok())?.map(Reader) else {
        return Ok(None);
    };
    Ok(Some(Failure {
        code: error.parse(ERROR_CODE)?,
        message: error.parse(ERROR_MESSAGE)?,
    }))
}
