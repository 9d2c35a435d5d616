//! The reports of the local Lambda: outcomes, status events, log lines, sandboxes.

use std::time::{Duration, SystemTime};

use axum::body::Bytes;
use serde_json::{Value, json};

use crate::clock::rfc3339;
use tracehook_local_durable::{Execution, ExecutionStatus, Summary};

pub use tracehook_local_durable::Summary as ExecutionSummary;

/// The end of a synchronous invocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvokeOutcome {
    /// The function's answer.
    Answer(Bytes),
    /// The function failed. `kind` is the error type, such as `Runtime.ExitError`; `body` is the error as JSON.
    FunctionError { kind: String, body: Bytes },
    /// The function was killed at its timeout.
    TimedOut,
    /// All sandboxes were busy for too long.
    Throttled,
    /// There is no such function.
    Unknown,
}

/// The end of an event for a function, as Lambda measures it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invoked {
    /// The function was invoked, and the invocation has ended.
    Ended {
        /// The function.
        function: String,
        /// True when the function failed.
        failed: bool,
        /// From the handing out of the event.
        duration: Duration,
        /// The time that an asynchronous event had waited by then.
        waited: Option<Duration>,
    },
    /// An asynchronous start of an execution has left the queue.
    TakenFromQueue {
        /// The function.
        function: String,
        /// Since Invoke was answered.
        waited: Duration,
    },
    /// The function took no event.
    Throttled {
        /// The function.
        function: String,
    },
    /// An asynchronous event was given up.
    Dropped {
        /// The function.
        function: String,
    },
}

/// `Durable Execution Status Change`, as `EventBridge` gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusEvent {
    /// The execution's ARN.
    pub durable_execution_arn: String,
    /// The execution's name.
    pub durable_execution_name: String,
    /// The version's ARN.
    pub function_arn: String,
    /// The new status.
    pub status: ExecutionStatus,
    /// Epoch milliseconds.
    pub start_ms: i64,
    /// Epoch milliseconds; none while it runs.
    pub end_ms: Option<i64>,
    /// The operations that it has performed. `EventBridge` does not tell them.
    pub operations: u32,
    /// The bytes that it has written. `EventBridge` does not tell them.
    pub written_bytes: u64,
}

impl StatusEvent {
    pub(crate) fn of(execution: &Execution) -> Self {
        let summary = execution.summary();
        Self {
            operations: execution.core().operations,
            written_bytes: execution.core().written_bytes,
            durable_execution_arn: summary.arn,
            durable_execution_name: summary.name,
            function_arn: summary.function_arn,
            status: summary.status,
            start_ms: summary.start_ms,
            end_ms: summary.end_ms,
        }
    }

    /// The event's `detail`; times are RFC 3339.
    #[must_use]
    pub fn detail(&self) -> Value {
        let mut detail = json!({
            "durableExecutionArn": self.durable_execution_arn,
            "durableExecutionName": self.durable_execution_name,
            "functionArn": self.function_arn,
            "status": self.status.as_str(),
            "startTimestamp": rfc3339(self.start_ms),
        });
        if let (Some(end_ms), Some(fields)) = (self.end_ms, detail.as_object_mut()) {
            fields.insert("endTimestamp".to_owned(), json!(rfc3339(end_ms)));
        }
        detail
    }
}

/// What the running executions do at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timers {
    /// Executions that have something to do.
    pub at_work: usize,
    /// When the next of the others has, epoch milliseconds.
    pub next_ms: Option<i64>,
}

/// An execution and what happened in it.
#[derive(Clone, Debug)]
pub struct ExecutionHistory {
    /// The execution.
    pub summary: Summary,
    /// The events with their data, oldest first, as the API shows them.
    pub events: Vec<Value>,
}

/// The origin of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogStream {
    /// The function's standard output.
    Stdout,
    /// The function's standard error.
    Stderr,
    /// The host.
    Platform,
}

/// One line of a function's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// The function's name.
    pub function: String,
    /// The origin of the line.
    pub stream: LogStream,
    /// The line without its end.
    pub line: String,
}

/// The state of a sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SandboxState {
    /// Spawned; has not asked for an event yet.
    Starting,
    /// Waits for an event.
    Idle,
    /// Has an event.
    Busy,
}

/// A process of a function.
#[derive(Clone, Debug)]
pub struct SandboxInfo {
    /// The function's name.
    pub function: String,
    /// The process id; 0 until it is spawned.
    pub pid: u32,
    /// The sandbox's identity: what its requests to AWS are signed with.
    pub access_key_id: String,
    /// The current state.
    pub state: SandboxState,
    /// Events it was given.
    pub invocations: u64,
    /// When it was spawned.
    pub started_at: SystemTime,
    /// Time from spawn to the first request for an event, in microseconds.
    pub init_us: Option<u64>,
}
