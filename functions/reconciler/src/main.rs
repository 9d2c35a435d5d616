//! The Lambda function that ends what the others could not.

#![recursion_limit = "256"]

use std::process::ExitCode;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use tracehook_reconciler::{Reconciler, config::Config};

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
    let reconciler = &Reconciler::new(config, &tracehook_store::aws::sdk_config().await);
    let handle = |event: LambdaEvent<_>| reconciler.handle(event.payload, event.context.deadline());
    lambda_runtime::run(service_fn(handle)).await
}
