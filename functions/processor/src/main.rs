//! The durable Lambda function that processes webhooks, with the default handler. To run your own logic, write a
//! [`tracehook_processor::Handler`] and hand it over here.

#![recursion_limit = "256"]

use std::process::ExitCode;

use lambda_runtime::Error;
use tracehook_processor::{Recorder, config::Config};
use tracehook_runtime::Process;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    tracehook_runtime::main("processor", Config::from_env, run).await
}

async fn run(config: Config, process: Process) -> Result<(), Error> {
    tracehook_processor::run(config, &process, Recorder).await
}
