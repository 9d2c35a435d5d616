//! What is told of an execution by another process than the one that ran it.

use opentelemetry::KeyValue;

use crate::attributes::DURABLE_EXECUTION_ARN;
use crate::operation::{Cause, Made, Operation, Period, workflow_place};
use crate::pipeline::Spans;
use crate::traceparent::TraceParent;

/// An attempt that began and that nobody has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfinished {
    /// Its step.
    pub operation: Operation,
    /// Its number, from 1.
    pub number: u32,
    /// Its time, as far as it is known.
    pub period: Period,
}

/// Tells an execution that ended without its function: its span, and the attempt that it ended in. `parent` is the parent of
/// the execution's spans.
pub fn tell_execution(
    parent: &TraceParent,
    arn: &str,
    period: Period,
    failed: Option<&Cause>,
    unfinished: Option<&Unfinished>,
) {
    let Some(spans) = Spans::current() else {
        return;
    };
    let arn = KeyValue::new(DURABLE_EXECUTION_ARN, arn.to_owned());
    let made = |parent: TraceParent, period| Made {
        spans: &spans,
        parent,
        period,
    };
    let unfinished = unfinished.map(|attempt| {
        let made = made(workflow_place(parent), attempt.period);
        made.interrupted(&attempt.operation, attempt.number)
    });
    let workflow = made(*parent, period).workflow(failed);
    for mut span in unfinished.into_iter().chain([workflow]) {
        span.attributes.push(arn.clone());
        spans.buffer().push(span);
    }
}
