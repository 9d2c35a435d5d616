//! The input of a handler.

use serde::de::DeserializeOwned;
use tracehook_core::trace::TraceParent;
use tracehook_core::{ExecutionToken, SourceName, Timestamp};

use crate::failure::HandlerError;

/// One webhook. `Debug` shows no payload.
pub struct Event {
    /// The event's type, for example `push`; `unknown` when the producer does not say.
    pub event_type: String,
    /// The subject, for example `octocat/hello-world`.
    pub subject: String,
    /// The producer's id of the delivery.
    pub delivery_id: Option<String>,
    /// The producer's `Content-Type`.
    pub content_type: Option<String>,
    /// The bytes as they were signed: JSON in UTF-8.
    pub body: Vec<u8>,
    /// When it was received.
    pub received_at: Timestamp,
}

impl Event {
    /// The body as your own type.
    ///
    /// # Errors
    /// A permanent `payload_mismatch`, which names the place and nothing of the payload.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, HandlerError> {
        serde_json::from_slice(&self.body).map_err(|error| {
            let place = format!("line {}, column {}", error.line(), error.column());
            HandlerError::permanent(
                "payload_mismatch",
                format!("the payload is not of the expected form ({place})"),
            )
        })
    }
}

impl std::fmt::Debug for Event {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Event")
            .field("event_type", &self.event_type)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// The webhook's identity, and which attempt and try is running.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandlerContext {
    /// The webhook's token.
    pub token: ExecutionToken,
    /// The source that it came from.
    pub source: SourceName,
    /// The number of the webhook's execution: 1, and one more with every redrive.
    pub attempt: u32,
    /// The number of this try of the step within the attempt, from 1: it begins anew after a redrive. A try that was
    /// interrupted runs again under the same number.
    pub try_number: u32,
    /// The same for every try of this webhook's step, and another after a redrive: hand it to whatever you call, so
    /// that an effect happens once.
    pub idempotency_key: String,
    /// The span of this try. Send it as the header `traceparent`, and what you call continues the webhook's trace.
    pub traceparent: TraceParent,
}
