//! The span of an attempt that ended badly, in the trace of a webhook that was redriven.
//!
//! Made from the record alone by whoever opens the next attempt. What the next attempt does is linked to it.

use opentelemetry::KeyValue;
use opentelemetry::trace::{SpanKind, Status as SpanStatus};
use opentelemetry_sdk::trace::SpanData;
use tracehook_core::record::Record;

use super::{attributes, properties};
use crate::trace::{self, Spans};

/// Tells of the attempt before the record's current one. Call it as the one who opened the current one.
pub fn attempt_ended(record: &Record) {
    let (Some(attempt), Some(place), Some(spans)) =
        (record.past_attempts.last(), record.previous_attempt(), Spans::current())
    else {
        return;
    };
    let mut said: Vec<_> = attributes(properties(&record.token, Some(&record.source))).collect();
    said.extend([
        KeyValue::new(trace::WEBHOOK_ATTEMPT, i64::from(attempt.number)),
        KeyValue::new(trace::WEBHOOK_STATUS, attempt.status.as_str()),
    ]);
    let status = match &attempt.error {
        Some(error) => {
            said.push(KeyValue::new(trace::ERROR_TYPE, error.code.clone()));
            SpanStatus::error(error.message.clone())
        }
        None => SpanStatus::error(attempt.status.as_str()),
    };
    spans.buffer().push(SpanData {
        span_context: trace::remote(&place),
        parent_span_id: trace::remote(&record.traceparent).span_id(),
        parent_span_is_remote: true,
        span_kind: SpanKind::Internal,
        name: format!("attempt {}", attempt.number).into(),
        start_time: attempt.started_at.into(),
        end_time: attempt.ended_at.unwrap_or(record.attempt_started_at).into(),
        attributes: said,
        dropped_attributes_count: 0,
        events: Default::default(),
        links: Default::default(),
        status,
        instrumentation_scope: trace::scope(),
    });
}
