//! The Lambda Runtime API of one sandbox, and the few extension endpoints that a graceful shutdown needs.
//!
//! Contract: it is for the sandbox's process. Its listener identifies the sandbox and takes that process's connections only:
//! whoever else took an event would have its payload, and lose it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::serve::ListenerExt as _;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::peer::OfSandbox;
use super::pool;
use super::sandbox::Sandbox;
use super::{Function, Host, Task, TaskOutcome, lock};
use crate::loopback::{self, Loopback};
use crate::names;

/// Lambda's limit of a buffered answer: 6 MB and 100 bytes.
const MAX_ANSWER_BYTES: usize = 6 * 1024 * 1024 + 100;
/// The limit of reading; it is above the limit of an answer, so that one which is too large differs from a lost one.
const MAX_READ_BYTES: usize = 32 * 1024 * 1024;

#[derive(Clone)]
struct Session {
    host: Host,
    function: Arc<Function>,
    sandbox: Arc<Sandbox>,
}

/// Serves until it is aborted.
pub(super) async fn serve(listener: TcpListener, host: Host, function: Arc<Function>, sandbox: Arc<Sandbox>) {
    let Ok(address) = listener.local_addr() else { return };
    let here = Loopback::port(address.port());
    let session = Session {
        host,
        function,
        sandbox: Arc::clone(&sandbox),
    };
    let router = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
        .route("/2018-06-01/runtime/init/error", post(init_error))
        .route("/2020-01-01/extension/register", post(register))
        .route(
            "/2020-01-01/extension/event/next",
            get(std::future::pending::<StatusCode>),
        )
        .layer(DefaultBodyLimit::max(MAX_READ_BYTES))
        .with_state(session)
        .layer(from_fn_with_state(here, for_programs_here));
    let listener = OfSandbox::new(listener, sandbox).tap_io(|stream| {
        // Small requests and answers: waiting to fill a packet would cost tens of milliseconds each.
        let _ = stream.set_nodelay(true);
    });
    let _ = axum::serve(listener, router).await;
}

async fn for_programs_here(State(here): State<Loopback>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    if here.is_host_of(request.uri(), headers) && !loopback::is_of_a_page(headers) {
        next.run(request).await
    } else {
        refusal(
            StatusCode::MISDIRECTED_REQUEST,
            "HostNotLocal",
            "The Runtime API is for the function's process",
        )
    }
}

async fn next(State(session): State<Session>) -> Response {
    let next = lock(&session.function.pool).next(&session.sandbox);
    let task = match next {
        pool::Next::Event(task) => Some(task),
        pool::Next::Later(later) => later.await.ok(),
        pool::Next::Never => None,
    };
    match task {
        Some(task) => event(&session.sandbox, task),
        // The sandbox has been given up and its process is about to end. Any answer would make the runtime panic.
        None => std::future::pending().await,
    }
}

fn event(sandbox: &Sandbox, task: Task) -> Response {
    let mut builder = Response::builder()
        .header("Content-Type", "application/json")
        .header("Lambda-Runtime-Aws-Request-Id", &task.request_id)
        .header("Lambda-Runtime-Deadline-Ms", sandbox.deadline_ms())
        .header("Lambda-Runtime-Invoked-Function-Arn", &task.function_arn)
        .header("Lambda-Runtime-Trace-Id", &task.trace);
    if let Some(context) = &task.client_context {
        builder = builder.header("Lambda-Runtime-Client-Context", context);
    }
    builder
        .body(Body::from(task.payload))
        .unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

async fn response(State(session): State<Session>, Path(id): Path<String>, body: Bytes) -> Response {
    if body.len() > MAX_ANSWER_BYTES {
        let kind = "Function.ResponseSizeTooLarge";
        let message =
            format!("Response payload size exceeded maximum allowed payload size ({MAX_ANSWER_BYTES} bytes).");
        let error = json!({ "errorType": kind, "errorMessage": message }).to_string();
        session.sandbox.answer(
            &id,
            TaskOutcome::Error {
                kind: kind.to_owned(),
                body: error.into(),
            },
        );
        return refusal(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", &message);
    }
    accept(&session, &id, TaskOutcome::Answer(body))
}

async fn error(State(session): State<Session>, Path(id): Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    let kind = error_type(&headers, &body);
    accept(&session, &id, TaskOutcome::Error { kind, body })
}

/// The process says why it cannot start, and then exits: its exit is what fails the event in line.
async fn init_error(State(session): State<Session>, headers: HeaderMap, body: Bytes) -> Response {
    let kind = error_type(&headers, &body);
    session
        .host
        .log(&session.function.options.name, format!("init error: {kind}"));
    accepted()
}

/// An extension registers. The only one that a function binary brings is the runtime's own for graceful shutdown, so
/// registering means: send SIGTERM before SIGKILL.
async fn register(State(session): State<Session>) -> Response {
    session.sandbox.graceful.store(true, Ordering::Release);
    let body = json!({
        "functionName": session.function.options.name,
        "functionVersion": names::VERSION,
        "handler": "bootstrap",
    });
    (
        StatusCode::OK,
        [("Lambda-Extension-Identifier", names::hex_digits(32))],
        axum::Json(body),
    )
        .into_response()
}

fn accept(session: &Session, id: &str, outcome: TaskOutcome) -> Response {
    if session.sandbox.answer(id, outcome) {
        accepted()
    } else {
        refusal(StatusCode::BAD_REQUEST, "InvalidRequestID", "Invalid request ID")
    }
}

fn accepted() -> Response {
    (StatusCode::ACCEPTED, axum::Json(json!({ "status": "OK" }))).into_response()
}

fn refusal(status: StatusCode, kind: &str, message: &str) -> Response {
    (
        status,
        axum::Json(json!({ "errorType": kind, "errorMessage": message })),
    )
        .into_response()
}

/// The type in the body says more than the header, which is `unhandled` for nearly everything.
fn error_type(headers: &HeaderMap, body: &Bytes) -> String {
    let in_body = serde_json::from_slice::<Value>(body)
        .ok()
        .and_then(|error| error.get("errorType").and_then(Value::as_str).map(str::to_owned));
    in_body.unwrap_or_else(|| {
        let header = headers
            .get("Lambda-Runtime-Function-Error-Type")
            .and_then(|value| value.to_str().ok());
        header.unwrap_or("Unhandled").to_owned()
    })
}
