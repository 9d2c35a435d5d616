//! The span of an attempt that failed, in the trace of a webhook that was redriven.
//!
//! It is made from the record alone by whoever opens the next attempt, whose spans are linked to it.

use durable_traces::Spans;
use durable_traces::attributes::ERROR_TYPE;
use opentelemetry::KeyValue;
use opentelemetry::trace::{SpanKind, Status as SpanStatus};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};
use tracehook_core::record::Record;

use super::attributes::{self, ATTEMPT, STATUS};
use crate::{ids, instrumentation};

/// Records the end of the attempt before the record's current one. Call it after you opened the current attempt.
pub fn record_attempt_end(record: &Record) {
    let (Some(attempt), Some(place), Some(spans)) =
        (record.past_attempts.last(), record.previous_attempt(), Spans::current())
    else {
        return;
    };
    let mut attributes = attributes::of_record(record);
    attributes.extend([
        KeyValue::new(ATTEMPT, i64::from(attempt.number)),
        KeyValue::new(STATUS, attempt.status.as_str()),
    ]);
    let status = match &attempt.error {
        Some(error) => {
            attributes.push(KeyValue::new(ERROR_TYPE, error.code.clone()));
            SpanStatus::error(error.message.clone())
        }
        None => SpanStatus::error(attempt.status.as_str()),
    };
    spans.buffer().push(SpanData {
        span_context: ids::parent(&place).span_context(),
        parent_span_id: ids::parent(&record.traceparent).span_id,
        parent_span_is_remote: true,
        span_kind: SpanKind::Internal,
        name: format!("attempt {}", attempt.number).into(),
        start_time: attempt.started_at.into(),
        end_time: attempt.ended_at.unwrap_or(record.attempt_started_at).into(),
        attributes,
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status,
        instrumentation_scope: instrumentation::scope(),
    });
}
