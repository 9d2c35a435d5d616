//! The function that is not durable.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use lambda_runtime::{Error, LambdaEvent};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::files;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Script {
    /// A file that gets a line `PID REQUEST-ID` when the handler begins.
    mark: Option<PathBuf>,
    /// A file to wait for.
    until: Option<PathBuf>,
    /// Fail while `mark` has no more lines than this.
    failures: usize,
    /// The way to end: `exit`, `abort`, `panic`, `error`, `large`, else with a report.
    then: String,
    /// For `exit`.
    code: i32,
    /// For `large`: the length of the answer.
    bytes: usize,
}

static INVOCATIONS: AtomicU64 = AtomicU64::new(0);

pub(crate) async fn handle(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let count = INVOCATIONS.fetch_add(1, Ordering::Relaxed) + 1;
    let script = Script::deserialize(&event.payload).unwrap_or_default();
    if let Some(mark) = &script.mark {
        files::append(mark, &format!("{} {}", std::process::id(), event.context.request_id))?;
        if files::lines(mark) <= script.failures {
            return Err("the script says so".into());
        }
    }
    if let Some(until) = &script.until {
        files::wait_for(until).await;
    }
    match script.then.as_str() {
        "exit" => std::process::exit(script.code),
        "abort" => std::process::abort(),
        #[expect(clippy::panic, reason = "a handler's panic is what is tested")]
        "panic" => panic!("the script says so"),
        "error" => Err("the script says so".into()),
        // A JSON text has two quotes.
        "large" => Ok(json!("x".repeat(script.bytes.saturating_sub(2)))),
        _ => Ok(report(&event, count)),
    }
}

fn report(event: &LambdaEvent<Value>, count: u64) -> Value {
    let context = &event.context;
    let variables: BTreeMap<String, String> = std::env::vars().collect();
    json!({
        "pid": std::process::id(),
        "count": count,
        "payload": event.payload,
        "requestId": context.request_id,
        "arn": context.invoked_function_arn,
        "trace": context.xray_trace_id,
        "clientContext": context.client_context.as_ref().map(|client| &client.custom),
        "deadlineMs": context.deadline,
        "nowMs": std::time::SystemTime::UNIX_EPOCH.elapsed().map_or(0, |now| now.as_millis()),
        "environment": variables,
    })
}

/// Asks for SIGTERM as the runtime does it, by registering an extension, and notes that it came in `LEFT`.
pub(crate) async fn leave_on_sigterm() -> Result<(), Error> {
    let api = format!(
        "http://{}/2020-01-01/extension",
        std::env::var("AWS_LAMBDA_RUNTIME_API")?
    );
    let client = reqwest::Client::builder().no_proxy().build()?;
    let answer = client
        .post(format!("{api}/register"))
        .header("Lambda-Extension-Name", "fixture")
        .json(&json!({ "events": [] }))
        .send()
        .await?
        .error_for_status()?;
    let id = answer
        .headers()
        .get("Lambda-Extension-Identifier")
        .ok_or("no extension identifier")?
        .clone();
    let left = PathBuf::from(std::env::var("LEFT")?);
    let mut terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::spawn(async move {
        let next = client
            .get(format!("{api}/event/next"))
            .header("Lambda-Extension-Identifier", id)
            .send();
        tokio::select! {
            _ = next => { let _ = files::append(&left, "an event came"); }
            _ = terminated.recv() => {
                let _ = files::append(&left, "SIGTERM");
                std::process::exit(0);
            }
        }
    });
    Ok(())
}
