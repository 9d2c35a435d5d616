//! Receives a webhook: finds the source, verifies the signature, stores the webhook, starts its durable execution,
//! answers 202.
//!
//! Contract: after 202 the webhook is stored. Whatever a caller sends is answered with JSON, never with a failed
//! invocation.

mod accept;
mod budget;
pub mod config;
mod delivery;
mod ready;
mod receive;
mod secrets;
mod verify;

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_secretsmanager::Client;
use tokio::sync::OnceCell;
use tracehook_engine::Engine;
use tracehook_runtime::AfterAnswer;
use tracehook_runtime::aws::{self, SdkConfig};
use tracehook_store::Store;

use crate::config::Config;
use crate::ready::Ready;

/// The IAM actions of this function's calls.
pub const ACTIONS: &[&[&str]] = &[
    &["secretsmanager:GetSecretValue"],
    tracehook_store::actions::CONFIGURATION,
    tracehook_store::actions::CREATE,
    tracehook_store::actions::REOPEN,
    tracehook_store::actions::NOTE_START,
    tracehook_store::actions::NOTE_CONFLICT,
    tracehook_engine::actions::START,
];

/// The longest wait for a start, its retries included. A start that takes longer is left to the sweep.
const START_PATIENCE: Duration = Duration::from_secs(3);

/// The longest wait for a version of the secrets, its retries included.
const SECRETS_PATIENCE: Duration = Duration::from_millis(1500);

/// The function: its configuration and the services it talks to.
#[derive(Debug)]
pub struct Validator {
    config: Config,
    secrets: Client,
    /// Empty until the configuration was read.
    ready: OnceCell<Ready>,
    store: Store,
    engine: Arc<Engine>,
    after_answer: AfterAnswer,
}

impl Validator {
    /// Builds the clients; nothing is called yet. What outlasts an answer is left to `after_answer`.
    #[must_use]
    pub fn new(config: Config, aws: &SdkConfig, after_answer: AfterAnswer) -> Self {
        let store = aws::store(aws, &config.table)
            .with_objects(aws::objects(aws, &config.bucket))
            .with_inline_bytes(config.inline_payload_bytes);
        let engine = Arc::new(aws::engine(&aws::within(aws, START_PATIENCE), &config.starts));
        Self {
            config,
            secrets: aws::secrets(&aws::within(aws, SECRETS_PATIENCE)),
            ready: OnceCell::new(),
            store,
            engine,
            after_answer,
        }
    }
}
