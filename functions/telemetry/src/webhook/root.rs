//! The root span of each attempt of a webhook: from its opening to its end.
//!
//! That of the first attempt is the webhook's; a later attempt is a `redrive N` beside it. Their ids follow from the record,
//! so no process has to live as long as the webhook: whoever ends an attempt makes its span from the record alone, when
//! everything else that it tells of the attempt has ended.

use std::time::SystemTime;

use durable_traces::attributes::{DURABLE_EXECUTION_ARN, ERROR_TYPE, LINK_RELATION};
use durable_traces::{Cause, Operation, Period, Spans, Unfinished, tell_execution};
use opentelemetry::KeyValue;
use opentelemetry::trace::{Link, SpanId, SpanKind, Status as SpanStatus};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};
use tracehook_core::record::{Record, Status, StepStatus};
use tracehook_core::trace::TraceParent;

use super::attributes::{self, ATTEMPT, DELIVERY_ID, EVENT_TYPE, PAYLOAD_BYTES, STATUS, assignment};
use crate::{ids, instrumentation, metrics};

/// Counts the end of a webhook. Call it once, after your write of the terminal status succeeded, with the record as that
/// write left it.
pub fn record_end(record: &Record) {
    if !record.status.is_terminal() {
        return;
    }
    if record.status == Status::Completed {
        metrics::completed(&record.source, record.last_updated.since(record.created_at));
    } else {
        let code = record
            .error
            .as_ref()
            .map_or(record.status.as_str(), |error| &error.code);
        metrics::failed(&record.source, code);
    }
}

/// Tells an attempt that ended without its execution: the execution, the try that it ended in, and the root.
pub fn tell_ended(record: &Record) {
    let Some(spans) = Spans::current() else {
        return;
    };
    let now = spans.now();
    let parent = ids::parent(&record.attempt_root());
    if let Some(arn) = &record.execution_arn {
        let period = Period {
            began: record.attempt_started_at.into(),
            ended: now,
        };
        let (failed, unfinished) = (cause(record), unfinished(record, now));
        tell_execution(&parent, arn, period, failed.as_ref(), unfinished.as_ref());
    }
    tell(record, now);
}

/// Tells the root of an attempt that ends at `at`, and, when it has failed, that by itself too: whoever samples whole traces
/// may have decided about the webhook's long ago.
pub(super) fn tell(record: &Record, at: SystemTime) {
    let Some(spans) = Spans::current() else {
        return;
    };
    let parent = record.attempt_root();
    spans
        .buffer()
        .assign(ids::otel_trace_id(parent.trace_id), assignment(record, Some(&parent)));
    spans.buffer().push(root(record, at));
    if let Some(cause) = cause(record) {
        let place = ids::traceparent(spans.new_trace(record.traceparent.sampled));
        spans
            .buffer()
            .assign(ids::otel_trace_id(place.trace_id), assignment(record, Some(&place)));
        spans.buffer().push(failure(record, cause, &place, at));
    }
}

/// Exports what an invocation told of the end that it has brought about before its response is posted, within the time of a
/// flush. A later crash loses nothing.
pub async fn flush_end() {
    if let Some(spans) = Spans::current() {
        spans.export_now().await;
    }
}

/// Why an attempt has not completed.
pub(super) fn cause(record: &Record) -> Option<Cause> {
    let status = record.status.as_str();
    let (error_type, message) = match (&record.error, record.status) {
        (_, Status::Completed) => return None,
        (Some(error), _) => (&*error.code, &*error.message),
        (None, _) => (status, status),
    };
    Some(Cause {
        error_type: error_type.to_owned(),
        message: message.to_owned(),
    })
}

/// The try that had begun when an attempt was ended.
fn unfinished(record: &Record, now: SystemTime) -> Option<Unfinished> {
    let (step, entry) = record
        .steps
        .iter()
        .find(|(_, entry)| entry.status == StepStatus::Started)?;
    let before = record.steps.keys().filter(|other| *other < step).count();
    let position = u32::try_from(before).unwrap_or_default().saturating_add(1);
    Some(Unfinished {
        operation: Operation::at(position, step.as_str()),
        number: entry.tries,
        period: Period {
            began: entry.started_at.into(),
            ended: now,
        },
    })
}

fn root(record: &Record, at: SystemTime) -> SpanData {
    let is_first = record.attempt == 1;
    let status = cause(record).map_or(SpanStatus::Ok, |cause| SpanStatus::error(cause.message));
    let mut attributes = attributes::of_record(record);
    attributes.extend([
        KeyValue::new(EVENT_TYPE, record.summary.event_type.clone()),
        KeyValue::new(PAYLOAD_BYTES, i64::try_from(record.payload_bytes).unwrap_or(i64::MAX)),
        KeyValue::new(STATUS, record.status.as_str()),
        KeyValue::new(ATTEMPT, i64::from(record.attempt)),
    ]);
    let optional = [
        (DELIVERY_ID, record.delivery_id.clone()),
        (DURABLE_EXECUTION_ARN, record.execution_arn.clone()),
        (ERROR_TYPE, cause(record).map(|cause| cause.error_type)),
    ];
    attributes.extend(
        optional
            .into_iter()
            .filter_map(|(name, value)| Some(KeyValue::new(name, value?))),
    );
    let links = if is_first {
        SpanLinks::default()
    } else {
        to_webhook(record)
    };
    let began = if is_first {
        record.created_at
    } else {
        record.attempt_started_at
    };
    let began = SystemTime::from(began);
    SpanData {
        span_context: ids::parent(&record.attempt_root()).span_context(),
        parent_span_id: SpanId::INVALID,
        parent_span_is_remote: false,
        span_kind: SpanKind::Internal,
        name: if is_first {
            format!("webhook {}", record.source)
        } else {
            format!("redrive {}", record.attempt)
        }
        .into(),
        start_time: began,
        end_time: at.max(began),
        attributes,
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links,
        status,
        instrumentation_scope: instrumentation::root_scope(),
    }
}

fn failure(record: &Record, cause: Cause, place: &TraceParent, at: SystemTime) -> SpanData {
    SpanData {
        span_context: ids::parent(place).span_context(),
        parent_span_id: SpanId::INVALID,
        parent_span_is_remote: false,
        span_kind: SpanKind::Internal,
        name: format!("failed webhook {}", record.source).into(),
        start_time: at,
        end_time: at,
        attributes: vec![
            KeyValue::new(STATUS, record.status.as_str()),
            KeyValue::new(ATTEMPT, i64::from(record.attempt)),
            KeyValue::new(ERROR_TYPE, cause.error_type),
        ],
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: to_webhook(record),
        status: SpanStatus::error(cause.message),
        instrumentation_scope: instrumentation::root_scope(),
    }
}

/// A link to the webhook's span.
fn to_webhook(record: &Record) -> SpanLinks {
    let relation = vec![KeyValue::new(LINK_RELATION, "webhook")];
    let mut links = SpanLinks::default();
    let webhook = ids::parent(&record.traceparent).span_context();
    links.links.push(Link::new(webhook, relation, 0));
    links
}
