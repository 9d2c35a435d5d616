//! One try of a step.

use tracing::field::Empty;
use tracing::{Instrument, Span, info_span};

use crate::checkpointed::{Checkpointed, Origin};
use crate::execution::{Execution, PREVIOUS_ATTEMPT};
use crate::interrupted_try::INTERRUPTED;
use crate::pipeline::Spans;
use crate::span;
use crate::traceparent::TraceParent;

/// The name of the span's metadata. The exported name has the step's name.
const STEP: &str = "step";

/// The span of the running try, as it is exported: a parent for the calls that the try makes. None outside of a try's own
/// code, before the execution's trace is known, and with traces off.
#[must_use]
pub fn current_try() -> Option<TraceParent> {
    let current = Span::current();
    let is_try = current.metadata().is_some_and(|metadata| metadata.name() == STEP);
    is_try.then(|| span::exported(&current)).flatten()
}

/// The failure of a try, as its span shows it.
pub trait TryFailure {
    /// A stable code.
    fn error_type(&self) -> &str;
    /// A sentence for a person. It never quotes a payload.
    fn message(&self) -> String;
    /// Whether another try may succeed.
    fn is_transient(&self) -> bool;
}

impl Execution {
    /// Runs try `number` (from 1) of a step in its own span. Call it inside the step's closure.
    ///
    /// # Errors
    /// That of `body`.
    pub async fn run_try<T, E: TryFailure>(
        &self,
        step: &'static str,
        number: u32,
        body: impl Future<Output = Result<T, E>>,
    ) -> Result<Checkpointed<T>, E> {
        let span = self.open_span(step, number);
        let mut outcome = Outcome(span.clone(), INTERRUPTED);
        let result = body.instrument(span.clone()).await;
        match &result {
            Ok(_) => outcome.1 = "succeeded",
            Err(failure) => {
                outcome.1 = "failed";
                span.record("durable.attempt.transient", failure.is_transient());
                span::fail(&span, failure.error_type(), &failure.message());
                // The span ends when it is left for the last time, and no event is later than that.
                span.in_scope(|| span::exception(&span, failure.error_type(), &failure.message()));
            }
        }
        let origin = self.note_end(&span);
        drop(outcome);
        drop(span);
        if let Some(spans) = Spans::current() {
            spans.export_soon();
        }
        result.map(|value| Checkpointed { value, origin })
    }

    fn open_span(&self, step: &'static str, number: u32) -> Span {
        let span = info_span!(
            STEP,
            otel.name = format!("step {step}"),
            durable.operation.name = step,
            "durable.operation.type" = "STEP",
            durable.attempt.number = i64::from(number),
            durable.attempt.outcome = Empty,
            durable.attempt.transient = Empty,
        );
        self.place(&span);
        if let Some(invocation) = span::running(self.invocation.span()) {
            span::link(&span, invocation, "invocation");
        }
        let (previous_step, previous_attempt) = {
            let state = self.state();
            (state.previous_step, state.previous_attempt)
        };
        match (previous_step, previous_attempt) {
            (Some(step), _) => span::link(&span, step.span_context(), "previous_step"),
            (None, Some(attempt)) => span::link(&span, attempt.span_context(), PREVIOUS_ATTEMPT),
            (None, None) => {}
        }
        span
    }

    /// Notes the place of an ended try in the trace, for the steps after it.
    fn note_end(&self, span: &Span) -> Option<Origin> {
        let place = span::exported(span)?;
        let mut state = self.state();
        let parent = state.parent?;
        state.previous_step = Some(TraceParent {
            span_id: place.span_id,
            ..parent
        });
        Some(Origin {
            parent,
            span: place.span_id,
        })
    }
}

/// Records the outcome of a try on drop, so that a try that is dropped before its end has one too.
struct Outcome(Span, &'static str);

impl Drop for Outcome {
    fn drop(&mut self) {
        self.0.record("durable.attempt.outcome", self.1);
    }
}
