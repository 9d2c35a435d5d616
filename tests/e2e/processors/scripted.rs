//! The processor with a handler that follows the script in the webhook's body.
//!
//! `{"script": {"failures": N, "then": "succeed" | "permanent" | "headers" | "panic", "hang_ms": N, "result_bytes": N, "kills": N,
//! "by": "abort" | "memory" | "timeout"}}`: the first N tries fail with a transient error, and the result has that many
//! bytes; `headers` fails with the event's headers as its message; the first N tries end their process, by an abort, by memory that there is not, or by the function's timeout.
//! Every call is appended to the file `EFFECTS_FILE` as `TOKEN TRY IDEMPOTENCY-KEY`, or `POSTed` to `EFFECTS_URL` with the
//! token as the body and the header `Idempotency-Key`, whose receiver may refuse or hang.

#![recursion_limit = "256"]

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use lambda_runtime::Error;
use serde::Deserialize;
use serde_json::{Value, json};
use tracehook_processor::{Event, Handler, HandlerContext, HandlerError, config::Config};
use tracehook_runtime::Process;

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
    /// Every try of the first so many attempts fails with a transient error.
    #[serde(default)]
    broken_attempts: u32,
    #[serde(default)]
    result_bytes: usize,
    #[serde(default)]
    kills: u32,
    #[serde(default)]
    by: String,
}

impl Script {
    /// Ends the process within the first tries.
    async fn kill(&self, try_number: u32) {
        if try_number > self.kills {
            return;
        }
        match self.by.as_str() {
            "timeout" => std::future::pending().await,
            // What Rust does when an allocation fails.
            "memory" => std::alloc::handle_alloc_error(std::alloc::Layout::new::<[u8; 1 << 40]>()),
            _ => std::process::abort(),
        }
    }
}

enum Effects {
    File(String),
    Receiver(reqwest::Client, String),
}

impl Effects {
    fn from_env() -> Result<Self, Error> {
        match std::env::var("EFFECTS_URL") {
            Ok(url) => {
                let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(2));
                Ok(Self::Receiver(client.build()?, url))
            }
            Err(_) => Ok(Self::File(std::env::var("EFFECTS_FILE")?)),
        }
    }

    async fn happen(&self, context: &HandlerContext) -> Result<(), HandlerError> {
        match self {
            Self::File(path) => {
                let effect = format!("{} {} {}\n", context.token, context.try_number, context.idempotency_key);
                std::fs::OpenOptions::new()
                    .create(true)
                    .append(true)
                    .open(path)
                    .and_then(|mut file| file.write_all(effect.as_bytes()))
                    .map_err(|error| HandlerError::permanent("no_effects_file", error.to_string()))
            }
            Self::Receiver(client, url) => {
                let request = client
                    .post(url)
                    .header("Idempotency-Key", &context.idempotency_key)
                    .body(context.token.to_string());
                request
                    .send()
                    .await
                    .and_then(reqwest::Response::error_for_status)
                    .map(drop)
                    .map_err(|error| HandlerError::transient("receiver_away", error.without_url().to_string()))
            }
        }
    }
}

struct Scripted {
    effects: Effects,
}

impl Handler for Scripted {
    async fn handle(&self, event: &Event, context: &HandlerContext) -> Result<Value, HandlerError> {
        let script = event.json::<Payload>()?.script;
        self.effects.happen(context).await?;
        script.kill(context.try_number).await;
        tokio::time::sleep(Duration::from_millis(script.hang_ms)).await;
        if context.try_number <= script.failures || context.attempt <= script.broken_attempts {
            return Err(HandlerError::transient("scripted_failure", "the script says so"));
        }
        match script.then.as_str() {
            "permanent" => Err(HandlerError::permanent("scripted_end", "the script says so")),
            "headers" => {
                let headers: Vec<_> = event
                    .headers
                    .iter()
                    .map(|(name, value)| format!("{name}={value}"))
                    .collect();
                Err(HandlerError::permanent("scripted_headers", headers.join(" ")))
            }
            #[expect(clippy::panic, reason = "a handler's panic is what is tested")]
            "panic" => panic!("{}", String::from_utf8_lossy(&event.body)),
            // A JSON text has two quotes.
            _ if script.result_bytes > 0 => Ok(json!("x".repeat(script.result_bytes.saturating_sub(2)))),
            _ => Ok(json!({"try": context.try_number})),
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    tracehook_runtime::main("processor", Config::from_env, run).await
}

async fn run(config: Config, process: Process) -> Result<(), Error> {
    let handler = Scripted {
        effects: Effects::from_env()?,
    };
    tracehook_processor::run(config, &process, handler).await
}
