//! One durable execution: its operations, its counters, and what has changed since it was last stored.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::core::Core;
use crate::replay::Replays;
use crate::{Details, ErrorObject, Event, ExecutionStatus, Operation, OperationStatus, OperationType};

/// The input of a start. The caller draws the ids.
#[derive(Clone, Debug)]
pub struct NewExecution {
    /// The version's ARN: `arn:aws:lambda:REGION:ACCOUNT:function:NAME:VERSION`.
    pub function_arn: String,
    /// The function's name.
    pub function: String,
    /// The alias, version or `$LATEST` that the caller named.
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
    /// The request that starts it asynchronously; none when a caller waits for the end.
    pub request_id: Option<String>,
    /// Seconds until `TIMED_OUT`.
    pub execution_timeout_seconds: u32,
    /// Days until a closed execution is deleted.
    pub retention_days: u32,
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
    pub(crate) replays: Replays,
}

/// The changes that must be stored before a caller may see them.
#[derive(Debug)]
pub struct Changes {
    /// The execution beside its operations and events.
    pub core: Core,
    /// Position, number of its last change, operation.
    pub operations: Vec<(usize, u64, Arc<Operation>)>,
    /// The new events, in their order.
    pub events: Vec<Event>,
}

impl Execution {
    /// A new execution that is owed its first invocation.
    #[must_use]
    pub fn start(new: NewExecution, now_ms: i64) -> Self {
        let written_bytes = u64::try_from(new.input.len()).unwrap_or(u64::MAX);
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
            operations: 1,
            written_bytes,
            arn,
            function_arn: new.function_arn,
            function: new.function,
            qualifier: new.qualifier,
            version: new.version,
            name: new.name,
            id: new.id,
            trace: new.trace,
            request_id: new.request_id,
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
        let started = Event::execution_started(&execution.core, execution.input(), now_ms);
        execution.record(started);
        execution
    }

    /// An execution from the store. An invocation that was running is void: the next one is owed at once.
    #[must_use]
    pub fn restore(core: Core, operations: Vec<(u64, Operation)>) -> Self {
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
            replays: Replays::default(),
        }
    }

    /// The fields beside operations and events.
    #[must_use]
    pub fn core(&self) -> &Core {
        &self.core
    }

    /// The execution's ARN.
    #[must_use]
    pub fn arn(&self) -> &str {
        &self.core.arn
    }

    /// The status; `RUNNING` until it is closed.
    #[must_use]
    pub fn status(&self) -> ExecutionStatus {
        self.core.status
    }

    /// True when it has ended.
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

    /// Takes the changes since the last call.
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

    pub(crate) fn close(
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
        let closed = Event::execution_closed(&self.core, now_ms);
        self.record(closed);
    }

    /// Stores an operation as changed.
    pub(crate) fn put(&mut self, operation: Operation) {
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
    pub(crate) fn unseen(&self) -> impl Iterator<Item = &Arc<Operation>> {
        let seen = self.core.seen;
        self.records
            .iter()
            .filter(move |record| record.touched > seen)
            .map(|record| &record.operation)
    }

    pub(crate) fn note_updated(&mut self, id: &str) {
        if !self.core.updated.iter().any(|known| known == id) {
            self.core.updated.push(id.to_owned());
        }
    }

    pub(crate) fn record(&mut self, mut event: Event) {
        self.core.events += 1;
        event.number = self.core.events;
        self.new_events.push(event);
    }
}
