//! Calls of AWS as client spans, one per call with all its retries, and no spans of the SDK's internals.

mod dynamodb;
mod failure;
#[cfg(test)]
mod tests;

use std::sync::OnceLock;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, BeforeTransmitInterceptorContextRef, Error,
    FinalizerInterceptorContextRef, Output,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, Metadata, OrchestratorError};
use aws_smithy_runtime_api::client::retries::RequestAttempts;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use tracing::field::Empty;
use tracing::{Span, info_span};

/// The `tracing` target of the spans of calls. Turn it off in layers that have no use for them: with traces off the spans
/// are then never made.
pub const TARGET: &str = "durable_traces::call";

const DYNAMODB: &str = "DynamoDB";

/// Opens a span for each call of a client. Add it to the client's configuration after all other interceptors.
#[derive(Debug, Clone, Copy, Default)]
pub struct ClientSpans;

/// In a call's configuration: the call is answered without being sent, and has no span.
#[derive(Debug, Clone, Copy)]
pub struct NotSent;

impl Storable for NotSent {
    type Storer = StoreReplace<Self>;
}

#[derive(Debug)]
struct CallSpan(Span, OnceLock<()>);

impl Storable for CallSpan {
    type Storer = StoreReplace<Self>;
}

impl Intercept for ClientSpans {
    fn name(&self) -> &'static str {
        "ClientSpans"
    }

    // After every interceptor that may decide not to send the call, and before credentials and the first try.
    fn read_before_serialization(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // A call outside of every span, such as one for credentials in the background, is no trace of its own.
        if config.load::<NotSent>().is_none() && !Span::current().is_none() {
            let span = open(config);
            config.interceptor_state().store_put(CallSpan(span, OnceLock::new()));
        }
        Ok(())
    }

    fn read_after_serialization(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(CallSpan(span, _)) = config.load::<CallSpan>()
            && !span.is_disabled()
            && service(config) == DYNAMODB
            && let Some(body) = context.request().body().bytes()
        {
            dynamodb::record_table(span, body);
        }
        Ok(())
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // Only now the endpoint is known. A retry has the same one.
        if let Some(CallSpan(span, addressed)) = config.load::<CallSpan>()
            && let Ok(url) = context.request().uri().parse::<http::Uri>()
            && let Some(host) = url.host()
            && addressed.set(()).is_ok()
        {
            span.record("server.address", host);
        }
        Ok(())
    }

    fn read_after_execution(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(CallSpan(span, _)) = config.load::<CallSpan>()
            && !span.is_disabled()
        {
            if let Some(tries) = config.load::<RequestAttempts>()
                && tries.attempts() > 1
            {
                span.record("http.request.resend_count", i64::from(tries.attempts() - 1));
            }
            close(span, service(config), context.response(), context.output_or_error());
        }
        // The configuration outlives the call; its span must not.
        config
            .interceptor_state()
            .store_put(CallSpan(Span::none(), OnceLock::new()));
        Ok(())
    }
}

fn service(config: &ConfigBag) -> &str {
    config.load::<Metadata>().map_or("AWS", |call| call.service())
}

fn open(config: &ConfigBag) -> Span {
    let service = service(config);
    let operation = config.load::<Metadata>().map_or("call", |call| call.name());
    let span = info_span!(
        target: TARGET,
        "call",
        otel.name = format!("{service}.{operation}"),
        otel.kind = "client",
        // X-Ray knows a call of AWS by the names of older conventions, and reads the operation alone as the method.
        rpc.system = "aws-api",
        rpc.system.name = "aws-api",
        rpc.service = service,
        rpc.method = operation,
        rpc.response.status_code = Empty,
        aws.request_id = Empty,
        http.response.status_code = Empty,
        http.request.resend_count = Empty,
        db.system.name = Empty,
        db.operation.name = Empty,
        db.collection.name = Empty,
        server.address = Empty,
    );
    if service == DYNAMODB {
        span.record("db.system.name", "aws.dynamodb");
        span.record("db.operation.name", operation);
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
        span.record("http.response.status_code", i64::from(response.status().as_u16()));
        if let Some(id) = ["x-amzn-requestid", "x-amz-request-id"]
            .into_iter()
            .find_map(|name| response.headers().get(name))
        {
            span.record("aws.request_id", id);
        }
    }
    match result {
        Some(Ok(_)) if service == DYNAMODB => {
            if let Some(body) = response.and_then(|response| response.body().bytes()) {
                dynamodb::record_capacity(span, body);
            }
        }
        Some(Err(error)) => failure::record(span, service, response, error),
        Some(Ok(_)) | None => {}
    }
}
