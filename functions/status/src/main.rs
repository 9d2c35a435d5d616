//! The Lambda function that answers for a webhook.

#![recursion_limit = "256"]

use std::process::ExitCode;

use lambda_runtime::Error;
use tracehook_runtime::{Process, http};
use tracehook_status::{StatusReader, config::Config};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    tracehook_runtime::main("status", Config::from_env, run).await
}

async fn run(config: Config, process: Process) -> Result<(), Error> {
    http::serve(&process, &StatusReader::new(config, process.aws())).await
}
