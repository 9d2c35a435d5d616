//! Why a call of AWS failed.

use aws_smithy_runtime_api::client::interceptors::context::Error;
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, OrchestratorError};
use serde::Deserialize;
use tracing::Span;

use crate::span as spans;

/// Errors that are expected answers, which the caller acts on. A secret that was never rotated has no previous version.
const EXPECTED: [(&str, &str); 3] = [
    ("DynamoDB", "ConditionalCheckFailedException"),
    ("Lambda", "DurableExecutionAlreadyStartedException"),
    ("Secrets Manager", "ResourceNotFoundException"),
];

/// The longest code that is taken from a document.
const MOST_CODE_CHARS: usize = 64;

enum Failure {
    /// The service answered with this error code.
    Service(String),
    /// The service did not answer, or its answer could not be read.
    Connection(&'static str),
}

/// Records the failure of a call of `service`. An expected error does not mark the span as failed.
pub(super) fn record(span: &Span, service: &str, response: Option<&HttpResponse>, error: &OrchestratorError<Error>) {
    match failure(response, error) {
        Failure::Service(code) if EXPECTED.contains(&(service, &*code)) => {
            span.record("rpc.response.status_code", code);
        }
        Failure::Service(code) => {
            span.record("rpc.response.status_code", &*code);
            spans::fail(span, &code, "the service refused the call");
        }
        Failure::Connection(kind) => spans::fail(span, kind, "the service did not answer"),
    }
}

fn failure(response: Option<&HttpResponse>, error: &OrchestratorError<Error>) -> Failure {
    if error.is_timeout_error() {
        return Failure::Connection("timeout");
    }
    match (response, error.as_connector_error()) {
        (_, Some(error)) if error.is_timeout() => Failure::Connection("timeout"),
        (_, Some(_)) => Failure::Connection("connection"),
        (Some(response), None) => Failure::Service(code(response)),
        (None, None) => Failure::Connection("request"),
    }
}

/// The code that AWS's JSON protocols put into a header or the body, without its namespace, and S3 into an XML document.
fn code(response: &HttpResponse) -> String {
    #[derive(Deserialize)]
    struct Body {
        #[serde(rename = "__type", alias = "code")]
        code: String,
    }
    let in_header = response.headers().get("x-amzn-errortype").map(str::to_owned);
    let body = response.body().bytes().unwrap_or_default();
    let in_json = || Some(serde_json::from_slice::<Body>(body).ok()?.code);
    let in_xml = || {
        let (_, error) = std::str::from_utf8(body).ok()?.split_once("<Code>")?;
        let (code, _) = error.split_once("</Code>")?;
        Some(code.chars().take(MOST_CODE_CHARS).collect())
    };
    let code = in_header.or_else(in_json).or_else(in_xml).unwrap_or_default();
    let code = code.split(':').next().unwrap_or_default();
    let code = code.rsplit('#').next().unwrap_or_default();
    if code.is_empty() { "unknown" } else { code }.to_owned()
}
