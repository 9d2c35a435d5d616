//! The root span of a webhook: from its receipt to its end.
//!
//! Its ids are in the record, so no process has to live as long as the webhook: whoever ends the webhook makes the span
//! from the record alone. Made twice, it is the same span.

use durable_traces::Spans;
use durable_traces::attributes::{DURABLE_EXECUTION_ARN, ERROR_TYPE};
use opentelemetry::KeyValue;
use opentelemetry::trace::{SpanId, SpanKind, Status as SpanStatus};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};
use tracehook_core::record::{Record, Status};

use super::attributes::{self, ATTEMPT, DELIVERY_ID, EVENT_TYPE, PAYLOAD_BYTES, STATUS, assignment};
use crate::{ids, instrumentation, metrics};

/// Records the end of a webhook: the root span and the metrics. Call it once, after your write of the terminal status
/// succeeded, with the record as that write left it.
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
    if let Some(spans) = Spans::current() {
        let span = root(record);
        let assignment = assignment(record, Some(&record.traceparent));
        spans.buffer().assign(span.span_context.trace_id(), assignment);
        spans.buffer().push(span);
    }
}

/// Exports the root span before the invocation that ended the webhook is over, within the time of a flush. A later crash
/// loses nothing; an earlier crash makes Lambda repeat the invocation, which exports the same span.
pub async fn flush_root_span() {
    if let Some(spans) = Spans::current() {
        spans.export_now().await;
    }
}

fn root(record: &Record) -> SpanData {
    let status = match (&record.error, record.status) {
        (_, Status::Completed) => SpanStatus::Unset,
        (Some(error), _) => SpanStatus::error(error.message.clone()),
        (None, status) => SpanStatus::error(status.as_str()),
    };
    let mut attributes = attributes::of_record(record);
    attributes.extend([
        KeyValue::new(EVENT_TYPE, record.summary.event_type.clone()),
        KeyValue::new(PAYLOAD_BYTES, i64::try_from(record.payload_bytes).unwrap_or(i64::MAX)),
        KeyValue::new(STATUS, record.status.as_str()),
        KeyValue::new(ATTEMPT, i64::from(record.attempt)),
    ]);
    let optional = [
        (DELIVERY_ID, record.delivery_id.as_ref()),
        (DURABLE_EXECUTION_ARN, record.execution_arn.as_ref()),
        (ERROR_TYPE, record.error.as_ref().map(|error| &error.code)),
    ];
    attributes.extend(
        optional
            .into_iter()
            .filter_map(|(name, value)| Some(KeyValue::new(name, value?.clone()))),
    );
    SpanData {
        span_context: ids::parent(&record.traceparent).span_context(),
        parent_span_id: SpanId::INVALID,
        parent_span_is_remote: false,
        span_kind: SpanKind::Internal,
        name: format!("webhook {}", record.source).into(),
        start_time: record.created_at.into(),
        end_time: record.last_updated.into(),
        attributes,
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status,
        instrumentation_scope: instrumentation::scope(),
    }
}
