//! The reconciler's actions on a webhook, as spans in the webhook's trace.
//!
//! Only actions have spans. The metrics of the sweep count the records that it inspected: a webhook that waits for hours
//! would otherwise have a span for each of its minutes.

use durable_traces::{Spans, span};
use tracehook_core::record::Record;
use tracing::field::Empty;
use tracing::{Instrument, Span, info_span};

use super::attributes::assignment;
use crate::ids;

/// One action, from its decision to its outcome. Its calls of AWS are its children.
#[derive(Debug)]
pub struct Action(Span);

impl Action {
    /// Begins the action `name` (`start`, `close`, `redrive`) for the reason `trigger`. `record` is the record as the action
    /// is going to leave it; the span is linked to the attempt before the record's current one, if there is one.
    #[must_use]
    pub fn begin(name: &'static str, trigger: &'static str, record: &Record) -> Self {
        let span = info_span!(
            "reconcile",
            otel.name = format!("reconcile {name}"),
            reconciler.trigger = trigger,
            reconciler.outcome = Empty,
            webhook.attempt = i64::from(record.attempt),
        );
        let root = ids::parent(&record.traceparent);
        span::set_parent(&span, Some(&root));
        if let Some(previous) = record.previous_attempt() {
            span::link(&span, ids::parent(&previous).span_context(), "previous_attempt");
        }
        if let Some(spans) = Spans::current() {
            let assignment = assignment(record, Some(&record.traceparent));
            spans.buffer().assign(root.trace_id, assignment);
        }
        Self(span)
    }

    /// Runs the work of the action inside its span.
    pub async fn run<T>(&self, work: impl Future<Output = T>) -> T {
        work.instrument(self.0.clone()).await
    }

    /// Ends the action with its outcome, a stable code.
    pub fn ended(self, outcome: &str) {
        self.0.record("reconciler.outcome", outcome);
        self.flush();
    }

    /// Ends the action with an error: it was not done, or cannot be done. The message is for people.
    pub fn failed(self, outcome: &str, message: &str) {
        self.0.record("reconciler.outcome", outcome);
        span::fail(&self.0, outcome, message);
        self.flush();
    }

    /// Exports the span at once: a sweep may have more actions than the buffer holds.
    fn flush(self) {
        drop(self);
        if let Some(spans) = Spans::current() {
            spans.export_soon();
        }
    }
}
