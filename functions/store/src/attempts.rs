//! The past attempts of a record as a list in its item; absent, and so without cost, until the first redrive.

use aws_sdk_dynamodb::types::AttributeValue;
use tracehook_core::record::Attempt;

use crate::names::*;
use crate::value::{CorruptItem, Item, Reader, error_in, error_value, number, text, time, time_in};

pub(crate) fn attempts_value(attempts: &[Attempt]) -> AttributeValue {
    AttributeValue::L(attempts.iter().map(attempt_value).collect())
}

fn attempt_value(attempt: &Attempt) -> AttributeValue {
    let mut value = Item::from([
        (ATTEMPT_NUMBER.into(), number(attempt.number)),
        (EXECUTION_NAME.into(), text(&attempt.execution_name)),
        (STATUS.into(), text(attempt.status)),
        (ATTEMPT_STARTED_AT.into(), time(attempt.started_at)),
    ]);
    let optional = [
        (ERROR, attempt.error.as_ref().map(error_value)),
        (ATTEMPT_ENDED_AT, attempt.ended_at.map(time)),
    ];
    value.extend(
        optional
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?))),
    );
    AttributeValue::M(value)
}

pub(crate) fn attempts_in(reader: &Reader<'_>) -> Result<Vec<Attempt>, CorruptItem> {
    let list = reader.optional(PAST_ATTEMPTS, |value| value.as_l().ok())?;
    let corrupt = || CorruptItem(PAST_ATTEMPTS.to_owned());
    list.into_iter()
        .flatten()
        .map(|value| attempt(&Reader(value.as_m().map_err(|_| corrupt())?)))
        .collect()
}

fn attempt(reader: &Reader<'_>) -> Result<Attempt, CorruptItem> {
    Ok(Attempt {
        number: reader.parse(ATTEMPT_NUMBER)?,
        execution_name: reader.parse(EXECUTION_NAME)?,
        status: reader.parse(STATUS)?,
        error: error_in(reader)?,
        started_at: reader.required(ATTEMPT_STARTED_AT, time_in)?,
        ended_at: reader.optional(ATTEMPT_ENDED_AT, time_in)?,
    })
}
