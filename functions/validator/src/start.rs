//! Starts durable executions, once per name.

use std::time::Duration;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::timeout::TimeoutConfig;
use aws_sdk_lambda::error::ProvideErrorMetadata;
use aws_sdk_lambda::operation::invoke::InvokeError;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use tracehook_core::Record;
use tracehook_core::record::ExecutionInput;
use tracehook_store::aws::SdkConfig;
use tracehook_telemetry::aws::ClientSpans;
use tracehook_telemetry::metrics;

/// The longest wait for a start, its retries included. A start that takes longer is left to the sweep: the webhook is
/// stored, and its producer is waiting.
const PATIENCE: Duration = Duration::from_secs(3);

#[derive(Debug)]
pub(crate) struct Starter {
    client: Client,
    function: String,
}

/// Whether the execution runs now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    /// It was started, or had been.
    Started,
    /// It could not be started now; the record stays `received` and the sweep starts it.
    Deferred,
}

impl Starter {
    pub(crate) fn new(aws: &SdkConfig, function: String) -> Self {
        let timeouts = TimeoutConfig::builder().operation_timeout(PATIENCE).build();
        let config = aws_sdk_lambda::config::Builder::from(aws)
            .timeout_config(timeouts)
            .interceptor(ClientSpans)
            .build();
        Self {
            client: Client::from_conf(config),
            function,
        }
    }

    /// Starts the execution that the record names. Starting twice starts once: the name and the payload are the same
    /// for every start of one webhook.
    pub(crate) async fn start(&self, record: &Record) -> Start {
        let input = ExecutionInput {
            execution_token: record.token,
        };
        let sent = self
            .client
            .invoke()
            .function_name(&self.function)
            .invocation_type(InvocationType::Event)
            .durable_execution_name(&record.execution_name)
            .payload(Blob::new(serde_json::to_vec(&input).unwrap_or_default()))
            .send()
            .await;
        let Err(error) = sent else {
            metrics::start(&record.source, metrics::Started::Started);
            return Start::Started;
        };
        if matches!(
            error.as_service_error(),
            Some(InvokeError::DurableExecutionAlreadyStartedException(_))
        ) {
            return Start::Started;
        }
        let code = error.code().unwrap_or("no answer");
        // Lambda will not take it later either: it does not know the function, or does not let us invoke it.
        let refused = error
            .raw_response()
            .is_some_and(|answer| answer.status().is_client_error() && answer.status().as_u16() != 429);
        if refused {
            tracing::error!(token = %record.token, code, "start refused");
            metrics::start(&record.source, metrics::Started::Refused(code));
        } else {
            tracing::warn!(token = %record.token, code, "start deferred");
            metrics::start(&record.source, metrics::Started::Deferred);
        }
        Start::Deferred
    }
}
