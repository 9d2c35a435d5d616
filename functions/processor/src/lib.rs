//! The durable function of a webhook. Each of its steps is checkpointed, is retried by the engine, and moves the record
//! forward under a condition.
//!
//! Your own logic is a [`Handler`]; [`Recorder`] is the one that is deployed by default. Everything that knows the
//! durable SDK is in this crate.

#![warn(missing_docs)]

pub mod config;
mod event;
mod failure;
mod flow;
mod handler;
mod handlers;
mod invocation_error;
mod merged_checkpoint;
pub mod retry;
mod run;
pub mod schema;
mod spent_token;
mod step;
mod steps;

use std::sync::Arc;

use aws_durable_execution_sdk as durable;
use lambda_runtime::{Error, LambdaEvent};
use serde::Deserialize;
use serde_json::Value;
use tracehook_core::record::ExecutionInput;
use tracehook_runtime::{Process, aws};
use tracehook_telemetry::durable::Invocation;
use tracehook_telemetry::webhook;
use tracing::Instrument;

pub use event::{Event, HandlerContext};
pub use failure::HandlerError;
pub use flow::Processor;
pub use handler::Handler;
pub use handlers::Recorder;

use crate::config::Config;
use crate::invocation_error::InvocationError;
use crate::run::Running;
use crate::run::name::with_envelope;

/// The IAM actions of this function's calls; the first two are the durable SDK's own.
pub const ACTIONS: &[&[&str]] = &[
    &["lambda:CheckpointDurableExecution", "lambda:GetDurableExecutionState"],
    tracehook_store::actions::WEBHOOK,
    tracehook_store::actions::STATE,
    tracehook_store::actions::ADVANCE,
    tracehook_store::actions::NOTE_WAIT,
];

/// Runs the durable function with a handler until the Lambda runtime ends the process.
///
/// # Errors
/// When the runtime's API fails.
pub async fn run(config: Config, process: &Process, handler: impl Handler) -> Result<(), Error> {
    let store = aws::store(process.aws(), &config.table).with_objects(aws::objects(process.aws(), &config.bucket));
    let sources: Vec<_> = config.schemas.sources().map(ToString::to_string).collect();
    if !sources.is_empty() {
        tracing::info!(sources = sources.join(","), "payloads are checked against schemas");
    }
    let processor = Processor::new(store, config.retry, handler).with_schemas(config.schemas);
    let processor = Arc::new(processor);
    let execute = move |input: ExecutionInput, context: durable::DurableContext| {
        let processor = Arc::clone(&processor);
        async move { processor.execute(input, context).await }
    };
    let options = durable::Options::builder()
        .lambda_client(merged_checkpoint::client(process.aws()))
        .build()?;
    let wrapped = durable::wrap(execute, options);
    let wrapped = &wrapped;
    let serve = |event: LambdaEvent<Value>| {
        let of = &event.context;
        let invocation =
            Invocation::begin(&of.env_config.function_name, &of.request_id).invoked_by(&of.invoked_function_arn);
        let lines = webhook::context(&of.request_id);
        async move {
            let running = Running::default();
            let work = async {
                let payload =
                    durable::InvocationPayload::deserialize(&event.payload).map_err(InvocationError::refused)?;
                let durable = wrapped(LambdaEvent::new(payload, event.context));
                let result = running.scope(with_envelope(&event.payload, durable)).await;
                let run = running.run();
                if result.is_err()
                    && let Some(run) = run
                {
                    run.note_end_elsewhere().await;
                }
                let has_ended = run.is_some_and(|run| run.report.has_ended());
                let result = result.map_err(InvocationError::interrupted)?;
                Ok((result, has_ended))
            };
            let ended = invocation.run(work.instrument(lines)).await;
            drop(running);
            let (result, has_ended) = ended?;
            if has_ended {
                webhook::flush_end().await;
            }
            Ok::<_, InvocationError>(result)
        }
    };
    process.serve(serve).await
}
