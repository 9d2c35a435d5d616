//! What the reconciler does to a webhook, as a span in the webhook's trace.
//!
//! Only what is done has a span. That a record was looked at is in the metrics of the sweep: a webhook that waits for
//! hours would otherwise have a span for each of its minutes.

use tracehook_core::record::Record;
use tracing::field::Empty;
use tracing::{Instrument, Span, info_span};

use super::{attributes, properties};
use crate::trace::{self, Belonging, Spans};

/// One action, from its decision to its outcome. Its calls of AWS are under it.
#[derive(Debug)]
pub struct Action(Span);

impl Action {
    /// Begins one: `name` is what is done (`start`, `close`, `redrive`), `trigger` why. `record` is the record as the
    /// action is to leave it; where its attempt is not the first one, the span is linked to the attempt before it.
    #[must_use]
    pub fn begin(name: &'static str, trigger: &'static str, record: &Record) -> Self {
        let span = info_span!(
            "reconcile",
            otel.name = format!("reconcile {name}"),
            reconciler.trigger = trigger,
            reconciler.outcome = Empty,
            webhook.attempt = record.attempt,
        );
        trace::set_parent(&span, Some(&record.traceparent));
        if let Some(previous) = record.previous_attempt() {
            trace::link(&span, trace::remote(&previous), "previous_attempt");
        }
        if let Some(spans) = Spans::current() {
            let belonging = Belonging {
                home: Some(record.traceparent),
                attributes: attributes(properties(&record.token, Some(&record.source))).collect(),
            };
            let trace = trace::remote(&record.traceparent).trace_id();
            spans.buffer().settle(trace, belonging);
        }
        Self(span)
    }

    /// Does it.
    pub async fn run<T>(&self, work: impl Future<Output = T>) -> T {
        work.instrument(self.0.clone()).await
    }

    /// Ends it with its outcome, a stable code.
    pub fn ended(self, outcome: &str) {
        self.0.record("reconciler.outcome", outcome);
        self.leave();
    }

    /// Ends it with an error: what was to be done was not, or cannot be. The message is for people.
    pub fn failed(self, outcome: &str, message: &str) {
        self.0.record("reconciler.outcome", outcome);
        trace::fail(&self.0, outcome, message);
        self.leave();
    }

    /// A sweep may do more than the buffer holds, so that spans do not wait for its end.
    fn leave(self) {
        drop(self);
        if let Some(spans) = Spans::current() {
            spans.export_soon();
        }
    }
}
