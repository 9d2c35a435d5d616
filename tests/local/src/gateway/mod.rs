//! The API in front: HTTP to API Gateway REST proxy events, and a function's answer back to HTTP.
//!
//! Contract: the body reaches the function byte for byte, as base64; 10 MB at most, and the whole event 6 MB, which is
//! what Lambda takes; a function has 29 s; what the gateway itself refuses has status, text and headers of the deployment's
//! gateway responses. Facts: API Gateway documentation, "Lambda proxy integrations", "Gateway response types" and "Amazon API
//! Gateway quotas"; Lambda quotas, "Invocation payload". That an event above 6 MB is answered 413 is unconfirmed.

mod answer;
mod error;
mod event;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, DefaultBodyLimit, State};
use axum::response::Response;
use axum::routing::any;
use http::Request;
use http_body_util::BodyExt as _;

use crate::config::Config;
use error::GatewayError;
use event::Route;
use tracehook_core::body::EVENT_LIMIT_BYTES;
use tracehook_local_lambda::Throttle;
use tracehook_local_lambda::{InvokeOutcome, Lambda};

/// API Gateway's payload limit.
const MAX_BODY_BYTES: usize = 10 * 1024 * 1024;

/// Bytes of a refused body that are read, so that its sender gets to read the answer.
const MAX_READ_BYTES: usize = 4 * MAX_BODY_BYTES;

/// The methods that `ANY` stands for. Every other one is a method of no resource.
const METHODS: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

/// API Gateway's integration timeout.
const INTEGRATION_TIMEOUT: Duration = Duration::from_secs(29);

#[derive(Debug)]
struct Gateway {
    lambda: Lambda,
    throttle: Option<Throttle>,
    cors_allow_origin: Option<String>,
}

/// The routes of the API. Needs `ConnectInfo<SocketAddr>`.
pub(crate) fn router(lambda: Lambda, config: &Config) -> Router {
    let limits = &config.limits;
    let gateway = Gateway {
        lambda,
        throttle: limits.requests_per_second.map(|rate| Throttle::new(rate, limits.burst)),
        cors_allow_origin: config.cors_allow_origin.clone(),
    };
    Router::new()
        .route("/webhook", any(handle))
        .route("/webhook/{source}", any(handle))
        .route("/status/{executionToken}", any(handle))
        .fallback(handle)
        .layer(DefaultBodyLimit::disable())
        .with_state(Arc::new(gateway))
}

async fn handle(
    State(gateway): State<Arc<Gateway>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request<Body>,
) -> Response {
    let request_id = uuid::Uuid::new_v4().to_string();
    let answered = gateway.answer(request, peer, &request_id).await;
    let mut answer = answered.unwrap_or_else(|error| error.response(&request_id, gateway.cors_allow_origin.as_deref()));
    error::identify(answer.headers_mut(), &request_id);
    answer
}

impl Gateway {
    async fn answer(
        &self,
        request: Request<Body>,
        peer: SocketAddr,
        request_id: &str,
    ) -> Result<Response, GatewayError> {
        let (parts, body) = request.into_parts();
        let body = read(body).await?;
        let is_method = METHODS.contains(&parts.method.as_str());
        let route = Route::of(parts.uri.path()).filter(|_| is_method);
        let route = route.ok_or(GatewayError::NotFound)?;
        if self.throttle.as_ref().is_some_and(|throttle| !throttle.admits()) {
            return Err(GatewayError::Throttled);
        }
        let function = route.function().deployed();
        let trace = event::trace_header(&parts.headers);
        let event = event::render(&parts, &route, &body, peer, request_id, &trace);
        let event = invocable(event.to_string())?;
        let invoked = self.lambda.invoke(&function, event, Some(trace));
        let outcome = tokio::time::timeout(INTEGRATION_TIMEOUT, invoked)
            .await
            .map_err(|_| GatewayError::Timeout)?;
        match outcome {
            InvokeOutcome::Answer(answer) => answer::response(&answer).ok_or(GatewayError::BadGateway),
            InvokeOutcome::FunctionError { .. } | InvokeOutcome::TimedOut => Err(GatewayError::BadGateway),
            InvokeOutcome::Throttled | InvokeOutcome::Unknown => Err(GatewayError::Internal),
        }
    }
}

/// An event that Lambda takes.
fn invocable(event: String) -> Result<Bytes, GatewayError> {
    if event.len() > EVENT_LIMIT_BYTES {
        Err(GatewayError::TooLarge)
    } else {
        Ok(event.into())
    }
}

/// The whole body. One that is too large is still read, up to a bound: a connection that is closed in the middle of a
/// request would take the answer with it.
async fn read(mut body: Body) -> Result<Vec<u8>, GatewayError> {
    let (mut kept, mut length) = (Vec::new(), 0);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| GatewayError::BadRequest)?;
        let Some(data) = frame.data_ref() else { continue };
        length += data.len();
        if length > MAX_READ_BYTES {
            return Err(GatewayError::TooLarge);
        }
        if length <= MAX_BODY_BYTES {
            kept.extend_from_slice(data);
        }
    }
    if length > MAX_BODY_BYTES {
        Err(GatewayError::TooLarge)
    } else {
        Ok(kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_of_more_than_six_megabytes_invokes_nothing() {
        let event = |bytes: usize| invocable("x".repeat(bytes));
        assert_eq!(event(6_291_456).unwrap().len(), 6_291_456);
        assert_eq!(event(6_291_457).unwrap_err(), GatewayError::TooLarge);
    }
}
