//! The reconciler's actions on a webhook, as spans in the webhook's trace.
//!
//! Only actions have spans. The metrics of the sweep count the records that it inspected: a webhook that waits for hours
//! would otherwise have a span for each of its minutes.
//!
//! An action that did its work is under the attempt that it worked on. Any other may come after the attempt's end, so it has
//! a trace of its own, which is linked to the webhook.

use durable_traces::{Assignment, Spans, span};
use opentelemetry::trace::SpanContext;
use tracehook_core::record::Record;
use tracing::field::Empty;
use tracing::{Instrument, Span, info_span};

use super::attributes::assignment;
use super::root;
use crate::ids;

/// The name of the action that starts an open attempt.
const START: &str = "start";

/// One action, from its decision to its outcome. Its calls of AWS are its children.
#[derive(Debug)]
pub struct Action {
    span: Span,
    is_start: bool,
    under_attempt: Assignment,
    beside: Assignment,
    webhook: SpanContext,
}

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
        span::set_parent(&span, None);
        if let Some(previous) = record.previous_attempt() {
            span::link(&span, ids::parent(&previous).span_context(), "previous_attempt");
        }
        Self {
            span,
            is_start: name == START,
            under_attempt: assignment(record, Some(&record.attempt_root())),
            beside: assignment(record, None),
            webhook: ids::parent(&record.traceparent).span_context(),
        }
    }

    /// Runs the work of the action inside its span.
    pub async fn run<T>(&self, work: impl Future<Output = T>) -> T {
        work.instrument(self.span.clone()).await
    }

    /// Ends the action, whose work is done, with its outcome, a stable code.
    pub fn ended(self, outcome: &str) {
        span::assign_parent(&self.span, self.under_attempt.clone());
        self.end(outcome);
        export();
    }

    /// Ends the action, which has ended the attempt: the attempt is told after it, as `record` says.
    pub fn closed(self, outcome: &str, record: &Record) {
        span::assign_parent(&self.span, self.under_attempt.clone());
        self.end(outcome);
        root::tell_ended(record);
        export();
    }

    /// Ends the action, which found nothing to do.
    pub fn in_vain(self, outcome: &str) {
        self.leave();
        self.end(outcome);
        export();
    }

    /// Ends the action with an error: it was not done, or cannot be done. The message is for people.
    pub fn failed(self, outcome: &str, message: &str) {
        span::fail(&self.span, outcome, message);
        if self.is_start {
            // The attempt is open.
            self.ended(outcome);
        } else {
            self.in_vain(outcome);
        }
    }

    /// Keeps the action in a trace of its own.
    fn leave(&self) {
        span::link(&self.span, self.webhook.clone(), "webhook");
        span::assign_parent(&self.span, self.beside.clone());
    }

    fn end(self, outcome: &str) {
        self.span.record("reconciler.outcome", outcome);
    }
}

/// Exports at once: a sweep may have more actions than the buffer holds.
fn export() {
    if let Some(spans) = Spans::current() {
        spans.export_soon();
    }
}
