//! The Lambda function that receives webhooks.

#![recursion_limit = "256"]

use std::process::ExitCode;

use lambda_runtime::{Error, LambdaEvent, Runtime, service_fn};
use serde_json::value::RawValue;
use tracehook_telemetry::Telemetry;
use tracehook_validator::{Validator, config::Config};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let config = Config::from_env(|name| std::env::var(name).ok());
    tracehook_telemetry::main("validator", config, run).await
}

async fn run(config: Config, telemetry: Telemetry) -> Result<(), Error> {
    let aws = tracehook_store::aws::sdk_config().await;
    telemetry.connect(&aws);
    let validator = &Validator::new(config, &aws);
    let answer = |event: LambdaEvent<Box<RawValue>>| async move {
        Ok::<_, Error>(validator.handle(event.payload.get(), &event.context.request_id).await)
    };
    Runtime::new(service_fn(answer)).layer(telemetry.layer()).run().await
}
