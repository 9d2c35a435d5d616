//! The domain's trace ids as OpenTelemetry's, and back.

use opentelemetry::trace::{SpanId as OtelSpanId, TraceId as OtelTraceId};
use tracehook_core::trace::{SpanId, TraceId, TraceParent};

/// The domain's `traceparent` as the parent of a span.
pub(crate) fn parent(traceparent: &TraceParent) -> durable_traces::TraceParent {
    durable_traces::TraceParent {
        trace_id: otel_trace_id(traceparent.trace_id),
        span_id: OtelSpanId::from_bytes(traceparent.span_id.to_bytes()),
        sampled: traceparent.sampled,
    }
}

/// The place of a span as the domain's `traceparent`.
pub(crate) fn traceparent(span: durable_traces::TraceParent) -> TraceParent {
    TraceParent {
        trace_id: trace_id(span.trace_id),
        span_id: SpanId::from_random(span.span_id.to_bytes()),
        sampled: span.sampled,
    }
}

pub(crate) fn otel_trace_id(id: TraceId) -> OtelTraceId {
    OtelTraceId::from_bytes(id.to_bytes())
}

pub(crate) fn trace_id(id: OtelTraceId) -> TraceId {
    TraceId::from_bytes(id.to_bytes())
}
