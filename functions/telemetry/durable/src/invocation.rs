//! One invocation of a durable function.

use std::fmt::{self, Display};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use opentelemetry::trace::{SpanId, Status};
use tracing::field::Empty;
use tracing::{Instrument, Span, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::pipeline::Spans;
use crate::span;

/// The error of an invocation that came to no end.
pub(crate) const INTERRUPTED: &str = "interrupted";
pub(crate) const NO_END: &str = "the invocation came to no end";

/// Whether this process has seen an invocation.
static WARM: AtomicBool = AtomicBool::new(false);

tokio::task_local! {
    static CURRENT: Invocation;
}

/// The span of an invocation, and its outcome. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Invocation(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    function: String,
    request_id: String,
    began: SystemTime,
    span: Span,
    state: Mutex<State>,
}

/// How an invocation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The execution goes on in another invocation.
    Pending,
    /// The execution has a result.
    Succeeded,
    /// The execution has failed.
    Failed,
    /// The invocation came to no end; the engine repeats it.
    Retrying,
}

impl Outcome {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::Retrying => "RETRYING",
        }
    }
}

#[derive(Default)]
struct State {
    outcome: Option<Outcome>,
    /// The work that is left when the span has ended. It gets the outcome.
    rest: Option<AtEnd>,
}

/// Prepares the work that is left, just before the span of an invocation ends.
type AtEnd = Box<dyn FnOnce(Outcome, &Span) -> Rest + Send>;

/// Work that is done when the span of an invocation has ended.
pub(crate) type Rest = Box<dyn FnOnce()>;

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State")
            .field("outcome", &self.outcome)
            .finish_non_exhaustive()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        let span = std::mem::replace(&mut self.span, Span::none());
        // The SDK drops the handler of an execution that it suspends and of one that it cannot go on with.
        let outcome = state.outcome.unwrap_or(Outcome::Retrying);
        span.record("durable.invocation.status", outcome.as_str());
        match outcome {
            Outcome::Pending | Outcome::Succeeded => span.set_status(Status::Ok),
            Outcome::Failed => {}
            // Whoever samples by errors keeps it.
            Outcome::Retrying => span::fail(&span, INTERRUPTED, NO_END),
        }
        let rest = state.rest.take().map(|rest| rest(outcome, &span));
        drop(span);
        if let Some(rest) = rest {
            rest();
        }
    }
}

impl Invocation {
    /// Begins an invocation. `function` is the function's name, `request_id` the invocation's id.
    #[must_use]
    pub fn begin(function: &str, request_id: &str) -> Self {
        let function = if function.is_empty() { "invocation" } else { function };
        let span = info_span!(
            "invocation",
            otel.name = function,
            otel.kind = "server",
            faas.trigger = "other",
            faas.invocation_id = request_id,
            faas.coldstart = !WARM.swap(true, Ordering::Relaxed),
            aws.lambda.invoked_arn = Empty,
            durable.execution.arn = Empty,
            durable.invocation.first = Empty,
            durable.invocation.status = Empty,
        );
        span::set_parent(&span, None);
        let began = Spans::current().map_or_else(SystemTime::now, |spans| spans.now());
        Self(Arc::new(Inner {
            function: function.to_owned(),
            request_id: request_id.to_owned(),
            began,
            span,
            state: Mutex::default(),
        }))
    }

    /// Names the ARN that the function was invoked by.
    #[must_use]
    pub fn invoked_by(self, arn: &str) -> Self {
        if !arn.is_empty() {
            self.0.span.record("aws.lambda.invoked_arn", arn);
        }
        self
    }

    /// The running invocation. None outside of [`Invocation::run`].
    #[must_use]
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Clone::clone).ok()
    }

    /// Runs an invocation to its end. An error of `work` means that Lambda will invoke again; the failure of the execution
    /// is a result of `work`.
    ///
    /// # Errors
    /// That of `work`.
    pub async fn run<T, E: Display>(self, work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let result = CURRENT.scope(self.clone(), work).instrument(self.span().clone()).await;
        if result.is_err() {
            self.end(Outcome::Retrying);
        }
        result
    }

    /// The span of the invocation.
    #[must_use]
    pub fn span(&self) -> &Span {
        &self.0.span
    }

    pub(crate) fn function(&self) -> &str {
        &self.0.function
    }

    pub(crate) fn request_id(&self) -> &str {
        &self.0.request_id
    }

    pub(crate) fn began(&self) -> SystemTime {
        self.0.began
    }

    pub(crate) fn span_id(&self) -> Option<SpanId> {
        Some(span::running(self.span())?.span_id())
    }

    /// Sets the outcome. The last call wins.
    pub(crate) fn end(&self, outcome: Outcome) {
        self.state().outcome = Some(outcome);
    }

    /// A further attempt has begun, so no outcome is known.
    pub(crate) fn goes_on(&self) {
        self.state().outcome = None;
    }

    /// Does `rest` with the outcome just before the span ends, and what it returns just after it. The last call wins.
    pub(crate) fn at_end(&self, rest: impl FnOnce(Outcome, &Span) -> Rest + Send + 'static) {
        self.state().rest = Some(Box::new(rest));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
