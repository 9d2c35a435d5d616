//! Refusals by the gateway itself, in the form of the deployment's gateway responses.

use axum::response::{IntoResponse as _, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::json;

/// One variant per gateway response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GatewayError {
    /// The request cannot be read.
    BadRequest,
    /// No such path.
    NotFound,
    /// Over the payload limit.
    TooLarge,
    /// Over the stage's throttle.
    Throttled,
    /// The function could not be invoked.
    Internal,
    /// The function failed, or its answer is malformed.
    BadGateway,
    /// The function took longer than the gateway waits.
    Timeout,
}

impl GatewayError {
    const fn parts(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::BadRequest => (StatusCode::BAD_REQUEST, "bad_request", "The request cannot be read"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not_found", "No such path"),
            Self::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "payload_too_large",
                "The body is too large",
            ),
            Self::Throttled => (StatusCode::TOO_MANY_REQUESTS, "throttled", "Too many requests"),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal_error", "Try again shortly"),
            Self::BadGateway => (StatusCode::BAD_GATEWAY, "bad_gateway", "Try again shortly"),
            Self::Timeout => (StatusCode::GATEWAY_TIMEOUT, "gateway_timeout", "Try again shortly"),
        }
    }

    pub(super) fn response(self, request_id: &str, cors_allow_origin: Option<&str>) -> Response {
        let (status, code, message) = self.parts();
        let body = json!({ "error": message, "code": code, "requestId": request_id }).to_string();
        let mut response = (status, [(header::CONTENT_TYPE, "application/json")], body).into_response();
        if let Some(origin) = cors_allow_origin.and_then(|origin| HeaderValue::try_from(origin).ok()) {
            response
                .headers_mut()
                .insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        }
        response
    }
}
