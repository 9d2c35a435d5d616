//! One operation of an execution, and its two wire forms.
//!
//! The invocation envelope carries timestamps as epoch milliseconds, the HTTP API as epoch seconds in JSON numbers.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::ErrorObject;

/// The operation types that this engine runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OperationType {
    /// The execution itself: always the first operation.
    Execution,
    /// A unit of work with tries.
    Step,
    /// A timer.
    Wait,
    /// A child context.
    Context,
}

impl OperationType {
    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Execution => "EXECUTION",
            Self::Step => "STEP",
            Self::Wait => "WAIT",
            Self::Context => "CONTEXT",
        }
    }
}

/// The status of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OperationStatus {
    /// Running, or a timer that has not come due.
    Started,
    /// A step that waits for its next try.
    Pending,
    /// A step whose next try may begin.
    Ready,
    /// Closed with a result.
    Succeeded,
    /// Closed with an error.
    Failed,
    /// A wait that was given up.
    Cancelled,
    /// The execution ran out of time.
    TimedOut,
    /// The execution was stopped.
    Stopped,
}

impl OperationStatus {
    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Started => "STARTED",
            Self::Pending => "PENDING",
            Self::Ready => "READY",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::Cancelled => "CANCELLED",
            Self::TimedOut => "TIMED_OUT",
            Self::Stopped => "STOPPED",
        }
    }
}

/// The fields of one operation type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Details {
    /// The execution's input, as JSON text.
    Execution { input: String },
    /// `attempt` counts *completed* tries: the function runs the recorded number plus one.
    Step {
        attempt: u32,
        next_attempt_ms: Option<i64>,
        result: Option<String>,
        error: Option<ErrorObject>,
    },
    /// When the wait ends.
    Wait { scheduled_end_ms: i64 },
    /// `replay_children` says that the result is absent and is rebuilt from the children.
    Context {
        replay_children: bool,
        result: Option<String>,
        error: Option<ErrorObject>,
    },
}

/// The present state of an operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// At most 64 characters, unique in the execution.
    pub id: String,
    /// The CONTEXT that holds it; none at the root.
    pub parent_id: Option<String>,
    /// At most 256 characters.
    pub name: Option<String>,
    /// Fixed from the first update on.
    pub operation_type: OperationType,
    /// The SDK's kind of operation, at most 32 characters.
    pub sub_type: Option<String>,
    /// When it was first seen.
    pub start_ms: i64,
    /// When it closed.
    pub end_ms: Option<i64>,
    /// The current status.
    pub status: OperationStatus,
    /// The fields of its type.
    pub details: Details,
}

/// The wire form of a timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeForm {
    /// Epoch milliseconds: the invocation envelope.
    Milliseconds,
    /// Epoch seconds with a fraction: the HTTP API. A string here is an invocation error in the SDK.
    Seconds,
}

impl TimeForm {
    /// The JSON number for a time in epoch milliseconds.
    #[must_use]
    pub fn render(self, time_ms: i64) -> Value {
        match self {
            Self::Milliseconds => json!(time_ms),
            // Below 2^53 the division is exact to the millisecond.
            #[expect(clippy::cast_precision_loss, reason = "epoch milliseconds stay far below 2^53")]
            Self::Seconds => json!(time_ms as f64 / 1000.0),
        }
    }
}

impl Operation {
    /// The whole operation as JSON. The SDK replaces its record with it, so nothing may be left out.
    #[must_use]
    pub fn render(&self, times: TimeForm) -> Value {
        let mut json = Map::new();
        json.insert("Id".into(), json!(self.id));
        put(&mut json, "ParentId", self.parent_id.as_ref());
        put(&mut json, "Name", self.name.as_ref());
        json.insert("Type".into(), json!(self.operation_type.as_str()));
        put(&mut json, "SubType", self.sub_type.as_ref());
        json.insert("StartTimestamp".into(), times.render(self.start_ms));
        put(&mut json, "EndTimestamp", self.end_ms.map(|end| times.render(end)));
        json.insert("Status".into(), json!(self.status.as_str()));
        let (key, details) = self.details.render(times);
        json.insert(key.into(), Value::Object(details));
        Value::Object(json)
    }

    /// The bytes of its payloads, at least 1: what pages are measured by.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        let payload = match &self.details {
            Details::Execution { input } => input.len(),
            Details::Step { result, error, .. } | Details::Context { result, error, .. } => {
                result.as_ref().map_or(0, String::len) + error.as_ref().map_or(0, ErrorObject::size_bytes)
            }
            Details::Wait { .. } => 0,
        };
        payload.max(1)
    }

    /// True while the operation waits for the service: a pending retry or a running timer.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.due_ms().is_some()
    }

    /// When the service has to move the operation on, if it waits for that.
    #[must_use]
    pub fn due_ms(&self) -> Option<i64> {
        match (&self.details, self.status) {
            (Details::Step { next_attempt_ms, .. }, OperationStatus::Pending) => *next_attempt_ms,
            (Details::Wait { scheduled_end_ms }, OperationStatus::Started) => Some(*scheduled_end_ms),
            _ => None,
        }
    }
}

impl Details {
    fn render(&self, times: TimeForm) -> (&'static str, Map<String, Value>) {
        let mut json = Map::new();
        let key = match self {
            Self::Execution { input } => {
                json.insert("InputPayload".into(), json!(input));
                "ExecutionDetails"
            }
            Self::Step {
                attempt,
                next_attempt_ms,
                result,
                error,
            } => {
                json.insert("Attempt".into(), json!(attempt));
                put(
                    &mut json,
                    "NextAttemptTimestamp",
                    next_attempt_ms.map(|next| times.render(next)),
                );
                put(&mut json, "Result", result.as_ref());
                put(&mut json, "Error", error.as_ref());
                "StepDetails"
            }
            Self::Wait { scheduled_end_ms } => {
                json.insert("ScheduledEndTimestamp".into(), times.render(*scheduled_end_ms));
                "WaitDetails"
            }
            Self::Context {
                replay_children,
                result,
                error,
            } => {
                json.insert("ReplayChildren".into(), json!(replay_children));
                put(&mut json, "Result", result.as_ref());
                put(&mut json, "Error", error.as_ref());
                "ContextDetails"
            }
        };
        (key, json)
    }
}

/// Inserts a value unless it is absent; absent keys are left out of the wire form.
pub(crate) fn put(json: &mut Map<String, Value>, key: &str, value: Option<impl Serialize>) {
    if let Some(value) = value.and_then(|value| serde_json::to_value(value).ok()) {
        json.insert(key.to_owned(), value);
    }
}
