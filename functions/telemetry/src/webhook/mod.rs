//! The spans of a webhook: the requests that deliver it or ask for its status, its durable execution, the reconciler's
//! actions, and the root above them.

mod action;
mod attributes;
mod execution;
mod root;
mod serving;
mod start;

pub use action::Action;
pub use attributes::properties;
pub use execution::{assign_execution, current_try, ends_execution, link_previous_attempt, trace_id};
pub use root::{flush_end, record_end, tell_ended};
pub use serving::Serving;
pub use start::started;

use durable_traces::Spans;
use tracehook_core::trace::TraceId;
use tracehook_core::{ExecutionToken, Labels, SourceName};
use tracing::Span;

use crate::ids;

/// Whether the spans of a new webhook's trace are exported: the sampled flag of its record.
#[must_use]
pub fn is_sampled(trace: TraceId) -> bool {
    Spans::current().is_some_and(|spans| spans.buffer().samples(ids::otel_trace_id(trace)))
}

/// Context fields for every log line inside this span: the request's id, and the webhook after [`set_webhook`]. The span is
/// in no trace.
#[must_use]
pub fn context(request_id: &str) -> Span {
    crate::logs::context(request_id)
}

/// Sets the labels of a [`context`]'s webhook.
pub fn set_labels(context: &Span, labels: &Labels) {
    crate::logs::set_labels(context, labels);
}

/// Sets the webhook of a [`context`], as far as it is known.
pub fn set_webhook(context: &Span, token: &ExecutionToken, source: Option<&SourceName>, trace: Option<TraceId>) {
    context.record("token", tracing::field::display(token));
    if let Some(source) = source {
        context.record("source", source.as_str());
    }
    if let Some(trace) = trace {
        context.record("trace_id", tracing::field::display(trace));
    }
}
