//! Errors of the Lambda API. The SDKs take the code from the header; the body's `Type` is only for people.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::store::StoreError;
use tracehook_local_durable::Fault;

/// A refusal with its status, its code and its message.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{code}: {message}")]
pub(crate) struct ApiError {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    message: String,
}

impl ApiError {
    pub(crate) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
        }
    }

    pub(crate) fn invalid_parameter(message: impl Into<String>) -> Self {
        Self::new(400, "InvalidParameterValueException", message)
    }

    pub(crate) fn invalid_content(why: impl std::fmt::Display) -> Self {
        Self::new(
            400,
            "InvalidRequestContentException",
            format!("Could not parse request body into json: {why}"),
        )
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(404, "ResourceNotFoundException", message)
    }

    pub(crate) fn no_execution(arn: &str) -> Self {
        Self::not_found(format!("Durable execution not found: {arn}"))
    }

    pub(crate) fn too_large(limit_bytes: usize) -> Self {
        let message = format!("Request must be smaller than {limit_bytes} bytes for the InvokeFunction operation");
        Self::new(413, "RequestTooLargeException", message)
    }

    pub(crate) fn throttled() -> Self {
        Self::new(429, "TooManyRequestsException", "Rate Exceeded.")
    }

    pub(crate) fn service(message: impl Into<String>) -> Self {
        Self::new(500, "ServiceException", message)
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::service(error.to_string())
    }
}

impl From<Fault> for ApiError {
    fn from(fault: Fault) -> Self {
        Self::invalid_parameter(fault.to_string())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        // `Type` says whose fault it is, as Lambda's errors do.
        let kind = if status.is_server_error() { "Service" } else { "User" };
        let body = Json(json!({ "Type": kind, "Message": self.message }));
        (status, [("x-amzn-ErrorType", self.code)], body).into_response()
    }
}
