//! The Lambda function that answers for a webhook.

#![recursion_limit = "256"]

use std::process::ExitCode;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::value::RawValue;
use tracehook_status::{StatusReader, config::Config};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    tracehook_telemetry::init();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error, "cannot run");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Error> {
    let config = Config::from_env(|name| std::env::var(name).ok())?;
    let reader = &StatusReader::new(config, &tracehook_store::aws::sdk_config().await);
    let answer = |event: LambdaEvent<Box<RawValue>>| async move {
        Ok::<_, Error>(reader.handle(event.payload.get(), &event.context.request_id).await)
    };
    lambda_runtime::run(service_fn(answer)).await
}
