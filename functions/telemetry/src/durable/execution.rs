//! One durable execution, as one of its invocations sees it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use opentelemetry::KeyValue;
use tracehook_core::trace::TraceParent;
use tracing::Span;

use super::checkpointed::Checkpointed;
use super::invocation::Invocation;
use crate::Properties;
use crate::trace::{self, Belonging, DURABLE_EXECUTION_ARN, Spans};

/// Why a span is linked to an attempt that failed before.
pub(super) const PREVIOUS_ATTEMPT: &str = "previous_attempt";

/// What the attempts of an execution share.
#[derive(Debug)]
pub struct Execution {
    pub(super) arn: String,
    pub(super) invocation: Invocation,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    /// The span that everything of this execution is under; none until it is known.
    pub(super) parent: Option<TraceParent>,
    /// What every span says.
    properties: Properties,
    /// The attempt that ended last, in this invocation or in an earlier one.
    pub(super) previous: Option<TraceParent>,
    /// The attempt of the same work before this execution.
    pub(super) follows: Option<TraceParent>,
    /// Spans that began before the parent was known.
    waiting: Vec<Span>,
}

impl Execution {
    /// An execution that is run or continued by an invocation. `replaying` says whether it has a history.
    #[must_use]
    pub fn new(invocation: Invocation, arn: &str, replaying: bool) -> Self {
        invocation.span().record("durable.execution.arn", arn);
        invocation.span().record("durable.invocation.replay", replaying);
        let waiting = vec![invocation.span().clone()];
        Self {
            arn: arn.to_owned(),
            invocation,
            state: Mutex::new(State {
                waiting,
                ..State::default()
            }),
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says under which span of which trace the execution is. What began before is moved there. `properties` are said by
    /// every span of the execution, those of the handler and of AWS calls included.
    pub fn belongs_to(&self, parent: &TraceParent, properties: Properties) {
        let mut state = self.state();
        if !properties.is_empty() {
            state.properties = properties;
        }
        state.parent = Some(*parent);
        let belonging = self.belonging(&state, parent);
        for span in state.waiting.drain(..) {
            trace::belongs(&span, belonging.clone());
        }
        // Attempts that begin from now on are in that trace from the beginning.
        if let Some(spans) = Spans::current() {
            spans.buffer().settle(trace::remote(parent).trace_id(), belonging);
        }
    }

    /// Says which attempt of the work this execution is the next one of: its invocation and its first steps are linked to
    /// that attempt's span.
    pub fn follows(&self, attempt: &TraceParent) {
        let mut state = self.state();
        if state.follows.is_none() {
            trace::link(self.invocation.span(), trace::remote(attempt), PREVIOUS_ATTEMPT);
        }
        state.follows = Some(*attempt);
    }

    /// Takes note of a step's result, whether the step ran in this invocation or is replayed. Returns the result.
    pub fn passed<T>(&self, checkpointed: Checkpointed<T>, properties: impl FnOnce(&T) -> Properties) -> T {
        let Checkpointed { value, origin } = checkpointed;
        if let Some(origin) = origin {
            if self.state().parent != Some(origin.parent) {
                self.belongs_to(&origin.parent, properties(&value));
            }
            self.state().previous = Some(TraceParent {
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

    /// The execution has ended without one. The message quotes no payload.
    pub fn failed(&self, error_type: &str, message: &str) {
        self.invocation.end("failed");
        trace::fail(self.invocation.span(), error_type, message);
    }

    /// A span that begins while the parent may not be known yet.
    pub(super) fn opened(&self, span: &Span) {
        let mut state = self.state();
        match state.parent {
            Some(parent) => trace::set_parent(span, Some(&parent)),
            None => {
                trace::set_parent(span, None);
                state.waiting.push(span.clone());
            }
        }
    }

    fn belonging(&self, state: &State, parent: &TraceParent) -> Belonging {
        let attributes = state
            .properties
            .iter()
            .map(|(name, value)| KeyValue::new(name.clone(), value.clone()))
            .chain([KeyValue::new(DURABLE_EXECUTION_ARN, self.arn.clone())])
            .collect();
        Belonging {
            home: Some(*parent),
            attributes,
        }
    }
}
