//! One invocation of a durable function.

use std::fmt::Display;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tracing::field::Empty;
use tracing::{Instrument, Span, info_span};

use crate::trace;

/// Whether this process has seen an invocation.
static WARM: AtomicBool = AtomicBool::new(false);

tokio::task_local! {
    static CURRENT: Invocation;
}

/// Whether this is the process's first invocation. True once.
pub(crate) fn is_cold_start() -> bool {
    !WARM.swap(true, Ordering::Relaxed)
}

/// The span of an invocation, and how it ended. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Invocation(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    span: Span,
    outcome: Mutex<Option<&'static str>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        // The SDK drops the handler of an execution that is suspended: it says nothing more.
        let known = self.outcome.get_mut().unwrap_or_else(PoisonError::into_inner);
        self.span
            .record("durable.invocation.outcome", known.unwrap_or("suspended"));
    }
}

impl Invocation {
    /// Begins one. `function` is the function's name, `request_id` that of the invocation.
    #[must_use]
    pub fn begin(function: &str, request_id: &str) -> Self {
        let span = info_span!(
            "invocation",
            otel.name = if function.is_empty() { "invocation" } else { function },
            otel.kind = "server",
            faas.trigger = "other",
            faas.invocation_id = request_id,
            faas.coldstart = is_cold_start(),
            durable.execution.arn = Empty,
            durable.invocation.replay = Empty,
            durable.invocation.outcome = Empty,
        );
        trace::set_parent(&span, None);
        Self(Arc::new(Inner {
            span,
            outcome: Mutex::default(),
        }))
    }

    /// The invocation that is going on, when it was begun around the SDK.
    #[must_use]
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Clone::clone).ok()
    }

    /// Runs an invocation to its end. An error of its own (not of the execution, which is a result) means that the
    /// service will invoke again.
    ///
    /// # Errors
    /// That of `work`.
    pub async fn run<T, E: Display>(self, work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let result = CURRENT.scope(self.clone(), work).instrument(self.span().clone()).await;
        if result.is_err() {
            self.end("interrupted");
            trace::fail(
                self.span(),
                "interrupted",
                "the invocation was interrupted and will be repeated",
            );
        }
        result
    }

    /// The span.
    #[must_use]
    pub fn span(&self) -> &Span {
        &self.0.span
    }

    /// How it ended. What is said last holds.
    pub(super) fn end(&self, outcome: &'static str) {
        *self.0.outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
    }
}
