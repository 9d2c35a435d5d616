//! The fields of an execution beside its operations and events.

use serde::{Deserialize, Serialize};

use crate::{ErrorObject, ExecutionStatus};

/// An execution without its operations and events, as the store keeps it. Times are epoch milliseconds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Core {
    /// `FUNCTION_ARN/durable-execution/NAME/ID`.
    pub arn: String,
    /// The ARN of the version that runs.
    pub function_arn: String,
    /// The function's name.
    pub function: String,
    /// The alias or version that the caller invoked.
    pub qualifier: String,
    /// The version that runs.
    pub version: String,
    /// The execution's name, unique per function.
    pub name: String,
    /// The id of the EXECUTION operation and the last part of the ARN.
    pub id: String,
    /// `X-Amzn-Trace-Id` of every invocation.
    pub trace: String,
    /// The request that started it asynchronously; none when a caller waits for the end.
    #[serde(default)]
    pub request_id: Option<String>,
    /// Seconds until `TIMED_OUT`.
    pub execution_timeout_seconds: u32,
    /// Days until a closed execution is deleted.
    pub retention_days: u32,
    /// `RUNNING` until it is closed.
    pub status: ExecutionStatus,
    /// The time of the start.
    pub start_ms: i64,
    /// The time of the end; none while it runs.
    pub end_ms: Option<i64>,
    /// The time at which the execution times out.
    pub deadline_ms: i64,
    /// The result of a succeeded execution, as JSON text.
    pub result: Option<String>,
    /// The error of an execution that closed otherwise.
    pub error: Option<ErrorObject>,
    /// Advances with each accepted checkpoint.
    pub token_sequence: u64,
    /// The invocation that may checkpoint; none between invocations.
    pub invocation: Option<String>,
    /// The time at which that invocation began.
    pub invocation_start_ms: i64,
    /// The operations that it has performed, itself and retries included.
    #[serde(default)]
    pub operations: u32,
    /// The bytes of input, payloads and errors that it has written.
    #[serde(default)]
    pub written_bytes: u64,
    /// Counts changes of operations.
    pub changes: u64,
    /// The number of the last change that the function has seen.
    pub seen: u64,
    /// True when a checkpoint answer of this invocation delivered the completion of a timer.
    pub delivered: bool,
    /// Operations that the service moved on since the last invocation began.
    pub updated: Vec<String>,
    /// Consecutive failed invocations.
    pub failures: u32,
    /// Consecutive `PENDING` outputs with nothing to wait for.
    pub fruitless: u32,
    /// The time at which the next invocation is due, if one is.
    pub invoke_at_ms: Option<i64>,
    /// The number of the last event.
    pub events: u64,
}
