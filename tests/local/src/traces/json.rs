//! The received traces as JSON for tests and tools.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;

use super::{Traces, TracesError, parse_trace_id};

/// Traces in the list.
const LISTED: usize = 100;

pub(super) fn router(traces: Traces) -> Router {
    Router::new()
        .route("/local/traces", get(list))
        .route("/local/traces/{trace_id}", get(trace))
        .with_state(traces)
}

/// A trace of which nothing was received yet is empty: it looks like one that will never come.
async fn trace(State(traces): State<Traces>, Path(text): Path<String>) -> Response {
    let Some(trace_id) = parse_trace_id(&text) else {
        let body = Json(json!({ "error": "a trace id is 32 hex digits" }));
        return (StatusCode::BAD_REQUEST, body).into_response();
    };
    traces.trace(&trace_id).await.map(Json).into_response()
}

async fn list(State(traces): State<Traces>) -> Response {
    let found = traces.latest(LISTED).await;
    found.map(|traces| Json(json!({ "traces": traces }))).into_response()
}

impl IntoResponse for TracesError {
    fn into_response(self) -> Response {
        let body = Json(json!({ "error": self.to_string() }));
        (StatusCode::INTERNAL_SERVER_ERROR, body).into_response()
    }
}
