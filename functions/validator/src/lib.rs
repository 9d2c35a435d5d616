//! Receives a webhook: finds the source, verifies the signature, stores the webhook, starts its durable execution,
//! answers 202.
//!
//! Contract: after 202 the webhook is stored. Whatever a caller sends is answered with JSON, never with a failed
//! invocation.

pub mod config;
mod describe;
mod receive;
mod secrets;
mod start;

use std::time::SystemTime;

use aws_sdk_secretsmanager::Client as SecretsClient;
use tracehook_core::gateway::{Answer, Request};
use tracehook_core::{Rejection, Timestamp};
use tracehook_store::Store;
use tracehook_store::aws::SdkConfig;

use crate::config::Config;
use crate::secrets::SecretCache;
use crate::start::Starter;

/// The function: its configuration and the services it talks to.
#[derive(Debug)]
pub struct Validator {
    config: Config,
    secrets: SecretCache,
    store: Store,
    starter: Starter,
}

impl Validator {
    /// Builds the clients; nothing is called yet.
    #[must_use]
    pub fn new(config: Config, aws: &SdkConfig) -> Self {
        let secrets = SecretCache::new(SecretsClient::new(aws), config.secret_id.clone());
        let store = Store::new(aws_sdk_dynamodb::Client::new(aws), config.table.clone());
        let starter = Starter::new(aws, config.processor.clone());
        Self {
            config,
            secrets,
            store,
            starter,
        }
    }

    /// Answers one event of the gateway. `invocation_id` stands in for the gateway's request id where there is none.
    pub async fn handle(&self, event: &str, invocation_id: &str) -> Answer {
        let received_at = Timestamp::from(SystemTime::now());
        let answer = match Request::read(event) {
            Ok(request) => self.respond(&request, invocation_id, received_at).await,
            Err(rejection) => self.refuse(rejection, invocation_id),
        };
        answer.with_cors(&self.config.cors)
    }

    fn refuse(&self, rejection: Rejection, request_id: &str) -> Answer {
        tracing::info!(code = rejection.code(), request_id, "refused");
        Answer::rejection(rejection, request_id)
    }
}
