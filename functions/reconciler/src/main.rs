//! The Lambda function that ends what the others could not.

#![recursion_limit = "256"]

use std::process::ExitCode;

use lambda_runtime::{Error, LambdaEvent};
use tracehook_reconciler::{Reconciler, config::Config};
use tracehook_runtime::Process;
use tracehook_telemetry::webhook;
use tracing::Instrument;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    tracehook_runtime::main("reconciler", Config::from_env, run).await
}

async fn run(config: Config, process: Process) -> Result<(), Error> {
    let reconciler = &Reconciler::new(config, process.aws());
    let reconcile = |event: LambdaEvent<_>| {
        let lines = webhook::context(&event.context.request_id);
        reconciler
            .handle(event.payload, event.context.deadline())
            .instrument(lines)
    };
    process.serve(reconcile).await
}
