//! The Lambda function that receives webhooks.

#![recursion_limit = "256"]

use std::process::ExitCode;

use lambda_runtime::Error;
use tracehook_runtime::{Process, http};
use tracehook_validator::{Validator, config::Config};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    tracehook_runtime::main("validator", Config::from_env, run).await
}

async fn run(config: Config, process: Process) -> Result<(), Error> {
    let validator = Validator::new(config, process.aws(), process.after_answer());
    validator.prepare().await?;
    http::serve(&process, &validator).await
}
