//! The triggers of the reconciler: the engine's events, the schedule, the dead-letter queue.
//!
//! Events and the schedule are asynchronous invocations, tried again like all of them; the queue hands its messages over
//! itself and keeps those that were not handled. An event that is lost with this process is what the sweep is for.

use std::time::Duration;

use axum::body::Bytes;
use serde_json::{Value, json};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::{JoinHandle, JoinSet};

use crate::config::Triggers;
use crate::deployment::FunctionName;
use tracehook_local_durable::ExecutionStatus;
use tracehook_local_lambda::clock::{self, now_ms, rfc3339};
use tracehook_local_lambda::faults::{Delivery, Faults, STATUS_CHANGE};
use tracehook_local_lambda::{DeadLetter, InvokeOutcome, Lambda, StatusEvent};

/// Messages that SQS hands over at once.
const BATCH: usize = 10;

/// Starts them. Subscriptions take events from now on.
#[must_use]
pub fn start(lambda: &Lambda, triggers: &Triggers, faults: &Faults) -> Vec<JoinHandle<()>> {
    let mut tasks = Vec::new();
    if triggers.dead_letters {
        tasks.push(tokio::spawn(deliver_batch(
            lambda.clone(),
            triggers.dead_letter_delay(),
        )));
    }
    if triggers.status_events {
        let (heard, sender) = (lambda.status_events(), lambda.clone());
        tasks.push(tokio::spawn(forward(heard, sender, faults.clone())));
    }
    if let Some(every) = triggers.sweep_every() {
        tasks.push(tokio::spawn(sweep(lambda.clone(), every)));
    }
    tasks
}

async fn forward(mut heard: Receiver<StatusEvent>, lambda: Lambda, faults: Faults) {
    // Those that are held back end with this.
    let mut held = JoinSet::new();
    loop {
        while held.try_join_next().is_some() {}
        match heard.recv().await {
            // The deployment's rule matches bad ends only.
            Ok(event) if matches!(event.status, ExecutionStatus::Running | ExecutionStatus::Succeeded) => {}
            Ok(event) => {
                let event = status_change(&event);
                match faults.delivery(STATUS_CHANGE, &FunctionName::Reconciler.deployed()) {
                    Delivery::Now => send(&lambda, &event).await,
                    Delivery::Twice => {
                        send(&lambda, &event).await;
                        send(&lambda, &event).await;
                    }
                    Delivery::Later(wait) => {
                        let lambda = lambda.clone();
                        held.spawn(async move {
                            wait.over().await;
                            send(&lambda, &event).await;
                        });
                    }
                    Delivery::Lost | Delivery::GivenUp => {}
                }
            }
            Err(RecvError::Lagged(missed)) => tracing::warn!(missed, "status events were lost"),
            Err(RecvError::Closed) => return,
        }
    }
}

async fn sweep(lambda: Lambda, every: Duration) {
    loop {
        clock::sleep(every).await;
        send(&lambda, &json!({"action": "sweep"})).await;
    }
}

async fn send(lambda: &Lambda, event: &Value) {
    if !lambda
        .send(&FunctionName::Reconciler.deployed(), event.to_string().into())
        .await
    {
        tracing::warn!("an event was not taken");
    }
}

/// The event as `EventBridge` hands it over.
fn status_change(event: &StatusEvent) -> Value {
    json!({
        "version": "0",
        "id": uuid::Uuid::new_v4().to_string(),
        "detail-type": "Durable Execution Status Change",
        "source": "aws.lambda",
        "time": rfc3339(now_ms()),
        "resources": [event.durable_execution_arn],
        "detail": event.detail(),
    })
}

/// The queue's event source mapping: partial batch responses, and a delay before a message is handed over again.
async fn deliver_batch(lambda: Lambda, delay: Duration) {
    loop {
        let messages = lambda.dead_letters(BATCH).await;
        if messages.is_empty() {
            lambda.dead_letter_arrived().await;
            continue;
        }
        let records: Vec<Value> = messages.iter().map(message).collect();
        let payload = Bytes::from(json!({"Records": records}).to_string());
        let failed = match lambda.invoke(&FunctionName::Reconciler.deployed(), payload, None).await {
            InvokeOutcome::Answer(answer) => failures(&answer),
            _ => None,
        };
        let again = |letter: &DeadLetter| failed.as_ref().is_none_or(|failed| failed.contains(&letter.id));
        let (left, done): (Vec<_>, Vec<_>) = messages.into_iter().partition(again);
        for letter in done {
            lambda.delete_dead_letter(letter.id).await;
        }
        if !left.is_empty() {
            clock::sleep(delay).await;
        }
    }
}

fn message(letter: &DeadLetter) -> Value {
    let attributes: Value = serde_json::from_str(&letter.attributes).unwrap_or_default();
    json!({
        "messageId": letter.id,
        "body": letter.body,
        "attributes": {"SentTimestamp": letter.sent_ms.to_string()},
        "messageAttributes": attributes,
        "eventSource": "aws:sqs",
        "awsRegion": "us-east-1",
    })
}

/// The ids of the messages that were not handled; none when the answer says nothing about them, as then all were not.
fn failures(answer: &[u8]) -> Option<Vec<String>> {
    let answer: Value = serde_json::from_slice(answer).ok()?;
    let failures = answer.get("batchItemFailures")?.as_array()?;
    let id = |failure: &Value| failure.get("itemIdentifier")?.as_str().map(str::to_owned);
    failures.iter().map(id).collect()
}
