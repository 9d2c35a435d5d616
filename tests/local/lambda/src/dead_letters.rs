//! The dead-letter queue: what Lambda's on-failure destination of asynchronous invocations writes, kept until it is
//! taken. Facts: AWS Lambda documentation, "Capturing records of Lambda asynchronous invocations".

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::Lambda;
use crate::clock::{now_ms, rfc3339};
use crate::store::{DeadLetter, Store, StoreError};

/// The queue. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct DeadLetterQueue {
    store: Arc<Store>,
    arrived: Arc<Notify>,
}

/// An invocation that was given up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GivenUp<'a> {
    pub(crate) request_id: &'a str,
    pub(crate) function_arn: &'a str,
    /// `RetriesExhausted` or `EventAgeExceeded`.
    pub(crate) condition: &'a str,
    pub(crate) tries: u32,
    pub(crate) payload: &'a [u8],
}

impl DeadLetterQueue {
    pub(crate) fn new(store: Arc<Store>) -> Self {
        Self {
            store,
            arrived: Arc::default(),
        }
    }

    pub(crate) async fn put(&self, given_up: GivenUp<'_>) -> Result<(), StoreError> {
        let payload: Value = serde_json::from_slice(given_up.payload).unwrap_or_default();
        let body = json!({
            "version": "1.0",
            "timestamp": rfc3339(now_ms()),
            "requestContext": {
                "requestId": given_up.request_id,
                "functionArn": given_up.function_arn,
                "condition": given_up.condition,
                "approximateInvokeCount": given_up.tries,
            },
            "requestPayload": payload,
        });
        let letter = DeadLetter {
            id: uuid::Uuid::new_v4().to_string(),
            body: body.to_string(),
        };
        self.store.put_dead_letter(letter).await?;
        self.arrived.notify_one();
        Ok(())
    }
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
