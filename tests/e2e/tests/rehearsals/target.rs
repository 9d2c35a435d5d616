//! What the handler calls: a target that can be away, on the clock of the service.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use tracehook_core::Timestamp;

/// A call of the handler.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub at: Timestamp,
    pub token: String,
    pub taken: bool,
}

/// Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Target(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    is_away: AtomicBool,
    /// How far the clock of the service is ahead of this machine's.
    lead_ms: AtomicI64,
    calls: Mutex<Vec<Call>>,
}

impl Target {
    /// Serves on a free port, and is away at first; returns its URL too.
    pub(crate) async fn away() -> (Self, String) {
        let target = Self::default();
        target.0.is_away.store(true, Ordering::SeqCst);
        let router = Router::new().route("/effects", post(take)).with_state(target.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/effects", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (target, url)
    }

    /// It is there from now on.
    pub(crate) fn comes_back(&self) {
        self.0.is_away.store(false, Ordering::SeqCst);
    }

    /// The service says what time it is.
    pub(crate) fn set_clock(&self, now: Timestamp) {
        let lead_ms = now.epoch_ms() - Timestamp::from(SystemTime::now()).epoch_ms();
        self.0.lead_ms.store(lead_ms, Ordering::SeqCst);
    }

    /// The calls so far.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.0.calls.lock().unwrap().clone()
    }

    /// The number of calls so far.
    pub(crate) fn count(&self) -> usize {
        self.0.calls.lock().unwrap().len()
    }
}

async fn take(State(target): State<Target>, token: String) -> StatusCode {
    let now_ms = Timestamp::from(SystemTime::now()).epoch_ms() + target.0.lead_ms.load(Ordering::SeqCst);
    let taken = !target.0.is_away.load(Ordering::SeqCst);
    target.0.calls.lock().unwrap().push(Call {
        at: Timestamp::from_epoch_ms(now_ms),
        token,
        taken,
    });
    if taken {
        StatusCode::NO_CONTENT
    } else {
        StatusCode::INTERNAL_SERVER_ERROR
    }
}
