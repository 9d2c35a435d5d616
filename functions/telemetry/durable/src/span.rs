//! Operations on running `tracing` spans.
//!
//! A unit of work often learns late which trace it belongs to, for example from a record that it reads. Its spans begin in
//! a provisional trace of their own; [`assign_parent`] decides where they are exported.

use opentelemetry::trace::{SpanContext, Status, TraceContextExt};
use opentelemetry::{Context, KeyValue};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::assignment::Assignment;
use crate::attributes::{ERROR_TYPE, EXCEPTION_MESSAGE, EXCEPTION_TYPE, LINK_RELATION};
use crate::pipeline::Spans;
use crate::traceparent::TraceParent;

/// A span's ids as they are while it runs: its trace may be provisional.
pub(crate) fn running(span: &tracing::Span) -> Option<SpanContext> {
    Some(span.context().span().span_context().clone()).filter(SpanContext::is_valid)
}

/// A span's ids as they are exported, as far as that is known. None with traces off.
#[must_use]
pub fn exported(span: &tracing::Span) -> Option<TraceParent> {
    let context = running(span)?;
    let context = Spans::of(span)?.buffer().resolve(context);
    Some(TraceParent::from(&context))
}

/// Assigns this span and all others of its provisional trace to a parent.
pub fn assign_parent(span: &tracing::Span, assignment: Assignment) {
    if let (Some(context), Some(spans)) = (running(span), Spans::of(span)) {
        spans.buffer().assign(context.trace_id(), assignment);
    }
}

/// Marks the trace of this span as one of many that say little: the sampler may keep fewer of them
/// ([`crate::Sampler::with_minor_ratio`]).
pub fn mark_minor(span: &tracing::Span) {
    if let (Some(context), Some(spans)) = (running(span), Spans::of(span)) {
        spans.buffer().mark_minor(context.trace_id());
    }
}

/// Makes a span the child of a span of another process, or, without one, the first of a provisional trace. Call it
/// before the span is entered.
pub fn set_parent(span: &tracing::Span, parent: Option<&TraceParent>) {
    let context = parent.map_or_else(Context::new, |parent| {
        Context::new().with_remote_span_context(parent.span_context())
    });
    let _ = span.set_parent(context);
}

/// Links a span to another one; `relation` is the reason.
pub fn link(span: &tracing::Span, to: SpanContext, relation: &'static str) {
    span.add_link_with_attributes(to, vec![KeyValue::new(LINK_RELATION, relation)]);
}

/// Marks a span as failed. The message is for people and must not quote a payload.
pub fn fail(span: &tracing::Span, error_type: &str, message: &str) {
    span.set_attribute(ERROR_TYPE, error_type.to_owned());
    span.set_status(Status::error(message.to_owned()));
}

/// Tells a failure as the event that error inboxes look for.
pub fn exception(span: &tracing::Span, error_type: &str, message: &str) {
    span.add_event(
        "exception",
        vec![
            KeyValue::new(EXCEPTION_TYPE, error_type.to_owned()),
            KeyValue::new(EXCEPTION_MESSAGE, message.to_owned()),
        ],
    );
}
