//! `POST /v1/traces` of OTLP/HTTP: protobuf and JSON, answered in the encoding of the request.
//!
//! Contract, from the OTLP specification: 200 with the rejected spans when some cannot be stored; 400, 413 and 415,
//! which an exporter does not repeat, and 503, which it does, carry a `google.rpc.Status`.

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use prost::Message;
use serde::Serialize;

use super::Traces;
use super::decode::Decoded;

/// The largest request. Exporters send far smaller ones; X-Ray takes 5 MB.
pub const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;

const PROTOBUF: &str = "application/x-protobuf";
const JSON: &str = "application/json";

/// Codes of `google.rpc.Code`.
const INVALID_ARGUMENT: i32 = 3;
const UNAVAILABLE: i32 = 14;

/// `google.rpc.Status` without its details.
#[derive(Clone, PartialEq, Message, Serialize)]
struct RpcStatus {
    #[prost(int32, tag = "1")]
    pub(super) code: i32,
    #[prost(string, tag = "2")]
    pub(super) message: String,
}

#[derive(Clone, Copy)]
enum Encoding {
    Protobuf,
    Json,
}

pub(super) fn router(traces: Traces) -> Router {
    Router::new()
        .route("/v1/traces", post(export))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(traces)
}

async fn export(State(traces): State<Traces>, headers: HeaderMap, body: Result<Bytes, BytesRejection>) -> Response {
    let Some(encoding) = Encoding::of(&headers) else {
        let message = format!("content-type must be {PROTOBUF} or {JSON}");
        return Encoding::Json.refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, INVALID_ARGUMENT, message);
    };
    if let Some(coding) = content_coding(&headers) {
        let message = format!("content-encoding {coding} is not understood; set OTEL_EXPORTER_OTLP_COMPRESSION=none");
        let refusal = encoding.refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, INVALID_ARGUMENT, message);
        return ([(header::ACCEPT_ENCODING, "identity")], refusal).into_response();
    }
    let request = match body {
        Ok(body) => encoding.read(&body),
        Err(rejection) => return encoding.refuse(rejection.status(), INVALID_ARGUMENT, rejection.body_text()),
    };
    let decoded = match request {
        Ok(request) => Decoded::of(request),
        Err(why) => return encoding.refuse(StatusCode::BAD_REQUEST, INVALID_ARGUMENT, why),
    };
    match traces.add(decoded.spans).await {
        Ok(added) => {
            let refused = i64::try_from(added.refused).unwrap_or(i64::MAX);
            let answer = response(
                decoded.rejected.saturating_add(refused),
                decoded.reason.or(added.reason),
            );
            encoding.answer(StatusCode::OK, &answer)
        }
        Err(error) => {
            let refusal = encoding.refuse(StatusCode::SERVICE_UNAVAILABLE, UNAVAILABLE, error.to_string());
            ([(header::RETRY_AFTER, "1")], refusal).into_response()
        }
    }
}

fn response(rejected_spans: i64, reason: Option<String>) -> ExportTraceServiceResponse {
    let partial_success = (rejected_spans > 0).then(|| ExportTracePartialSuccess {
        rejected_spans,
        error_message: reason.unwrap_or_default(),
    });
    ExportTraceServiceResponse { partial_success }
}

fn content_coding(headers: &HeaderMap) -> Option<String> {
    let coding = headers.get(header::CONTENT_ENCODING)?;
    let coding = String::from_utf8_lossy(coding.as_bytes()).trim().to_ascii_lowercase();
    (!coding.is_empty() && coding != "identity").then_some(coding)
}

impl Encoding {
    fn of(headers: &HeaderMap) -> Option<Self> {
        let content_type = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        if essence.eq_ignore_ascii_case(PROTOBUF) {
            Some(Self::Protobuf)
        } else if essence.eq_ignore_ascii_case(JSON) {
            Some(Self::Json)
        } else {
            None
        }
    }

    fn read(self, body: &[u8]) -> Result<ExportTraceServiceRequest, String> {
        match self {
            Self::Protobuf => {
                ExportTraceServiceRequest::decode(body).map_err(|error| format!("not an OTLP export request: {error}"))
            }
            Self::Json => {
                serde_json::from_slice(body).map_err(|error| format!("not an OTLP export request in JSON: {error}"))
            }
        }
    }

    fn refuse(self, status: StatusCode, code: i32, message: String) -> Response {
        self.answer(status, &RpcStatus { code, message })
    }

    fn answer<M: Message + Serialize>(self, status: StatusCode, message: &M) -> Response {
        match self {
            Self::Protobuf => (status, [(header::CONTENT_TYPE, PROTOBUF)], message.encode_to_vec()).into_response(),
            Self::Json => (status, axum::Json(message)).into_response(),
        }
    }
}

#[cfg(test)]
mod tests;
