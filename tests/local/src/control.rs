//! The control API for developers and tests, under `/local/`.
//!
//! `faults` (GET, POST, DELETE) plans faults, `stats` counts processes and calls, `executions?token=` the durable
//! executions of a webhook, `logs?token=` the functions' lines that name it. `reconcile` (POST) hands an event to the
//! reconciler and answers what it did, for example `{"action": "redrive", "token": "…"}`; `stop` (POST, `{"token": "…"}`)
//! stops the running executions of a webhook. What changes something is sent as JSON, by no page of another origin.

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Json, Query, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::aws::Aws;
use crate::deployment::FunctionName;
use crate::guard::refused;
use crate::logs::Logs;
use tracehook_core::ExecutionToken;
use tracehook_local_lambda::faults::{self, Faults};
use tracehook_local_lambda::{InvokeOutcome, Lambda, SandboxInfo, SandboxState};

/// The number of executions, newest first, that are searched for those of one webhook.
const MAX_EXECUTIONS: usize = 100_000;

#[derive(Clone, Debug)]
struct Control {
    lambda: Lambda,
    aws: Aws,
    logs: Arc<Logs>,
}

#[derive(Debug, Deserialize)]
struct About {
    #[serde(default)]
    token: String,
}

/// A webhook by its whole token: a part of one would stop others, too.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stop {
    token: ExecutionToken,
}

/// The routes under `/local/`.
pub(crate) fn router(lambda: Lambda, aws: Aws, faults: Faults, logs: Arc<Logs>) -> Router {
    Router::new()
        .route("/local/stats", get(stats))
        .route("/local/executions", get(executions))
        .route("/local/logs", get(log_lines))
        .route("/local/reconcile", post(reconcile))
        .route("/local/stop", post(stop))
        .with_state(Control { lambda, aws, logs })
        .merge(faults::router(faults))
}

async fn stats(State(control): State<Control>) -> Json<Value> {
    let sandboxes: Vec<Value> = control.lambda.sandboxes().iter().map(sandbox).collect();
    Json(json!({ "sandboxes": sandboxes, "calls": control.aws.stats().rows() }))
}

fn sandbox(info: &SandboxInfo) -> Value {
    let state = match info.state {
        SandboxState::Starting => "starting",
        SandboxState::Idle => "idle",
        SandboxState::Busy => "busy",
    };
    json!({
        "function": info.function,
        "pid": info.pid,
        "state": state,
        "invocations": info.invocations,
        "initUs": info.init_us,
    })
}

/// Names are `PREFIX-TOKEN` and `PREFIX-TOKEN-ATTEMPT`.
fn is_of_webhook(name: &str, token: &str) -> bool {
    name.split('-').any(|part| part == token)
}

async fn executions(State(control): State<Control>, Query(about): Query<About>) -> Json<Vec<Value>> {
    let lambda = control.lambda;
    let found = tokio::task::spawn_blocking(move || lambda.executions(MAX_EXECUTIONS)).await;
    let shown = found
        .unwrap_or_default()
        .into_iter()
        .filter(|execution| about.token.is_empty() || is_of_webhook(&execution.name, &about.token))
        .map(|execution| {
            json!({
                "name": execution.name,
                "arn": execution.arn,
                "status": execution.status.as_str(),
                "startMs": execution.start_ms,
                "endMs": execution.end_ms,
            })
        });
    Json(shown.collect())
}

async fn stop(State(control): State<Control>, sent: Result<Json<Stop>, JsonRejection>) -> Response {
    let token = match sent {
        Ok(Json(Stop { token })) => token.to_string(),
        Err(problem) => return not_understood(&problem),
    };
    let lambda = control.lambda.clone();
    let found = tokio::task::spawn_blocking(move || lambda.executions(MAX_EXECUTIONS)).await;
    let mut stopped = false;
    for execution in found.unwrap_or_default() {
        let is_running = execution.status.as_str() == "RUNNING";
        if is_running && is_of_webhook(&execution.name, &token) {
            stopped |= control.lambda.stop_execution(&execution.arn).await;
        }
    }
    if stopped {
        StatusCode::NO_CONTENT.into_response()
    } else {
        refused(
            StatusCode::NOT_FOUND,
            "nothing_runs",
            "No execution of this webhook is running",
        )
    }
}

async fn reconcile(State(control): State<Control>, event: Result<Json<Value>, JsonRejection>) -> Response {
    let event = match event {
        Ok(Json(event)) => event.to_string().into(),
        Err(problem) => return not_understood(&problem),
    };
    match control
        .lambda
        .invoke(&FunctionName::Reconciler.deployed(), event, None)
        .await
    {
        InvokeOutcome::Answer(answer) => ([(CONTENT_TYPE, "application/json")], answer).into_response(),
        InvokeOutcome::FunctionError { body, .. } => {
            (StatusCode::BAD_REQUEST, [(CONTENT_TYPE, "application/json")], body).into_response()
        }
        _ => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// The answer to a call whose body is not what it takes.
pub(crate) fn not_understood(problem: &JsonRejection) -> Response {
    refused(problem.status(), "call_malformed", &problem.body_text())
}

async fn log_lines(State(control): State<Control>, Query(about): Query<About>) -> String {
    control.logs.containing(&about.token)
}
