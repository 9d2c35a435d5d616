//! Receives a webhook: finds the source, verifies the signature, stores the webhook, starts its durable execution,
//! answers 202.
//!
//! Contract: after 202 the webhook is stored. Whatever a caller sends is answered with JSON, never with a failed
//! invocation.

pub mod config;
mod describe;
mod receive;
mod secrets;

use std::time::{Duration, SystemTime};

use aws_sdk_lambda::config::timeout::TimeoutConfig;
use aws_sdk_secretsmanager::Client as SecretsClient;
use tracehook_core::gateway::{Answer, Request};
use tracehook_core::{Rejection, Timestamp};
use tracehook_engine::Engine;
use tracehook_store::Store;
use tracehook_store::aws::SdkConfig;
use tracehook_telemetry::aws::ClientSpans;
use tracehook_telemetry::metrics;
use tracehook_telemetry::webhook::Serving;

use crate::config::Config;
use crate::secrets::SecretCache;

/// The longest wait for a start, its retries included. A start that takes longer is left to the sweep: the webhook is
/// stored, and its producer is waiting.
const START_PATIENCE: Duration = Duration::from_secs(3);

/// The function: its configuration and the services it talks to.
#[derive(Debug)]
pub struct Validator {
    config: Config,
    secrets: SecretCache,
    store: Store,
    engine: Engine,
}

impl Validator {
    /// Builds the clients; nothing is called yet.
    #[must_use]
    pub fn new(config: Config, aws: &SdkConfig) -> Self {
        let secrets = aws_sdk_secretsmanager::config::Builder::from(aws).interceptor(ClientSpans);
        let secrets = SecretCache::new(SecretsClient::from_conf(secrets.build()), config.secret_id.clone());
        let table = aws_sdk_dynamodb::config::Builder::from(aws).interceptor(ClientSpans);
        let table = aws_sdk_dynamodb::Client::from_conf(table.build());
        let store = Store::new(table, config.table.clone());
        let patience = TimeoutConfig::builder().operation_timeout(START_PATIENCE).build();
        let lambda = aws_sdk_lambda::config::Builder::from(aws)
            .timeout_config(patience)
            .interceptor(ClientSpans);
        let engine = Engine::new(
            aws_sdk_lambda::Client::from_conf(lambda.build()),
            config.processor.clone(),
        );
        Self {
            config,
            secrets,
            store,
            engine,
        }
    }

    /// Answers one event of the gateway. `invocation_id` stands in for the gateway's request id where there is none.
    pub async fn handle(&self, event: &str, invocation_id: &str) -> Answer {
        let received_at = Timestamp::from(SystemTime::now());
        let request = Request::read(event);
        let serving = Serving::begin(request.as_ref().ok(), invocation_id);
        let work = async {
            match &request {
                Ok(request) => self.respond(&serving, request, invocation_id, received_at).await,
                Err(rejection) => self.refuse(&serving, *rejection, invocation_id),
            }
        };
        let answer = serving.run(work).await;
        serving.answered(answer).with_cors(&self.config.cors)
    }

    fn refuse(&self, serving: &Serving, rejection: Rejection, request_id: &str) -> Answer {
        tracing::info!(code = rejection.code(), "refused");
        serving.is_refused(rejection);
        metrics::webhook_rejected(serving.source(), rejection);
        match rejection {
            Rejection::MethodNotAllowed => Answer::method_not_allowed("POST", request_id),
            rejection => Answer::rejection(rejection, request_id),
        }
    }
}
