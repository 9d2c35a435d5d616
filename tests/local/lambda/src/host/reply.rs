//! The way of an event's outcome back to whoever waits for it, past whoever measures invocations.

use std::time::Duration;

use tokio::sync::{broadcast, oneshot};
use tokio::time::Instant;

use super::TaskOutcome;
use crate::Invoked;
use crate::clock::now_ms;

#[derive(Debug)]
pub(super) struct Reply {
    outcome: oneshot::Sender<TaskOutcome>,
    function: String,
    invoked: broadcast::Sender<Invoked>,
    /// When an asynchronous event was accepted, epoch milliseconds.
    accepted_ms: Option<i64>,
    /// When it was handed out, and how long it had waited by then.
    begun: Option<(Instant, Option<Duration>)>,
}

impl Reply {
    pub(super) fn new(
        outcome: oneshot::Sender<TaskOutcome>,
        function: &str,
        invoked: broadcast::Sender<Invoked>,
        accepted_ms: Option<i64>,
    ) -> Self {
        Self {
            outcome,
            function: function.to_owned(),
            invoked,
            accepted_ms,
            begun: None,
        }
    }

    /// Nobody waits any more.
    pub(super) fn is_closed(&self) -> bool {
        self.outcome.is_closed()
    }

    /// The event is handed out.
    pub(super) fn begin(&mut self) {
        let waited = |accepted_ms: i64| {
            let waited_ms = u64::try_from(now_ms().saturating_sub(accepted_ms)).unwrap_or(0);
            Duration::from_millis(waited_ms)
        };
        self.begun = Some((Instant::now(), self.accepted_ms.map(waited)));
    }

    /// Ends it. An event that was never handed out took no time.
    pub(super) fn send(self, outcome: TaskOutcome) {
        let (began, waited) = self.begun.unzip();
        // An error means that nobody measures.
        let _ = self.invoked.send(Invoked::Ended {
            function: self.function,
            failed: outcome.error().is_some(),
            duration: began.map_or(Duration::ZERO, |began| began.elapsed()),
            waited: waited.flatten(),
        });
        // An error means that the caller has gone.
        let _ = self.outcome.send(outcome);
    }
}
