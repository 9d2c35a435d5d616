//! The processor with a handler that does what the webhook's body says, for tests.
//!
//! `{"script": {"failures": N, "then": "succeed" | "permanent" | "panic", "hang_ms": N}}`: the first N tries fail with a
//! transient error. Every call is appended to the file `EFFECTS_FILE` as `TOKEN ATTEMPT IDEMPOTENCY-KEY`.

#![recursion_limit = "256"]

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use lambda_runtime::Error;
use serde::Deserialize;
use serde_json::{Value, json};
use tracehook_processor::{Event, Handler, HandlerContext, HandlerError, config::Config};
use tracehook_telemetry::Telemetry;

#[derive(Deserialize, Default)]
struct Payload {
    #[serde(default)]
    script: Script,
}

#[derive(Deserialize, Default)]
struct Script {
    #[serde(default)]
    failures: u32,
    #[serde(default)]
    then: String,
    #[serde(default)]
    hang_ms: u64,
}

struct Scripted {
    effects: String,
}

impl Handler for Scripted {
    async fn handle(&self, event: &Event, context: &HandlerContext) -> Result<Value, HandlerError> {
        let script = event.json::<Payload>()?.script;
        let effect = format!("{} {} {}\n", context.token, context.attempt, context.idempotency_key);
        std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.effects)
            .and_then(|mut file| file.write_all(effect.as_bytes()))
            .map_err(|error| HandlerError::permanent("no_effects_file", error.to_string()))?;
        tokio::time::sleep(Duration::from_millis(script.hang_ms)).await;
        if context.attempt <= script.failures {
            return Err(HandlerError::transient("scripted_failure", "the script says so"));
        }
        match script.then.as_str() {
            "permanent" => Err(HandlerError::permanent("scripted_end", "the script says so")),
            #[expect(clippy::panic, reason = "a handler's panic is what is tested")]
            "panic" => panic!("{}", String::from_utf8_lossy(&event.body)),
            _ => Ok(json!({"attempt": context.attempt})),
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let config = Config::from_env(|name| std::env::var(name).ok());
    tracehook_telemetry::main("processor", config, run).await
}

async fn run(config: Config, telemetry: Telemetry) -> Result<(), Error> {
    let handler = Scripted {
        effects: std::env::var("EFFECTS_FILE")?,
    };
    let aws = tracehook_store::aws::sdk_config().await;
    tracehook_processor::run(config, &aws, &telemetry, handler).await
}
