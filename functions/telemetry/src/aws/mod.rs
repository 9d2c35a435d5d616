//! Calls of AWS as client spans, one per call, retries included, and nothing of what goes on inside the SDK.

mod dynamodb;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::context::{Error, Input, Output};
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, Metadata, OrchestratorError};
use aws_smithy_runtime_api::client::retries::RequestAttempts;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use serde::Deserialize;
use tracing::field::Empty;
use tracing::{Span, info_span};

use crate::trace::{self, ONLY_TRACES};

/// Refusals that are answers: what they say is expected, and the caller acts on it. A secret that was never rotated has
/// no previous version.
const EXPECTED: [(&str, &str); 3] = [
    ("DynamoDB", "ConditionalCheckFailedException"),
    ("Lambda", "DurableExecutionAlreadyStartedException"),
    ("Secrets Manager", "ResourceNotFoundException"),
];

/// Add it to a client's configuration, after all others.
#[derive(Debug, Clone, Copy, Default)]
pub struct ClientSpans;

/// In a call's configuration: the call is answered without being sent, and has no span.
#[derive(Debug, Clone, Copy)]
pub struct NotSent;

impl Storable for NotSent {
    type Storer = StoreReplace<Self>;
}

#[derive(Debug)]
struct CallSpan(Span);

impl Storable for CallSpan {
    type Storer = StoreReplace<Self>;
}

impl Intercept for ClientSpans {
    fn name(&self) -> &'static str {
        "ClientSpans"
    }

    // After every interceptor that may decide not to send the call, and before credentials and the first attempt.
    fn read_before_serialization(
        &self,
        context: &BeforeSerializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // A call that nobody traces, such as one for credentials in the background, is no trace of its own.
        if config.load::<NotSent>().is_none() && !Span::current().is_none() {
            let span = open(config, context.input());
            config.interceptor_state().store_put(CallSpan(span));
        }
        Ok(())
    }

    fn read_after_execution(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(CallSpan(span)) = config.load::<CallSpan>() {
            if let Some(attempts) = config.load::<RequestAttempts>()
                && attempts.attempts() > 1
            {
                span.record("http.request.resend_count", attempts.attempts() - 1);
            }
            let service = config.load::<Metadata>().map_or("", |call| call.service());
            close(span, service, context.response(), context.output_or_error());
        }
        // The configuration outlives the call; its span does not.
        config.interceptor_state().store_put(CallSpan(Span::none()));
        Ok(())
    }
}

fn open(config: &ConfigBag, input: &Input) -> Span {
    let (service, operation) = config
        .load::<Metadata>()
        .map_or(("AWS", "call"), |call| (call.service(), call.name()));
    let span = info_span!(
        target: ONLY_TRACES,
        "call",
        otel.name = format!("{service}.{operation}"),
        otel.kind = "client",
        rpc.system = "aws-api",
        rpc.service = service,
        rpc.method = operation,
        aws.request_id = Empty,
        http.response.status_code = Empty,
        http.request.resend_count = Empty,
        db.system.name = Empty,
        db.operation.name = Empty,
        db.collection.name = Empty,
        aws.error.code = Empty,
    );
    if service == "DynamoDB" {
        span.record("db.system.name", "aws.dynamodb");
        span.record("db.operation.name", operation);
        if let Some(table) = dynamodb::table(input) {
            span.record("db.collection.name", table);
            dynamodb::record_table(&span, table);
        }
    }
    span
}

fn close(
    span: &Span,
    service: &str,
    response: Option<&HttpResponse>,
    result: Option<Result<&Output, &OrchestratorError<Error>>>,
) {
    if let Some(response) = response {
        span.record("http.response.status_code", response.status().as_u16());
        if let Some(id) = ["x-amzn-requestid", "x-amz-request-id"]
            .into_iter()
            .find_map(|name| response.headers().get(name))
        {
            span.record("aws.request_id", id);
        }
    }
    match result {
        Some(Ok(output)) => dynamodb::record_capacity(span, output),
        Some(Err(error)) => match failure(response, error) {
            Failed::Service(code) if EXPECTED.contains(&(service, &*code)) => {
                span.record("aws.error.code", code);
            }
            Failed::Service(code) => {
                span.record("aws.error.code", &*code);
                trace::fail(span, &code, "the service refused the call");
            }
            Failed::Way(kind) => trace::fail(span, kind, "the service did not answer"),
        },
        None => {}
    }
}

enum Failed {
    /// The service's code.
    Service(String),
    /// No answer, or none that could be read.
    Way(&'static str),
}

fn failure(response: Option<&HttpResponse>, error: &OrchestratorError<Error>) -> Failed {
    if error.is_timeout_error() {
        return Failed::Way("timeout");
    }
    match (response, error.as_connector_error()) {
        (_, Some(error)) if error.is_timeout() => Failed::Way("timeout"),
        (_, Some(_)) => Failed::Way("connection"),
        (Some(response), None) => Failed::Service(code(response)),
        (None, None) => Failed::Way("request"),
    }
}

/// The code that AWS's JSON protocols put into a header or the body, without its name space.
fn code(response: &HttpResponse) -> String {
    #[derive(Deserialize)]
    struct Body {
        #[serde(rename = "__type", alias = "code")]
        code: String,
    }
    let in_header = response.headers().get("x-amzn-errortype").map(str::to_owned);
    let in_body = || serde_json::from_slice::<Body>(response.body().bytes()?).ok();
    let code = in_header.or_else(|| Some(in_body()?.code)).unwrap_or_default();
    let code = code.split(':').next().unwrap_or_default();
    let code = code.rsplit('#').next().unwrap_or_default();
    if code.is_empty() { "unknown" } else { code }.to_owned()
}
