//! One durable execution within one of its invocations.

use std::sync::{Mutex, MutexGuard, PoisonError};

use opentelemetry::KeyValue;
use tracing::Span;

use crate::assignment::{Assignment, Properties};
use crate::attributes::DURABLE_EXECUTION_ARN;
use crate::checkpointed::Checkpointed;
use crate::invocation::Invocation;
use crate::pipeline::Spans;
use crate::span;
use crate::traceparent::TraceParent;

/// The relation of a link to the execution of the same work that ended before.
pub(super) const PREVIOUS_ATTEMPT: &str = "previous_attempt";

/// The state that the tries of an execution's steps share.
#[derive(Debug)]
pub struct Execution {
    pub(super) arn: String,
    pub(super) invocation: Invocation,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    /// The parent of the execution's spans; none until it is known.
    pub(super) parent: Option<TraceParent>,
    /// Attributes of every span.
    properties: Properties,
    /// The try that ended last, in this invocation or in an earlier one.
    pub(super) previous_step: Option<TraceParent>,
    /// The attempt of the same work before this execution.
    pub(super) previous_attempt: Option<TraceParent>,
    /// Spans that began before the parent was known.
    unassigned: Vec<Span>,
}

impl Execution {
    /// An execution that an invocation runs or continues. `replaying` is whether it has a history.
    #[must_use]
    pub fn new(invocation: Invocation, arn: &str, replaying: bool) -> Self {
        invocation.span().record("durable.execution.arn", arn);
        invocation.span().record("durable.invocation.replay", replaying);
        let unassigned = vec![invocation.span().clone()];
        Self {
            arn: arn.to_owned(),
            invocation,
            state: Mutex::new(State {
                unassigned,
                ..State::default()
            }),
        }
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
        let assignment = self.assignment(&state, parent);
        for span in state.unassigned.drain(..) {
            span::assign_parent(&span, assignment.clone());
        }
        // Tries that begin from now on are in that trace from the beginning.
        if let Some(spans) = Spans::current() {
            spans.buffer().assign(parent.trace_id, assignment);
        }
    }

    /// Links this execution to the attempt of the same work before it: its invocation and its first steps get a link to
    /// that attempt's span.
    pub fn set_previous_attempt(&self, attempt: &TraceParent) {
        let mut state = self.state();
        if state.previous_attempt.is_none() {
            span::link(self.invocation.span(), attempt.span_context(), PREVIOUS_ATTEMPT);
        }
        state.previous_attempt = Some(*attempt);
    }

    /// Restores the trace context from a step's result, whether the step ran in this invocation or is replayed, and returns
    /// the result. `properties` are as for [`Self::assign_parent`].
    pub fn restore<T>(&self, checkpointed: Checkpointed<T>, properties: impl FnOnce(&T) -> Properties) -> T {
        let Checkpointed { value, origin } = checkpointed;
        if let Some(origin) = origin {
            if self.state().parent != Some(origin.parent) {
                self.assign_parent(&origin.parent, properties(&value));
            }
            self.state().previous_step = Some(TraceParent {
                span_id: origin.span,
                ..origin.parent
            });
        }
        value
    }

    /// The execution has ended with a result.
    pub fn completed(&self) {
        self.invocation.end("completed");
    }

    /// The execution has ended without a result. The message must not quote a payload.
    pub fn failed(&self, error_type: &str, message: &str) {
        self.invocation.end("failed");
        span::fail(self.invocation.span(), error_type, message);
    }

    /// Puts a new span under the execution's parent, or notes it until the parent is known.
    pub(super) fn place(&self, span: &Span) {
        let mut state = self.state();
        if let Some(parent) = state.parent {
            span::set_parent(span, Some(&parent));
        } else {
            span::set_parent(span, None);
            state.unassigned.push(span.clone());
        }
    }

    fn assignment(&self, state: &State, parent: &TraceParent) -> Assignment {
        let attributes = state
            .properties
            .iter()
            .map(|(name, value)| KeyValue::new(name.clone(), value.clone()))
            .chain([KeyValue::new(DURABLE_EXECUTION_ARN, self.arn.clone())])
            .collect();
        Assignment {
            parent: Some(*parent),
            attributes,
            is_minor: false,
        }
    }
}
