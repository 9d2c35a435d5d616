//! The root span of a webhook: from its receipt to its end.
//!
//! Its ids are in the record, so it needs no memory and no process that lives as long: it is made at the end, at once, by
//! whoever ends the webhook, from the record alone. Made twice, it is the same span.

use opentelemetry::KeyValue;
use opentelemetry::trace::{SpanId, SpanKind, Status as SpanStatus};
use opentelemetry_sdk::trace::SpanData;
use tracehook_core::record::{Record, Status};

use super::{attributes, properties};
use crate::metrics;
use crate::trace::{self, Belonging, Spans};

/// Tells of a webhook that has reached its end: the root span and the metrics. Call it once, as the one whose write of
/// the terminal status succeeded, with the record as that write left it.
pub fn ended(record: &Record) {
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
        let belonging = Belonging {
            home: Some(record.traceparent),
            attributes: attributes(properties(&record.token, Some(&record.source))).collect(),
        };
        spans.buffer().settle(span.span_context.trace_id(), belonging);
        spans.buffer().push(span);
    }
}

/// Sends the root before the invocation that ended the webhook is over, within the time of a flush: a crash after it
/// costs nothing, and a crash before it is repeated, which ends in the same span.
pub async fn end_leaves() {
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
    let mut said: Vec<_> = attributes(properties(&record.token, Some(&record.source))).collect();
    said.extend([
        KeyValue::new(trace::EVENT_TYPE, record.summary.event_type.clone()),
        KeyValue::new(
            trace::PAYLOAD_BYTES,
            i64::try_from(record.payload_bytes).unwrap_or(i64::MAX),
        ),
        KeyValue::new(trace::WEBHOOK_STATUS, record.status.as_str()),
        KeyValue::new(trace::WEBHOOK_ATTEMPT, i64::from(record.attempt)),
    ]);
    let optional = [
        (trace::DELIVERY_ID, record.delivery_id.as_ref()),
        (trace::DURABLE_EXECUTION_ARN, record.execution_arn.as_ref()),
        (trace::ERROR_TYPE, record.error.as_ref().map(|error| &error.code)),
    ];
    said.extend(
        optional
            .into_iter()
            .filter_map(|(name, value)| Some(KeyValue::new(name, value?.clone()))),
    );
    SpanData {
        span_context: trace::remote(&record.traceparent),
        parent_span_id: SpanId::INVALID,
        parent_span_is_remote: false,
        span_kind: SpanKind::Internal,
        name: format!("webhook {}", record.source).into(),
        start_time: record.created_at.into(),
        end_time: record.last_updated.into(),
        attributes: said,
        dropped_attributes_count: 0,
        events: Default::default(),
        links: Default::default(),
        status,
        instrumentation_scope: trace::scope(),
    }
}
