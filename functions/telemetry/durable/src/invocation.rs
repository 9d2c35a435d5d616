//! One invocation of a durable function.

use std::fmt::Display;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tracing::field::Empty;
use tracing::{Instrument, Span, info_span};

use crate::span;

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
    span: Span,
    outcome: Mutex<Option<&'static str>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        // The SDK drops the handler of an execution that it suspends, so no other outcome follows.
        let known = self.outcome.get_mut().unwrap_or_else(PoisonError::into_inner);
        self.span
            .record("durable.invocation.outcome", known.unwrap_or("suspended"));
    }
}

impl Invocation {
    /// Begins an invocation. `function` is the function's name, `request_id` the invocation's id.
    #[must_use]
    pub fn begin(function: &str, request_id: &str) -> Self {
        let span = info_span!(
            "invocation",
            otel.name = if function.is_empty() { "invocation" } else { function },
            otel.kind = "server",
            faas.trigger = "other",
            faas.invocation_id = request_id,
            faas.coldstart = !WARM.swap(true, Ordering::Relaxed),
            durable.execution.arn = Empty,
            durable.invocation.replay = Empty,
            durable.invocation.outcome = Empty,
        );
        span::set_parent(&span, None);
        Self(Arc::new(Inner {
            span,
            outcome: Mutex::default(),
        }))
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
            self.end("interrupted");
            span::fail(
                self.span(),
                "interrupted",
                "the invocation was interrupted and will be repeated",
            );
        }
        result
    }

    /// The span of the invocation.
    #[must_use]
    pub fn span(&self) -> &Span {
        &self.0.span
    }

    /// Sets the outcome. The last call wins.
    pub(crate) fn end(&self, outcome: &'static str) {
        *self.0.outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
    }
}
