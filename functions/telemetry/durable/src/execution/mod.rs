//! One durable execution within one of its invocations.
//!
//! Contract: what an invocation has done is told when it ends. One that comes to no end, because its process is killed or
//! the engine refuses its checkpoints, leaves its finished steps to the next one, which tells them from their checkpoints. So
//! every attempt is told once, beside an invocation that is told too.

mod interrupted;
mod state;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use tracing::Span;

use crate::assignment::{Assignment, Properties};
use crate::checkpointed::Checkpointed;
use crate::invocation::{Invocation, Outcome};
use crate::operation::{Cause, Operation, workflow_place};
use crate::pipeline::Spans;
use crate::span;
use crate::traceparent::TraceParent;

pub(crate) use state::LastTry;
use state::{End, Ended, State};

/// The relation of a link to the execution of the same work that ended before.
const PREVIOUS_ATTEMPT: &str = "previous_attempt";
/// The state that the tries of an execution's steps share. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Execution {
    pub(super) arn: Arc<str>,
    pub(super) invocation: Invocation,
    state: Arc<Mutex<State>>,
}

impl Execution {
    /// An execution that an invocation runs or continues. `replaying` is whether it has a history.
    #[must_use]
    pub fn new(invocation: Invocation, arn: &str, replaying: bool) -> Self {
        invocation.span().record("durable.execution.arn", arn);
        invocation.span().record("durable.invocation.first", !replaying);
        let execution = Self {
            arn: arn.into(),
            invocation,
            state: Arc::default(),
        };
        let (arn, state) = (Arc::clone(&execution.arn), Arc::clone(&execution.state));
        execution.invocation.at_end(move |outcome, span| {
            let state = std::mem::take(&mut *state.lock().unwrap_or_else(PoisonError::into_inner));
            state.closing(&arn, outcome, span)
        });
        execution
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Assigns the execution's spans to a parent, also those that began before. `properties` become attributes of every
    /// span of the execution, including the spans of your own code and of AWS calls.
    pub fn assign_parent(&self, parent: &TraceParent, properties: Properties) {
        let mut state = self.state();
        if !properties.is_empty() {
            state.properties = properties;
        }
        state.parent = Some(*parent);
        let attributes = state.attributes(&self.arn);
        let assigned_to = |parent: TraceParent| Assignment {
            parent: Some(parent),
            attributes: attributes.clone(),
            is_minor: false,
        };
        span::assign_parent(self.invocation.span(), assigned_to(*parent));
        for attempt in state.unassigned.drain(..) {
            span::assign_parent(&attempt, assigned_to(workflow_place(parent)));
        }
        // Attempts that begin from now on are in that trace from the beginning.
        if let Some(spans) = Spans::current() {
            spans.buffer().assign(parent.trace_id, assigned_to(*parent));
        }
    }

    /// Links this invocation to the attempt of the same work before its execution.
    pub fn set_previous_attempt(&self, attempt: &TraceParent) {
        let mut state = self.state();
        if !state.has_previous {
            span::link(self.invocation.span(), attempt.span_context(), PREVIOUS_ATTEMPT);
        }
        state.has_previous = true;
    }

    /// The next operation of the execution. Call it in the order in which the operations are handed to the SDK.
    #[must_use]
    pub fn next_operation(&self, name: &'static str) -> Operation {
        let mut state = self.state();
        state.position += 1;
        Operation::at(state.position, name)
    }

    /// Restores the trace context from a step's result, whether the step ran in this invocation or is replayed, and returns
    /// the result. `properties` are as for [`Self::assign_parent`].
    pub fn restore<T>(
        &self,
        operation: &Operation,
        checkpointed: Checkpointed<T>,
        properties: impl FnOnce(&T) -> Properties,
    ) -> T {
        let Checkpointed { value, origin } = checkpointed;
        let Some(origin) = origin else {
            return value;
        };
        if self.state().parent != Some(origin.parent) {
            self.assign_parent(&origin.parent, properties(&value));
        }
        if let Some(ran) = &origin.ran {
            let own = self.invocation.span_id();
            let mut state = self.state();
            state.operations.push(Ended {
                operation: operation.clone(),
                tries: ran.number,
                at: ran.period().ended,
                invocation: Some(ran.invocation.place(&origin.parent).span_context()),
                failed: None,
            });
            if Some(ran.invocation.span) != own {
                state.replayed.push((operation.clone(), origin));
            }
        }
        value
    }

    /// An operation was given up after so many tries, now or in an earlier invocation.
    pub fn given_up(&self, operation: &Operation, tries: u32, cause: Cause) {
        let now = Spans::current().map_or_else(SystemTime::now, |spans| spans.now());
        let mut state = self.state();
        let last = state.last.clone().filter(|last| last.step == operation.name);
        let invocation = last
            .as_ref()
            .and_then(|_| span::exported(self.invocation.span()))
            .map(|place| place.span_context());
        state.operations.push(Ended {
            operation: operation.clone(),
            tries,
            at: last.map_or(now, |last| last.ended),
            invocation,
            failed: Some(cause),
        });
    }

    /// The execution has ended with a result.
    pub fn completed(&self) {
        self.invocation.end(Outcome::Succeeded);
    }

    /// The execution has ended without a result.
    pub fn failed(&self, cause: &Cause) {
        self.invocation.end(Outcome::Failed);
        span::fail(self.invocation.span(), &cause.error_type, &cause.message);
    }

    /// This invocation ends the execution, which began at `began`: tells it and its operations when the invocation has ended,
    /// and does `after` then, with a time that is after all of them. `failed` is why the execution has no result.
    pub fn ends(&self, began: SystemTime, failed: Option<Cause>, after: impl FnOnce(SystemTime) + Send + 'static) {
        self.state().end = Some(End {
            began,
            failed,
            after: Box::new(after),
        });
    }

    /// Somebody else has ended the execution, at `at`. What ended after that is told in a trace beside the execution's.
    pub fn ended_elsewhere(&self, at: SystemTime) {
        self.state().ended_elsewhere = Some(at);
    }

    /// Puts a new attempt under the execution, or notes it until the execution's parent is known.
    pub(super) fn place(&self, span: &Span) {
        let mut state = self.state();
        if let Some(parent) = state.parent {
            span::set_parent(span, Some(&workflow_place(&parent)));
        } else {
            span::set_parent(span, None);
            state.unassigned.push(span.clone());
        }
    }
}
