//! One try of a step: an attempt, in AWS's word.

use std::time::SystemTime;

use opentelemetry::trace::Status;
use tracing::field::Empty;
use tracing::{Instrument, Span, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::checkpointed::{Checkpointed, Origin, Ran, RanIn};
use crate::execution::{Execution, LastTry};
use crate::invocation::Outcome;
use crate::operation::{FAILED, INTERRUPTED, Operation, Period, STEP_SUBTYPE, STEP_TYPE, SUCCEEDED};
use crate::pipeline::Spans;
use crate::span;
use crate::traceparent::TraceParent;

/// The name of the span's metadata. The exported name has the step's name and the try's number.
const ATTEMPT: &str = "attempt";

/// The span of the running try, as it is exported: a parent for the calls that the try makes. None outside of a try's own
/// code, before the execution's trace is known, and with traces off.
#[must_use]
pub fn current_try() -> Option<TraceParent> {
    let current = Span::current();
    let is_try = current.metadata().is_some_and(|metadata| metadata.name() == ATTEMPT);
    is_try.then(|| span::exported(&current)).flatten()
}

/// The number of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TryNumber {
    /// From 1.
    pub number: u32,
    /// The tries of the step before it that began and never ended.
    pub interrupted: u32,
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
    /// Runs a try of a step in its own span. Call it inside the step's closure.
    ///
    /// # Errors
    /// That of `body`.
    pub async fn run_try<T, E: TryFailure>(
        &self,
        operation: &Operation,
        number: TryNumber,
        body: impl Future<Output = Result<T, E>>,
    ) -> Result<Checkpointed<T>, E> {
        let span = self.open_span(operation, number);
        let began = now();
        self.invocation.goes_on();
        let mut outcome = TryEnd {
            span: span.clone(),
            ended: None,
        };
        let result = body.instrument(span.clone()).await;
        outcome.ended = Some(match &result {
            Ok(_) => {
                span.set_status(Status::Ok);
                SUCCEEDED
            }
            Err(failure) => {
                span.record("try.transient", failure.is_transient());
                let (error_type, message) = (failure.error_type(), failure.message());
                span::fail(&span, error_type, &message);
                // The span ends when it is left for the last time, and no event is later than that.
                span.in_scope(|| span::exception(&span, error_type, &message));
                FAILED
            }
        });
        let period = Period { began, ended: now() };
        self.state().last = Some(LastTry {
            step: operation.name,
            ended: period.ended,
        });
        if result.is_err() {
            // Unless the execution goes on at once, it waits for the next attempt.
            self.invocation.end(Outcome::Pending);
        }
        let origin = self.origin(&span, number.number, period);
        result.map(|value| Checkpointed { value, origin })
    }

    fn open_span(&self, operation: &Operation, TryNumber { number, interrupted }: TryNumber) -> Span {
        let span = info_span!(
            ATTEMPT,
            otel.name = operation.attempt_name(number),
            durable.operation.id = operation.id,
            durable.operation.name = operation.name,
            "durable.operation.type" = STEP_TYPE,
            durable.operation.subtype = STEP_SUBTYPE,
            durable.attempt.number = i64::from(number),
            durable.attempt.outcome = Empty,
            durable.span.truncated_at_invocation_boundary = Empty,
            "try.transient" = Empty,
            "try.interrupted_before" = Empty,
        );
        if interrupted > 0 {
            span.record("try.interrupted_before", i64::from(interrupted));
        }
        self.place(&span);
        if let Some(invocation) = span::running(self.invocation.span()) {
            span::link(&span, invocation, "invocation");
        }
        span
    }

    /// The place of an ended try in the trace, for its checkpoint.
    fn origin(&self, span: &Span, number: u32, period: Period) -> Option<Origin> {
        let place = span::exported(span)?;
        let parent = self.state().parent?;
        let invocation = RanIn::new(
            self.invocation.span_id()?,
            self.invocation.request_id(),
            self.invocation.began(),
        );
        Some(Origin {
            parent,
            span: place.span_id,
            ran: Some(Ran::new(number, period, invocation)),
        })
    }
}

/// The time on the clock of the spans.
fn now() -> SystemTime {
    Spans::current().map_or_else(SystemTime::now, |spans| spans.now())
}

/// Records the outcome of a try on drop, so that a try that is dropped before its end has one too.
struct TryEnd {
    span: Span,
    ended: Option<&'static str>,
}

impl Drop for TryEnd {
    fn drop(&mut self) {
        let outcome = self.ended.unwrap_or(INTERRUPTED);
        self.span.record("durable.attempt.outcome", outcome);
        if self.ended.is_none() {
            self.span.record("durable.span.truncated_at_invocation_boundary", true);
        }
    }
}
