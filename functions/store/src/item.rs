//! A record as an item of `DynamoDB`, and back.
//!
//! Times are numbers (epoch milliseconds; `ttl` in seconds, as `DynamoDB` wants it) and the digest is binary: with them as
//! text the state item would exceed 1 KiB, and every update would cost a second write unit.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use tracehook_core::record::{LateStart, PayloadDigest, StepName, StepRecord, Steps, Wait};
use tracehook_core::{ExecutionToken, Labels, Record, WebhookSummary};

use crate::attempts::{attempts_in, attempts_value};
use crate::names::*;
use crate::shard::open_shard;
use crate::value::{CorruptItem, Item, Reader, error_in, error_value, number, parsed, seconds_in, text, time, time_in};

/// The sort key of a payload: its content.
pub(crate) fn payload_key(sha256: &PayloadDigest) -> String {
    format!("{PAYLOAD_PREFIX}{}", hex::encode(sha256))
}

pub(crate) fn state_item(record: &Record) -> Item {
    let mut item = Item::from([
        (TOKEN.into(), text(record.token)),
        (ITEM.into(), text(STATE)),
        (SOURCE.into(), text(&record.source)),
        (STATUS.into(), text(record.status)),
        (
            STEPS.into(),
            AttributeValue::M(
                record
                    .steps
                    .iter()
                    .map(|(name, step)| (name.to_string(), step_value(step)))
                    .collect(),
            ),
        ),
        (SUMMARY.into(), summary_value(&record.summary)),
        (
            PAYLOAD_SHA256.into(),
            AttributeValue::B(Blob::new(record.payload_sha256)),
        ),
        (PAYLOAD_BYTES.into(), number(record.payload_bytes)),
        (EXECUTION_NAME.into(), text(&record.execution_name)),
        (ATTEMPT.into(), number(record.attempt)),
        (TRACEPARENT.into(), text(record.traceparent)),
        (CREATED_AT.into(), time(record.created_at)),
        (LAST_UPDATED.into(), time(record.last_updated)),
        (TTL.into(), number(record.expires_at.epoch_seconds())),
    ]);
    let optional = [
        (DELIVERY_ID, record.delivery_id.as_ref().map(text)),
        (
            LABELS,
            (!record.labels.is_empty()).then(|| labels_value(&record.labels)),
        ),
        (CURRENT_STEP, record.current_step.map(text)),
        (EXECUTION_ARN, record.execution_arn.as_ref().map(text)),
        (ERROR, record.error.as_ref().map(error_value)),
        (
            ATTEMPT_STARTED_AT,
            (record.attempt_started_at != record.created_at).then(|| time(record.attempt_started_at)),
        ),
        (
            START_DEFERRED,
            (record.late_start == Some(LateStart::Deferred)).then_some(AttributeValue::Bool(true)),
        ),
        (
            START_REPEATED_AT,
            match record.late_start {
                Some(LateStart::Repeated { at }) => Some(time(at)),
                _ => None,
            },
        ),
        (
            REDELIVERIES,
            (record.redeliveries > 0).then(|| number(record.redeliveries)),
        ),
        (CONFLICTS, (record.conflicts > 0).then(|| number(record.conflicts))),
        (
            PAST_ATTEMPTS,
            (!record.past_attempts.is_empty()).then(|| attempts_value(&record.past_attempts)),
        ),
    ];
    item.extend(
        optional
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?))),
    );
    if !record.status.is_terminal() {
        item.insert(OPEN_SHARD.into(), text(open_shard(&record.token)));
        item.insert(OPEN_SINCE.into(), time(record.attempt_started_at));
    }
    item
}

pub(crate) fn step_value(step: &StepRecord) -> AttributeValue {
    let mut value = Item::from([
        (STATUS.into(), text(step.status.as_str())),
        (STEP_TRIES.into(), number(step.tries)),
        (STEP_STARTED_AT.into(), time(step.started_at)),
    ]);
    if step.interrupted > 0 {
        value.insert(STEP_INTERRUPTED.into(), number(step.interrupted));
    }
    if let Some(at) = step.completed_at {
        value.insert(STEP_COMPLETED_AT.into(), time(at));
    }
    if let Some(wait) = &step.wait {
        value.insert(ERROR.into(), error_value(&wait.error));
        value.insert(STEP_NEXT_TRY_AT.into(), time(wait.next_try_at));
    }
    AttributeValue::M(value)
}

fn summary_value(summary: &WebhookSummary) -> AttributeValue {
    AttributeValue::M(Item::from([
        (SUMMARY_TYPE.into(), text(&summary.event_type)),
        (SOURCE.into(), text(&summary.source)),
        (
            SUMMARY_KEYS.into(),
            AttributeValue::L(summary.keys.iter().map(text).collect()),
        ),
    ]))
}

fn labels_value(labels: &Labels) -> AttributeValue {
    AttributeValue::M(labels.iter().map(|(name, label)| (name.clone(), text(label))).collect())
}

fn labels_in(value: &AttributeValue) -> Option<Labels> {
    let labels = value.as_m().ok()?.iter();
    labels
        .map(|(name, label)| Some((name.clone(), label.as_s().ok()?.clone())))
        .collect()
}

/// Reads a state item.
pub(crate) fn record(item: &Item) -> Result<Record, CorruptItem> {
    let reader = Reader(item);
    let summary = reader.map(SUMMARY)?;
    let keys = summary.required(SUMMARY_KEYS, |value| value.as_l().ok()?.iter().map(parsed).collect())?;
    let created_at = reader.required(CREATED_AT, time_in)?;
    Ok(Record {
        token: reader.parse::<ExecutionToken>(TOKEN)?,
        source: reader.parse(SOURCE)?,
        delivery_id: reader.optional(DELIVERY_ID, parsed)?,
        status: reader.parse(STATUS)?,
        current_step: reader.optional(CURRENT_STEP, parsed)?,
        steps: steps(&reader.map(STEPS)?)?,
        summary: WebhookSummary {
            event_type: summary.parse(SUMMARY_TYPE)?,
            source: summary.parse(SOURCE)?,
            keys,
        },
        labels: reader.optional(LABELS, labels_in)?.unwrap_or_default(),
        payload_sha256: reader.required(PAYLOAD_SHA256, |value| value.as_b().ok()?.as_ref().try_into().ok())?,
        payload_bytes: reader.parse(PAYLOAD_BYTES)?,
        execution_name: reader.parse(EXECUTION_NAME)?,
        execution_arn: reader.optional(EXECUTION_ARN, parsed)?,
        attempt: reader.parse(ATTEMPT)?,
        attempt_started_at: reader.optional(ATTEMPT_STARTED_AT, time_in)?.unwrap_or(created_at),
        late_start: late_start(&reader)?,
        redeliveries: reader.optional(REDELIVERIES, parsed)?.unwrap_or_default(),
        conflicts: reader.optional(CONFLICTS, parsed)?.unwrap_or_default(),
        past_attempts: attempts_in(&reader)?,
        error: error_in(&reader)?,
        traceparent: reader.parse(TRACEPARENT)?,
        created_at,
        last_updated: reader.required(LAST_UPDATED, time_in)?,
        expires_at: reader.required(TTL, seconds_in)?,
    })
}

fn wait(step: &Reader<'_>) -> Result<Option<Wait>, CorruptItem> {
    let Some(error) = error_in(step)? else {
        return Ok(None);
    };
    let next_try_at = step.required(STEP_NEXT_TRY_AT, time_in)?;
    Ok(Some(Wait { error, next_try_at }))
}

/// A deferred start comes after a repeated one: a repetition that is accepted removes the mark.
fn late_start(reader: &Reader<'_>) -> Result<Option<LateStart>, CorruptItem> {
    if reader.optional(START_DEFERRED, |value| value.as_bool().ok().copied())? == Some(true) {
        return Ok(Some(LateStart::Deferred));
    }
    let at = reader.optional(START_REPEATED_AT, time_in)?;
    Ok(at.map(|at| LateStart::Repeated { at }))
}

fn steps(reader: &Reader<'_>) -> Result<Steps, CorruptItem> {
    reader
        .0
        .keys()
        .map(|name| {
            let corrupt = || CorruptItem(format!("{STEPS}.{name}"));
            let step = reader.map(name).map_err(|_| corrupt())?;
            let name: StepName = name.parse().map_err(|_| corrupt())?;
            let record = StepRecord {
                status: step.parse(STATUS)?,
                tries: step.parse(STEP_TRIES)?,
                interrupted: step.optional(STEP_INTERRUPTED, parsed)?.unwrap_or_default(),
                started_at: step.required(STEP_STARTED_AT, time_in)?,
                completed_at: step.optional(STEP_COMPLETED_AT, time_in)?,
                wait: wait(&step)?,
            };
            Ok((name, record))
        })
        .collect()
}
