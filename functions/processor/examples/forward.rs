//! A processor that posts every webhook to an HTTP endpoint of yours, `FORWARD_URL`, as it was received.
//!
//! The endpoint is called at least once for each webhook. `Idempotency-Key` is the same for every call of one webhook, so
//! that it can tell a repeated call; `traceparent` is the span of the try, so that its own spans continue the webhook's
//! trace. To deploy it, put this file in the place of `src/main.rs`.

#![recursion_limit = "256"]

use std::process::ExitCode;
use std::time::Duration;

use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use http::{Request, Uri};
use lambda_runtime::Error;
use serde_json::{Value, json};
use tracehook_processor::{Event, Handler, HandlerContext, HandlerError, config::Config};
use tracehook_runtime::Process;

/// The longest waits for a connection and for an answer. Together they stay under the function's timeout: a try that is
/// killed is repeated, but only one that ends says why.
const CONNECT: Duration = Duration::from_secs(3);
const ANSWER: Duration = Duration::from_secs(20);

struct Forward {
    url: Uri,
    connector: Connector,
}

impl Forward {
    fn new(url: Uri) -> Self {
        let settings = HttpConnectorSettings::builder()
            .connect_timeout(CONNECT)
            .read_timeout(ANSWER)
            .build();
        let connector = Connector::builder()
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .connector_settings(settings)
            .sleep_impl(TokioSleep::new())
            .build();
        Self { url, connector }
    }

    fn request(&self, event: &Event, context: &HandlerContext) -> Option<HttpRequest> {
        let mut request = Request::post(&self.url)
            .header(
                "Content-Type",
                event.content_type.as_deref().unwrap_or("application/json"),
            )
            .header("Idempotency-Key", &context.idempotency_key)
            .header("traceparent", context.traceparent.to_string())
            .header("X-Webhook-Source", context.source.as_str());
        // The body goes out as it came in.
        if let Some(coding) = event.content_encoding {
            request = request.header("Content-Encoding", coding.to_string());
        }
        let request = request.body(SdkBody::from(event.body.clone()));
        HttpRequest::try_from(request.ok()?).ok()
    }
}

impl Handler for Forward {
    async fn handle(&self, event: &Event, context: &HandlerContext) -> Result<Value, HandlerError> {
        let request = self
            .request(event, context)
            .ok_or_else(|| HandlerError::permanent("request_unusable", "no request can be made of this webhook"))?;
        let answered = self.connector.call(request).await;
        // No answer may mean that the call was done: the next one has the same key.
        let answer = answered.map_err(|error| {
            let message = if error.is_timeout() {
                "did not answer in time"
            } else {
                "cannot be reached"
            };
            HandlerError::transient("endpoint_away", format!("the endpoint {message}"))
        })?;
        let status = answer.status().as_u16();
        let message = format!("the endpoint answered {status}");
        match status {
            200..300 => Ok(json!({"status": status})),
            408 | 429 | 500.. => Err(HandlerError::transient("endpoint_busy", message)),
            _ => Err(HandlerError::permanent("endpoint_refuses", message)),
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    tracehook_runtime::main("processor", Config::from_env, run).await
}

async fn run(config: Config, process: Process) -> Result<(), Error> {
    #[allow(
        clippy::disallowed_methods,
        reason = "the example's one variable is no part of the deployment's"
    )]
    let url = std::env::var("FORWARD_URL").map_err(|_| "FORWARD_URL is not set")?;
    let handler = Forward::new(url.parse().map_err(|_| "FORWARD_URL is not a URL")?);
    tracehook_processor::run(config, &process, handler).await
}
