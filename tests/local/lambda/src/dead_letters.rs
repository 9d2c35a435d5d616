//! The dead-letter queue: what Lambda writes of asynchronous invocations that it gives up, kept until it is taken.
//!
//! Facts: AWS Lambda documentation, "Capturing records of Lambda asynchronous invocations" and, for durable functions,
//! "Invoking durable Lambda functions" and "Best practices for Lambda durable functions".

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::Lambda;
use crate::clock::{now_ms, rfc3339};
use crate::options::{FunctionOptions, OnFailure};
use crate::store::{DeadLetter, Store, StoreError};
use tracehook_local_durable::{Execution, ExecutionStatus};

/// The longest `ErrorMessage`, in bytes.
const MAX_MESSAGE_BYTES: usize = 1024;

/// `ErrorCode`, documented for functions that are not durable as a three-digit HTTP status: the one of a function that ran
/// and failed. That an execution has it, too, is unconfirmed.
const FAILED: &str = "200";
/// `ErrorCode` of an event that never reached its function: the status of a throttle, unconfirmed.
const NOT_STARTED: &str = "429";

/// The queue. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct DeadLetterQueue {
    store: Arc<Store>,
    arrived: Arc<Notify>,
    /// By function.
    on_failure: Arc<HashMap<String, OnFailure>>,
}

/// The reason why an event is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    RetriesExhausted,
    EventAgeExceeded,
}

/// An event that was given up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GivenUp<'a> {
    pub(crate) request_id: &'a str,
    pub(crate) function: &'a str,
    pub(crate) function_arn: &'a str,
    pub(crate) condition: Condition,
    /// The function's last message; empty when it has not run.
    pub(crate) error: &'a str,
    pub(crate) tries: u32,
    pub(crate) payload: &'a [u8],
}

impl Condition {
    /// As destinations write it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::RetriesExhausted => "RetriesExhausted",
            Self::EventAgeExceeded => "EventAgeExceeded",
        }
    }

    const fn error_code(self) -> &'static str {
        match self {
            Self::RetriesExhausted => FAILED,
            Self::EventAgeExceeded => NOT_STARTED,
        }
    }
}

impl DeadLetterQueue {
    pub(crate) fn new(store: Arc<Store>, functions: &[FunctionOptions]) -> Self {
        let on_failure = functions
            .iter()
            .map(|function| (function.name.clone(), function.on_failure));
        Self {
            store,
            arrived: Arc::default(),
            on_failure: Arc::new(on_failure.collect()),
        }
    }

    /// Keeps an event that was given up, where its function says so.
    pub(crate) async fn keep(&self, given_up: GivenUp<'_>) -> Result<(), StoreError> {
        let letter = match self.on_failure(given_up.function) {
            OnFailure::Nowhere => return Ok(()),
            OnFailure::Destination => letter(record(given_up), json!({})),
            OnFailure::DeadLetterQueue => {
                let code = given_up.condition.error_code();
                let body = String::from_utf8_lossy(given_up.payload).into_owned();
                letter(body, attributes(given_up.request_id, code, given_up.error))
            }
        };
        self.store.put_dead_letter(letter).await?;
        self.arrived();
        Ok(())
    }

    /// The message about an execution that has just ended badly after an asynchronous start: the event that started it.
    pub(crate) fn of_execution(&self, ended: &Execution) -> Option<DeadLetter> {
        let request_id = ended.core().request_id.as_deref()?;
        let is_bad = matches!(
            ended.status(),
            ExecutionStatus::Failed | ExecutionStatus::Stopped | ExecutionStatus::TimedOut
        );
        if !is_bad || self.on_failure(&ended.core().function) != OnFailure::DeadLetterQueue {
            return None;
        }
        let message = ended.error().and_then(|error| error.error_message.as_deref());
        let attributes = attributes(request_id, FAILED, message.unwrap_or_default());
        Some(letter(ended.input().to_owned(), attributes))
    }

    /// Tells whoever waits that a message is stored.
    pub(crate) fn arrived(&self) {
        self.arrived.notify_one();
    }

    fn on_failure(&self, function: &str) -> OnFailure {
        self.on_failure.get(function).copied().unwrap_or_default()
    }
}

fn letter(body: String, attributes: Value) -> DeadLetter {
    DeadLetter {
        id: uuid::Uuid::new_v4().to_string(),
        body,
        attributes: attributes.to_string(),
        sent_ms: now_ms(),
    }
}

/// The record that a destination gets.
fn record(given_up: GivenUp<'_>) -> String {
    let payload: Value = serde_json::from_slice(given_up.payload).unwrap_or_default();
    let record = json!({
        "version": "1.0",
        "timestamp": rfc3339(now_ms()),
        "requestContext": {
            "requestId": given_up.request_id,
            "functionArn": given_up.function_arn,
            "condition": given_up.condition.as_str(),
            "approximateInvokeCount": given_up.tries,
        },
        "requestPayload": payload,
    });
    record.to_string()
}

/// The message attributes of a function's dead-letter queue, as SQS hands them to a function.
fn attributes(request_id: &str, code: &str, message: &str) -> Value {
    let attribute = |kind: &str, value: &str| json!({ "stringValue": value, "dataType": kind });
    // SQS takes no empty value.
    let message = if message.is_empty() { "unknown" } else { message };
    json!({
        "RequestID": attribute("String", request_id),
        "ErrorCode": attribute("Number", code),
        "ErrorMessage": attribute("String", message.get(..message.floor_char_boundary(MAX_MESSAGE_BYTES)).unwrap_or_default()),
    })
}

impl Lambda {
    /// The oldest messages of the dead-letter queue; none when the state cannot be read.
    pub async fn dead_letters(&self, limit: usize) -> Vec<DeadLetter> {
        self.0
            .queue
            .dead_letters
            .store
            .dead_letters(limit)
            .await
            .unwrap_or_default()
    }

    /// Waits until a message has arrived since the last call.
    pub async fn dead_letter_arrived(&self) {
        self.0.queue.dead_letters.arrived.notified().await;
    }

    /// Takes a message out of the queue. One that could not be taken out is handed over again.
    pub async fn delete_dead_letter(&self, id: String) {
        if let Err(error) = self.0.queue.dead_letters.store.delete_dead_letter(id).await {
            self.0.host.log("", format!("a dead letter was not deleted: {error}"));
        }
    }
}
