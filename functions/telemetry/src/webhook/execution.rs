//! The durable execution of a webhook in the webhook's trace.

use durable_traces::{Checkpointed, Execution};
use tracehook_core::record::Record;
use tracehook_core::trace::{TraceId, TraceParent};

use super::attributes::properties;
use super::root;
use crate::ids;

/// Assigns the spans of an execution to the root of its attempt.
pub fn assign_execution(execution: &Execution, record: &Record) {
    execution.assign_parent(
        &ids::parent(&record.attempt_root()),
        properties(&record.token, Some(&record.source)),
    );
}

/// Links an execution to the webhook's attempt before it, if there is one.
pub fn link_previous_attempt(execution: &Execution, record: &Record) {
    if let Some(attempt) = record.previous_attempt() {
        execution.set_previous_attempt(&ids::parent(&attempt));
    }
}

/// The running invocation ends the execution and its attempt, as the record says: tells both when it has ended.
pub fn ends_execution(execution: &Execution, record: Record) {
    let (began, failed) = (record.attempt_started_at.into(), root::cause(&record));
    execution.ends(began, failed, move |at| root::tell(&record, at));
}

/// The webhook's trace, from the result of a step.
#[must_use]
pub fn trace_id<T>(checkpointed: &Checkpointed<T>) -> Option<TraceId> {
    checkpointed.trace_id().map(ids::trace_id)
}

/// The span of the running try of a step, as the parent of what the try calls. None outside of a try's own code, before
/// the webhook's trace is known, and with traces off.
#[must_use]
pub fn current_try() -> Option<TraceParent> {
    durable_traces::current_try().map(ids::traceparent)
}
