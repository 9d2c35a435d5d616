//! What an invocation knows of its execution, and what it tells of it at its end.

use std::time::SystemTime;

use opentelemetry::KeyValue;
use opentelemetry::trace::SpanContext;
use tracing::Span;

use crate::assignment::{Assignment, Properties};
use crate::attributes::DURABLE_EXECUTION_ARN;
use crate::checkpointed::Origin;
use crate::invocation::{Outcome, Rest};
use crate::operation::{Cause, Made, Operation, Period, workflow_place};
use crate::pipeline::Spans;
use crate::span;
use crate::traceparent::TraceParent;

/// The relation of a link from a trace beside an execution's to its parent.
const EXECUTION: &str = "execution";

#[derive(Debug, Default)]
pub(crate) struct State {
    /// The parent of the execution's spans; none until it is known.
    pub(crate) parent: Option<TraceParent>,
    /// Attributes of every span.
    pub(super) properties: Properties,
    /// The attempt of the same work before this execution.
    pub(super) has_previous: bool,
    /// Attempts that began before the parent was known.
    pub(super) unassigned: Vec<Span>,
    /// The operations so far.
    pub(super) position: u32,
    pub(super) operations: Vec<Ended>,
    /// Steps whose results were replayed, in their order.
    pub(super) replayed: Vec<(Operation, Origin)>,
    /// The attempt that ended last in this invocation.
    pub(crate) last: Option<LastTry>,
    /// How the execution ended, when this invocation ends it.
    pub(super) end: Option<End>,
    /// When somebody else ended the execution.
    pub(super) ended_elsewhere: Option<SystemTime>,
}

/// An operation that has ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) operation: Operation,
    pub(super) tries: u32,
    pub(super) at: SystemTime,
    pub(super) invocation: Option<SpanContext>,
    pub(super) failed: Option<Cause>,
}

/// An attempt that has ended in this invocation.
#[derive(Debug, Clone)]
pub(crate) struct LastTry {
    pub(crate) step: &'static str,
    pub(crate) ended: SystemTime,
}

/// The end of an execution.
pub(super) struct End {
    pub(super) began: SystemTime,
    pub(super) failed: Option<Cause>,
    pub(super) after: Box<dyn FnOnce(SystemTime) + Send>,
}

impl std::fmt::Debug for End {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("End")
            .field("failed", &self.failed)
            .finish_non_exhaustive()
    }
}

impl State {
    pub(super) fn attributes(&self, arn: &str) -> Vec<KeyValue> {
        self.properties
            .iter()
            .map(|(name, value)| KeyValue::new(name.clone(), value.clone()))
            .chain([KeyValue::new(DURABLE_EXECUTION_ARN, arn.to_owned())])
            .collect()
    }

    /// What is left to do about an invocation that ends with `outcome`, before and after the end of its span.
    pub(super) fn closing(self, arn: &str, outcome: Outcome, invocation: &Span) -> Rest {
        let (Some(parent), Some(spans)) = (self.parent, Spans::of(invocation)) else {
            return Box::new(|| {});
        };
        let beside = match (outcome, self.ended_elsewhere) {
            (_, Some(at)) => Some(Some(at)),
            (Outcome::Retrying, None) => Some(None),
            _ => None,
        };
        if let (Some(since), Some(context)) = (beside, span::running(invocation)) {
            span::link(invocation, parent.span_context(), EXECUTION);
            let assignment = Assignment {
                parent: None,
                attributes: self.attributes(arn),
                is_minor: false,
            };
            spans.buffer().assign(context.trace_id(), assignment);
            return Box::new(move || spans.buffer().move_beside(parent.trace_id, since, &context));
        }
        let arn = arn.to_owned();
        Box::new(move || self.tell_end(&spans, &parent, &arn))
    }

    /// Tells the operations and the execution, when this invocation has ended it.
    fn tell_end(self, spans: &Spans, parent: &TraceParent, arn: &str) {
        let Some(end) = self.end else {
            return;
        };
        let workflow = workflow_place(parent);
        let now = spans.now();
        let made = |parent, period| Made { spans, parent, period };
        let mut told = Vec::new();
        let mut began = end.began;
        for Ended {
            operation,
            tries,
            at: ended,
            invocation,
            failed,
        } in self.operations
        {
            let made = made(workflow, Period { began, ended });
            told.push(made.operation(&operation, tries, invocation, failed.as_ref()));
            began = ended;
        }
        let period = Period {
            began: end.began,
            ended: now,
        };
        told.push(made(*parent, period).workflow(end.failed.as_ref()));
        for mut span in told {
            span.attributes
                .push(KeyValue::new(DURABLE_EXECUTION_ARN, arn.to_owned()));
            spans.buffer().push(span);
        }
        (end.after)(now);
    }
}
