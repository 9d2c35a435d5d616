//! The durable function of a webhook: the steps `validate`, `process` and `finalize`, each checkpointed, each retried by
//! the engine, each moving the record forward under a condition.
//!
//! Your own logic is a [`Handler`]; [`Recorder`] is the one that is deployed by default. Everything that knows the
//! durable SDK is in this crate.

pub mod config;
mod deferred_start;
mod event;
mod execution;
mod failure;
mod handler;
mod recorder;
pub mod retry;
mod steps;

use std::sync::Arc;

use aws_durable_execution_sdk as durable;
use lambda_runtime::Error;
use tracehook_core::record::ExecutionInput;
use tracehook_store::Store;
use tracehook_store::aws::SdkConfig;

pub use event::{Event, HandlerContext};
pub use execution::Processor;
pub use failure::HandlerError;
pub use handler::Handler;
pub use recorder::Recorder;

use crate::config::Config;

/// Runs the durable function with a handler until the runtime ends it.
///
/// # Errors
/// When the runtime cannot go on.
pub async fn run(config: Config, aws: &SdkConfig, handler: impl Handler) -> Result<(), Error> {
    let store = Store::new(aws_sdk_dynamodb::Client::new(aws), config.table.clone());
    let processor = Arc::new(Processor::new(store, config.retry, handler));
    let execute = move |input: ExecutionInput, context: durable::DurableContext| {
        let processor = Arc::clone(&processor);
        async move { processor.execute(input, context).await }
    };
    let options = durable::Options::builder()
        .lambda_client(deferred_start::client(aws))
        .build()?;
    lambda_runtime::run(lambda_runtime::service_fn(durable::wrap(execute, options))).await
}
