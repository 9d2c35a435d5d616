//! The spans of a webhook: the request that brings it or asks for it, what the reconciler does to it, and the root that
//! everything is under.

mod action;
mod attempt;
mod root;
mod serving;
mod start;

pub use action::Action;
pub use attempt::attempt_ended;
pub use root::{end_leaves, ended};
pub use serving::Serving;
pub use start::started;

use opentelemetry::KeyValue;
use tracehook_core::trace::TraceId;
use tracehook_core::{ExecutionToken, SourceName};
use tracing::Span;

use crate::Properties;
use crate::trace::{EXECUTION_TOKEN, SOURCE, Spans};

/// Whether the spans of a new webhook's trace are exported: the sampled flag of its record.
#[must_use]
pub fn is_sampled(trace: TraceId) -> bool {
    Spans::current().is_some_and(|spans| spans.buffer().samples(trace))
}

/// A span whose log lines all have the request's id, and what [`concerns`] says later. It is in no trace.
#[must_use]
pub fn context(request_id: &str) -> Span {
    crate::logs::context(request_id)
}

/// Says which webhook the lines within a [`context`] are about, as far as it is known.
pub fn concerns(context: &Span, token: &ExecutionToken, source: Option<&SourceName>, trace: Option<TraceId>) {
    context.record("token", tracing::field::display(token));
    if let Some(source) = source {
        context.record("source", source.as_str());
    }
    if let Some(trace) = trace {
        context.record("trace_id", tracing::field::display(trace));
    }
}

/// What every span of a webhook says.
#[must_use]
pub fn properties(token: &ExecutionToken, source: Option<&SourceName>) -> Properties {
    let source = source.map(|source| (SOURCE.to_owned(), source.to_string()));
    [(EXECUTION_TOKEN.to_owned(), token.to_string())]
        .into_iter()
        .chain(source)
        .collect()
}

fn attributes(properties: Properties) -> impl Iterator<Item = KeyValue> {
    properties.into_iter().map(|(name, value)| KeyValue::new(name, value))
}
