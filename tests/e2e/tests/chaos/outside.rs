//! The receiver of the handler's effects and the tracing backend. Both are outside of the service and never killed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;

/// Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Outside(Arc<Mutex<Received>>);

#[derive(Default)]
struct Received {
    /// Calls by key.
    calls: BTreeMap<String, u64>,
    /// The keys that had an effect, by webhook. A repeated call under one key has none.
    effects: BTreeMap<String, BTreeSet<String>>,
    /// The root spans of each trace.
    roots: BTreeMap<String, BTreeSet<String>>,
}

impl Outside {
    /// Serves both on a free port; returns its URL too.
    pub(crate) async fn start() -> (Self, String) {
        let outside = Self::default();
        let router = Router::new()
            .route("/effects", post(effect))
            .route("/v1/traces", post(export))
            .with_state(outside.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (outside, url)
    }

    /// The keys of a webhook.
    pub(crate) fn keys_of(&self, token: &str) -> BTreeSet<String> {
        self.0.lock().unwrap().effects.get(token).cloned().unwrap_or_default()
    }

    /// Number of effects, and number of repeated calls.
    pub(crate) fn effects(&self) -> (usize, u64) {
        let received = self.0.lock().unwrap();
        let effects = received.effects.values().map(BTreeSet::len).sum();
        let calls: u64 = received.calls.values().sum();
        (effects, calls - effects as u64)
    }

    /// Number of roots of a trace.
    pub(crate) fn roots_of(&self, trace_id: &str) -> usize {
        self.0.lock().unwrap().roots.get(trace_id).map_or(0, BTreeSet::len)
    }
}

async fn effect(State(outside): State<Outside>, headers: HeaderMap, token: String) -> StatusCode {
    let Some(key) = headers.get("idempotency-key").and_then(|key| key.to_str().ok()) else {
        return StatusCode::BAD_REQUEST;
    };
    let mut received = outside.0.lock().unwrap();
    *received.calls.entry(key.to_owned()).or_default() += 1;
    received.effects.entry(token).or_default().insert(key.to_owned());
    StatusCode::NO_CONTENT
}

async fn export(State(outside): State<Outside>, body: Bytes) -> StatusCode {
    let Ok(request) = ExportTraceServiceRequest::decode(body) else {
        return StatusCode::BAD_REQUEST;
    };
    let scopes = request.resource_spans.into_iter().flat_map(|spans| spans.scope_spans);
    let spans = scopes.flat_map(|scope| scope.spans);
    let mut received = outside.0.lock().unwrap();
    for span in spans.filter(|span| span.parent_span_id.is_empty()) {
        let roots = received.roots.entry(hex::encode(&span.trace_id)).or_default();
        roots.insert(hex::encode(&span.span_id));
    }
    StatusCode::OK
}
