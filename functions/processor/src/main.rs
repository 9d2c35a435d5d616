//! The durable Lambda function that processes webhooks, with the default handler. To run your own logic, write a
//! [`tracehook_processor::Handler`] and hand it over here.

#![recursion_limit = "256"]

use std::process::ExitCode;

use lambda_runtime::Error;
use tracehook_processor::{Recorder, config::Config};

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
    tracehook_processor::run(config, &tracehook_store::aws::sdk_config().await, Recorder).await
}
