//! A durable function without the SDK: the test reads what it is sent and says what it answers.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use lambda_runtime::{Error, LambdaEvent};
use serde_json::Value;

use crate::files;

static INVOCATIONS: AtomicU64 = AtomicU64::new(0);

/// Writes the event of invocation N to `envelope-N` in the directory `HAND` and answers with the JSON of `answer-N`.
pub(crate) async fn handle(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let number = INVOCATIONS.fetch_add(1, Ordering::Relaxed) + 1;
    let directory = PathBuf::from(std::env::var("HAND")?);
    files::put(
        &directory.join(format!("envelope-{number}")),
        &event.payload.to_string(),
    )?;
    let answer = directory.join(format!("answer-{number}"));
    files::wait_for(&answer).await;
    Ok(serde_json::from_str(&std::fs::read_to_string(answer)?)?)
}
