//! One attempt of a step.

use tracehook_core::trace::TraceParent;
use tracing::field::Empty;
use tracing::{Instrument, Span, info_span};

use super::checkpointed::{Checkpointed, Origin};
use super::execution::{Execution, PREVIOUS_ATTEMPT};
use crate::trace::{self, Spans};

/// The name of an attempt's span before the step is known.
const STEP: &str = "step";

/// The span of the attempt that is going on, as it is exported: what the attempt calls can be a child of it. None outside
/// of an attempt's own code, before the execution's trace is known, and with traces off.
#[must_use]
pub fn current_attempt() -> Option<TraceParent> {
    let current = Span::current();
    let is_attempt = current.metadata().is_some_and(|metadata| metadata.name() == STEP);
    is_attempt.then(|| trace::exported(&current)).flatten()
}

/// What a span says of an attempt's failure.
pub trait Failure {
    /// A stable code.
    fn error_type(&self) -> &str;
    /// A sentence for a person. It never quotes a payload.
    fn message(&self) -> String;
    /// Whether another attempt may succeed.
    fn is_transient(&self) -> bool;
}

impl Execution {
    /// Runs an attempt (from 1) of a step in a span of its own. Call it inside the step's closure.
    ///
    /// # Errors
    /// That of `body`.
    pub async fn attempt<T, E: Failure>(
        &self,
        step: &'static str,
        attempt: u32,
        body: impl Future<Output = Result<T, E>>,
    ) -> Result<Checkpointed<T>, E> {
        let span = self.open(step, attempt);
        let mut end = End(span.clone(), "interrupted");
        let result = body.instrument(span.clone()).await;
        match &result {
            Ok(_) => end.1 = "succeeded",
            Err(failure) => {
                end.1 = "failed";
                span.record("durable.attempt.transient", failure.is_transient());
                trace::fail(&span, failure.error_type(), &failure.message());
            }
        }
        let origin = self.ended(&span);
        drop(end);
        drop(span);
        if let Some(spans) = Spans::current() {
            spans.export_soon();
        }
        result.map(|value| Checkpointed { value, origin })
    }

    fn open(&self, step: &'static str, attempt: u32) -> Span {
        let span = info_span!(
            STEP,
            otel.name = format!("step {step}"),
            durable.operation.name = step,
            "durable.operation.type" = "STEP",
            durable.attempt.number = attempt,
            durable.attempt.outcome = Empty,
            durable.attempt.transient = Empty,
        );
        self.opened(&span);
        if let Some(invocation) = trace::running(self.invocation.span()) {
            trace::link(&span, invocation, "invocation");
        }
        let (previous, follows) = {
            let state = self.state();
            (state.previous, state.follows)
        };
        match (previous, follows) {
            (Some(previous), _) => trace::link(&span, trace::remote(&previous), "previous_step"),
            (None, Some(attempt)) => trace::link(&span, trace::remote(&attempt), PREVIOUS_ATTEMPT),
            (None, None) => {}
        }
        span
    }

    /// Where the attempt is in the trace, for the steps after it.
    fn ended(&self, span: &Span) -> Option<Origin> {
        let place = trace::exported(span)?;
        let mut state = self.state();
        let parent = state.parent?;
        state.previous = Some(TraceParent {
            span_id: place.span_id,
            ..parent
        });
        Some(Origin {
            parent,
            span: place.span_id,
        })
    }
}

/// Records how an attempt ended, also when it is dropped on its way.
struct End(Span, &'static str);

impl Drop for End {
    fn drop(&mut self) {
        self.0.record("durable.attempt.outcome", self.1);
    }
}
