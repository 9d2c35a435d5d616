//! Invoke.

use std::sync::Arc;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;

use super::REQUEST_ID;
use super::query::Query;
use crate::Inner;
use crate::api_error::ApiError;
use crate::invoke::{Call, Target};

const MAX_SYNCHRONOUS_BYTES: usize = 6 * 1024 * 1024;
const MAX_EVENT_BYTES: usize = 1024 * 1024;
/// The limit of reading. It exceeds what is accepted: a caller that is answered while it sends may never see why.
const MAX_READ_BYTES: usize = 32 * 1024 * 1024;

pub(super) async fn invoke(
    State(lambda): State<Arc<Inner>>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let target = lambda.target(&name, Query::parse(query.as_deref()).get("Qualifier"))?;
    target.check_qualified()?;
    let kind = text(&headers, "X-Amz-Invocation-Type").unwrap_or("RequestResponse");
    let limit_bytes = if kind == "Event" {
        MAX_EVENT_BYTES
    } else {
        MAX_SYNCHRONOUS_BYTES
    };
    let call = call(&headers, payload(body, limit_bytes).await?)?;
    match kind {
        "DryRun" => Ok(StatusCode::NO_CONTENT.into_response()),
        "RequestResponse" => synchronous(lambda, target, call).await,
        "Event" => event(lambda, target, call).await,
        other => Err(ApiError::invalid_parameter(format!(
            "InvocationType must be one of Event, RequestResponse, DryRun, not {other}"
        ))),
    }
}

async fn synchronous(lambda: Arc<Inner>, target: Target, call: Call) -> Result<Response, ApiError> {
    let request_id = call.request_id.clone();
    let reply = lambda.call(&target, call).await?;
    let mut response = Response::builder()
        .header(REQUEST_ID, request_id)
        .header("Content-Type", "application/json")
        .header("X-Amz-Executed-Version", target.version);
    if reply.error_kind.is_some() {
        response = response.header("X-Amz-Function-Error", "Unhandled");
    }
    if let Some(arn) = reply.execution_arn {
        response = response.header("X-Amz-Durable-Execution-Arn", arn);
    }
    response
        .body(Body::from(reply.body))
        .map_err(|error| ApiError::service(error.to_string()))
}

async fn event(lambda: Arc<Inner>, target: Target, call: Call) -> Result<Response, ApiError> {
    let (version, request_id) = (target.version, call.request_id.clone());
    // On a task of its own: a caller that hangs up must not leave an event behind that is stored and not worked off.
    let stored = tokio::spawn(async move { lambda.enqueue(target, call).await }).await;
    let arn = stored.map_err(|error| ApiError::service(error.to_string()))??;
    let mut response = Response::builder()
        .status(StatusCode::ACCEPTED)
        .header(REQUEST_ID, request_id)
        .header("X-Amz-Executed-Version", version);
    if let Some(arn) = arn {
        response = response.header("X-Amz-Durable-Execution-Arn", arn);
    }
    response
        .body(Body::empty())
        .map_err(|error| ApiError::service(error.to_string()))
}

fn call(headers: &HeaderMap, payload: Bytes) -> Result<Call, ApiError> {
    Ok(Call {
        request_id: uuid::Uuid::new_v4().to_string(),
        payload,
        trace: text(headers, "X-Amzn-Trace-Id").map(str::to_owned),
        client_context: text(headers, "X-Amz-Client-Context").map(client_context).transpose()?,
        execution_name: text(headers, "X-Amz-Durable-Execution-Name").map(str::to_owned),
    })
}

/// The input: JSON, or nothing, which the function sees as an empty object.
async fn payload(body: Body, limit_bytes: usize) -> Result<Bytes, ApiError> {
    let payload = to_bytes(body, MAX_READ_BYTES)
        .await
        .ok()
        .filter(|payload| payload.len() <= limit_bytes)
        .ok_or_else(|| ApiError::too_large(limit_bytes))?;
    if payload.is_empty() {
        return Ok(Bytes::from_static(b"{}"));
    }
    // Only read, not taken apart: what the function gets is what was sent.
    serde_json::from_slice::<serde::de::IgnoredAny>(&payload).map_err(ApiError::invalid_content)?;
    Ok(payload)
}

/// The Runtime API carries plain JSON; the base64 of the request would end the function's process. So would anything
/// but ASCII, which is all that a header carries.
fn client_context(encoded: &str) -> Result<String, ApiError> {
    let invalid = || ApiError::invalid_content("Client context must be a valid Base64-encoded JSON object.");
    let decoded = base64::engine::general_purpose::STANDARD
        .decode(encoded)
        .map_err(|_| invalid())?;
    let context: serde_json::Value = serde_json::from_slice(&decoded).map_err(|_| invalid())?;
    // Written anew, so that it is one line.
    context
        .is_object()
        .then(|| ascii(&context.to_string()))
        .ok_or_else(invalid)
}

/// JSON with everything but ASCII escaped.
fn ascii(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        if character.is_ascii() && character != '\u{7f}' {
            escaped.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                escaped.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    escaped
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .filter(|value| !value.is_empty())
}
