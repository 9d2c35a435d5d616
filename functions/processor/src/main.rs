//! The durable Lambda function that processes webhooks, with the default handler. To run your own logic, write a
//! [`tracehook_processor::Handler`] and hand it over here.

#![recursion_limit = "256"]

use std::process::ExitCode;

use lambda_runtime::Error;
use tracehook_processor::{Recorder, config::Config};
use tracehook_telemetry::Telemetry;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let config = Config::from_env(|name| std::env::var(name).ok());
    tracehook_telemetry::main("processor", config, run).await
}

async fn run(config: Config, telemetry: Telemetry) -> Result<(), Error> {
    let aws = tracehook_store::aws::sdk_config().await;
    tracehook_processor::run(config, &aws, &telemetry, Recorder).await
}
