//! The Lambda function that ends what the others could not.

#![recursion_limit = "256"]

use std::process::ExitCode;

use lambda_runtime::{Error, LambdaEvent, Runtime, service_fn};
use tracehook_reconciler::{Reconciler, config::Config};
use tracehook_telemetry::Telemetry;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let config = Config::from_env(|name| std::env::var(name).ok());
    tracehook_telemetry::main("reconciler", config, run).await
}

async fn run(config: Config, telemetry: Telemetry) -> Result<(), Error> {
    let aws = tracehook_store::aws::sdk_config().await;
    telemetry.connect(&aws);
    let reconciler = &Reconciler::new(config, &aws);
    let handle = |event: LambdaEvent<_>| reconciler.handle(event.payload, event.context.deadline());
    Runtime::new(service_fn(handle)).layer(telemetry.layer()).run().await
}
