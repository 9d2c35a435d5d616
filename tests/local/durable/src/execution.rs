//! One durable execution: its operations, its counters, and what has changed since it was last stored.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::checkpoint::Replay;
use super::{Details, ErrorObject, Event, Operation, OperationStatus, OperationType};

/// Where an execution stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ExecutionStatus {
    /// Not closed.
    Running,
    /// The handler returned.
    Succeeded,
    /// The handler failed, or its invocations did.
    Failed,
    /// The execution timeout passed.
    TimedOut,
    /// Somebody stopped it.
    Stopped,
}

impl ExecutionStatus {
    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::TimedOut => "TIMED_OUT",
            Self::Stopped => "STOPPED",
        }
    }

    /// The status of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [
            Self::Running,
            Self::Succeeded,
            Self::Failed,
            Self::TimedOut,
            Self::Stopped,
        ]
        .into_iter()
        .find(|status| status.as_str() == name)
    }
}

/// What an execution is started with. Ids and the time are the caller's.
#[derive(Clone, Debug)]
pub struct NewExecution {
    /// The version's ARN: `arn:aws:lambda:REGION:ACCOUNT:function:NAME:VERSION`.
    pub function_arn: String,
    /// The function's name.
    pub function: String,
    /// What the caller asked for: an alias, a version or `$LATEST`.
    pub qualifier: String,
    /// The version that runs.
    pub version: String,
    /// The execution's name.
    pub name: String,
    /// The id of the EXECUTION operation and the last part of the ARN.
    pub id: String,
    /// JSON text.
    pub input: String,
    /// `X-Amzn-Trace-Id` of every invocation.
    pub trace: String,
    /// Seconds until TIMED_OUT.
    pub execution_timeout_seconds: u32,
    /// Days until a closed execution is deleted.
    pub retention_days: u32,
}

/// Everything but operations and events.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Core {
    pub(crate) arn: String,
    pub(crate) function_arn: String,
    pub(crate) function: String,
    pub(crate) qualifier: String,
    pub(crate) version: String,
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) trace: String,
    pub(crate) execution_timeout_seconds: u32,
    pub(crate) retention_days: u32,
    pub(crate) status: ExecutionStatus,
    pub(crate) start_ms: i64,
    pub(crate) end_ms: Option<i64>,
    pub(crate) deadline_ms: i64,
    pub(crate) result: Option<String>,
    pub(crate) error: Option<ErrorObject>,
    /// Advances with each accepted checkpoint.
    pub(crate) token_sequence: u64,
    /// The invocation that may checkpoint; none between invocations.
    pub(crate) invocation: Option<String>,
    pub(crate) invocation_start_ms: i64,
    /// Counts changes of operations.
    pub(crate) changes: u64,
    /// The last change that the function has been told of.
    pub(crate) seen: u64,
    /// Whether a checkpoint answer of this invocation delivered a completion of a timer.
    pub(crate) delivered: bool,
    /// Operations that the service moved on since the last invocation began.
    pub(crate) updated: Vec<String>,
    pub(crate) failures: u32,
    pub(crate) fruitless: u32,
    /// When the next invocation is owed, if one is.
    pub(crate) invoke_at_ms: Option<i64>,
    pub(crate) events: u64,
}

#[derive(Clone, Debug)]
struct Record {
    operation: Arc<Operation>,
    touched: u64,
}

/// A durable execution.
#[derive(Clone, Debug)]
pub struct Execution {
    pub(crate) core: Core,
    records: Vec<Record>,
    dirty: BTreeSet<usize>,
    new_events: Vec<Event>,
    /// Answers that a transport retry may ask for again. Kept in memory only: a restart ends every invocation.
    pub(super) replays: Vec<Replay>,
}

/// What must be stored before a change may be told to anybody.
#[derive(Debug)]
pub struct Changes {
    pub(crate) core: Core,
    /// Position, number of its last change, operation.
    pub(crate) operations: Vec<(usize, u64, Arc<Operation>)>,
    pub(crate) events: Vec<Event>,
}

impl Execution {
    /// A new execution that is owed its first invocation.
    #[must_use]
    pub fn start(new: NewExecution, now_ms: i64) -> Self {
        let arn = format!("{}/durable-execution/{}/{}", new.function_arn, new.name, new.id);
        let operation = Operation {
            id: new.id.clone(),
            parent_id: None,
            name: Some(new.name.clone()),
            operation_type: OperationType::Execution,
            sub_type: None,
            start_ms: now_ms,
            end_ms: None,
            status: OperationStatus::Started,
            details: Details::Execution { input: new.input },
        };
        let core = Core {
            arn,
            function_arn: new.function_arn,
            function: new.function,
            qualifier: new.qualifier,
            version: new.version,
            name: new.name,
            id: new.id,
            trace: new.trace,
            execution_timeout_seconds: new.execution_timeout_seconds,
            retention_days: new.retention_days,
            status: ExecutionStatus::Running,
            start_ms: now_ms,
            end_ms: None,
            deadline_ms: now_ms.saturating_add(i64::from(new.execution_timeout_seconds) * 1000),
            result: None,
            error: None,
            token_sequence: 0,
            invocation: None,
            invocation_start_ms: now_ms,
            changes: 0,
            seen: 0,
            delivered: false,
            updated: Vec::new(),
            failures: 0,
            fruitless: 0,
            invoke_at_ms: Some(now_ms),
            events: 0,
        };
        let mut execution = Self::empty(core);
        execution.records.push(Record {
            operation: Arc::new(operation),
            touched: 0,
        });
        execution.dirty.insert(0);
        let started = Event::execution_started(&execution, now_ms);
        execution.record(started);
        execution
    }

    /// An execution from the store. An invocation that was running is void: the next one is owed at once.
    pub(crate) fn restore(core: Core, operations: Vec<(u64, Operation)>) -> Self {
        let mut execution = Self::empty(core);
        execution.records = operations
            .into_iter()
            .map(|(touched, operation)| Record {
                operation: Arc::new(operation),
                touched,
            })
            .collect();
        if execution.core.invocation.take().is_some() && execution.core.invoke_at_ms.is_none() {
            execution.core.invoke_at_ms = Some(0);
        }
        execution
    }

    fn empty(core: Core) -> Self {
        Self {
            core,
            records: Vec::new(),
            dirty: BTreeSet::new(),
            new_events: Vec::new(),
            replays: Vec::new(),
        }
    }

    /// The execution's ARN.
    #[must_use]
    pub fn arn(&self) -> &str {
        &self.core.arn
    }

    /// Where it stands.
    #[must_use]
    pub fn status(&self) -> ExecutionStatus {
        self.core.status
    }

    /// Whether it is over.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.core.status != ExecutionStatus::Running
    }

    /// The result of a succeeded execution, as JSON text.
    #[must_use]
    pub fn result(&self) -> Option<&str> {
        self.core.result.as_deref()
    }

    /// The error of an execution that closed otherwise.
    #[must_use]
    pub fn error(&self) -> Option<&ErrorObject> {
        self.core.error.as_ref()
    }

    /// The input, as JSON text.
    #[must_use]
    pub fn input(&self) -> &str {
        match self.records.first().map(|record| &record.operation.details) {
            Some(Details::Execution { input }) => input,
            _ => "",
        }
    }

    /// The operations in the order of their start.
    pub fn operations(&self) -> impl Iterator<Item = &Arc<Operation>> {
        self.records.iter().map(|record| &record.operation)
    }

    /// The operation with that id.
    #[must_use]
    pub fn operation(&self, id: &str) -> Option<&Arc<Operation>> {
        self.operations().find(|operation| operation.id == id)
    }

    /// What changed since the last call.
    pub fn take_changes(&mut self) -> Changes {
        let dirty = std::mem::take(&mut self.dirty);
        let operations = dirty
            .into_iter()
            .filter_map(|position| {
                let record = self.records.get(position)?;
                Some((position, record.touched, Arc::clone(&record.operation)))
            })
            .collect();
        Changes {
            core: self.core.clone(),
            operations,
            events: std::mem::take(&mut self.new_events),
        }
    }

    /// Stops the execution; a closed one stays as it is. Returns when it closed.
    pub fn stop(&mut self, error: Option<ErrorObject>, now_ms: i64) -> i64 {
        if let Some(end_ms) = self.core.end_ms {
            return end_ms;
        }
        let error = error.unwrap_or_else(|| ErrorObject {
            error_message: Some("Execution stopped by user request".to_owned()),
            ..ErrorObject::default()
        });
        self.close(ExecutionStatus::Stopped, None, Some(error), now_ms);
        now_ms
    }

    /// Closes an execution whose timeout has passed.
    pub fn time_out(&mut self, now_ms: i64) {
        let message = format!(
            "Execution timed out after {} seconds",
            self.core.execution_timeout_seconds
        );
        self.close(
            ExecutionStatus::TimedOut,
            None,
            Some(ErrorObject::new("ExecutionTimedOut", message)),
            now_ms,
        );
    }

    pub(super) fn close(
        &mut self,
        status: ExecutionStatus,
        result: Option<String>,
        error: Option<ErrorObject>,
        now_ms: i64,
    ) {
        if self.is_closed() {
            return;
        }
        self.core.status = status;
        self.core.end_ms = Some(now_ms);
        self.core.result = result;
        self.core.error = error;
        self.core.invocation = None;
        self.core.invoke_at_ms = None;
        if let Some(first) = self.records.first_mut() {
            let operation = Arc::make_mut(&mut first.operation);
            operation.end_ms = Some(now_ms);
            operation.status = match status {
                ExecutionStatus::Running => OperationStatus::Started,
                ExecutionStatus::Succeeded => OperationStatus::Succeeded,
                ExecutionStatus::Failed => OperationStatus::Failed,
                ExecutionStatus::TimedOut => OperationStatus::TimedOut,
                ExecutionStatus::Stopped => OperationStatus::Stopped,
            };
            self.dirty.insert(0);
        }
        let closed = Event::execution_closed(self, now_ms);
        self.record(closed);
    }

    /// Stores an operation as changed.
    pub(super) fn put(&mut self, operation: Operation) {
        self.core.changes += 1;
        let touched = self.core.changes;
        let position = self
            .records
            .iter()
            .position(|record| record.operation.id == operation.id);
        let record = Record {
            operation: Arc::new(operation),
            touched,
        };
        match position.and_then(|position| self.records.get_mut(position)) {
            Some(slot) => *slot = record,
            None => self.records.push(record),
        }
        self.dirty
            .insert(position.unwrap_or(self.records.len().saturating_sub(1)));
    }

    /// The operations that changed after the function last saw the state.
    pub(super) fn unseen(&self) -> impl Iterator<Item = &Arc<Operation>> {
        let seen = self.core.seen;
        self.records
            .iter()
            .filter(move |record| record.touched > seen)
            .map(|record| &record.operation)
    }

    pub(super) fn note_updated(&mut self, id: &str) {
        if !self.core.updated.iter().any(|known| known == id) {
            self.core.updated.push(id.to_owned());
        }
    }

    pub(super) fn record(&mut self, mut event: Event) {
        self.core.events += 1;
        event.number = self.core.events;
        self.new_events.push(event);
    }
}
