//! The operations of an execution, its attempts and itself, as spans that are made when their ends are known.
//!
//! Names, keys and values are those of AWS's OpenTelemetry plugins for its durable SDKs.

use std::time::SystemTime;

use opentelemetry::KeyValue;
use opentelemetry::trace::{Link, SpanContext, SpanId, SpanKind, Status};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};
use sha2::{Digest, Sha256};

use crate::attributes::{
    ATTEMPT_NUMBER, ATTEMPT_OUTCOME, ERROR_TYPE, EXECUTION_STATUS, LINK_RELATION, OPERATION_ID, OPERATION_NAME,
    OPERATION_STATUS, OPERATION_SUBTYPE, OPERATION_TYPE, TRUNCATED,
};
use crate::pipeline::Spans;
use crate::traceparent::TraceParent;
use crate::{ids, invocation};

/// The name of an execution's span.
pub(crate) const WORKFLOW: &str = "Workflow";
pub(crate) const STEP_TYPE: &str = "STEP";
pub(crate) const STEP_SUBTYPE: &str = "Step";
pub(crate) const SUCCEEDED: &str = "SUCCEEDED";
pub(crate) const FAILED: &str = "FAILED";
/// The outcome of an attempt that did not end; AWS has no word for it.
pub(crate) const INTERRUPTED: &str = "INTERRUPTED";

/// A step of an execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// The step's name.
    pub name: &'static str,
    /// The engine's id of it.
    pub(crate) id: String,
}

/// When something began and ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// Its begin.
    pub began: SystemTime,
    /// Its end.
    pub ended: SystemTime,
}

/// Why something failed. Neither text quotes a payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// A stable code.
    pub error_type: String,
    /// For people.
    pub message: String,
}

impl Operation {
    /// The step at a position (from 1) among the operations of its execution.
    #[must_use]
    pub fn at(position: u32, name: &'static str) -> Self {
        Self {
            name,
            id: hex::encode(Sha256::digest(position.to_string())),
        }
    }

    /// The name of its attempt `number`.
    pub(crate) fn attempt_name(&self, number: u32) -> String {
        format!("{} attempt {number}", self.name)
    }

    fn attributes(&self) -> Vec<KeyValue> {
        vec![
            KeyValue::new(OPERATION_ID, self.id.clone()),
            KeyValue::new(OPERATION_NAME, self.name),
            KeyValue::new(OPERATION_TYPE, STEP_TYPE),
            KeyValue::new(OPERATION_SUBTYPE, STEP_SUBTYPE),
        ]
    }
}

impl Period {
    /// The same begin, and an end that is not before it.
    fn sane(self) -> Self {
        Self {
            ended: self.ended.max(self.began),
            ..self
        }
    }
}

/// The place of an execution's span below its parent. Everything that the execution has done is under it.
#[must_use]
pub fn workflow_place(parent: &TraceParent) -> TraceParent {
    TraceParent {
        span_id: ids::derived(parent.span_id, WORKFLOW),
        ..*parent
    }
}

/// A span that was made from what is known of it.
pub(crate) struct Made<'a> {
    pub(crate) spans: &'a Spans,
    pub(crate) parent: TraceParent,
    pub(crate) period: Period,
}

impl Made<'_> {
    /// The span of an execution that has ended.
    pub(crate) fn workflow(self, failed: Option<&Cause>) -> SpanData {
        let place = workflow_place(&self.parent);
        let attributes = vec![KeyValue::new(EXECUTION_STATUS, status_word(failed))];
        self.span(place.span_id, WORKFLOW.to_owned(), attributes, None, failed)
    }

    /// The span of an operation that has ended.
    pub(crate) fn operation(
        self,
        operation: &Operation,
        tries: u32,
        invocation: Option<SpanContext>,
        failed: Option<&Cause>,
    ) -> SpanData {
        let id = ids::derived(self.parent.span_id, operation.name);
        let mut attributes = operation.attributes();
        attributes.push(KeyValue::new(OPERATION_STATUS, status_word(failed)));
        attributes.push(KeyValue::new(ATTEMPT_NUMBER, i64::from(tries)));
        self.span(id, operation.name.to_owned(), attributes, invocation, failed)
    }

    /// The span of an attempt that succeeded in an invocation that could not tell it.
    pub(crate) fn attempt(self, operation: &Operation, number: u32, id: SpanId, invocation: SpanContext) -> SpanData {
        let mut attributes = operation.attributes();
        attributes.push(KeyValue::new(ATTEMPT_NUMBER, i64::from(number)));
        attributes.push(KeyValue::new(ATTEMPT_OUTCOME, SUCCEEDED));
        self.span(id, operation.attempt_name(number), attributes, Some(invocation), None)
    }

    /// The span of an attempt that began and never ended.
    pub(crate) fn interrupted(self, operation: &Operation, number: u32) -> SpanData {
        let name = operation.attempt_name(number);
        let id = ids::derived(self.parent.span_id, &name);
        let mut attributes = operation.attributes();
        attributes.extend([
            KeyValue::new(ATTEMPT_NUMBER, i64::from(number)),
            KeyValue::new(ATTEMPT_OUTCOME, INTERRUPTED),
            KeyValue::new(TRUNCATED, true),
        ]);
        let cause = Cause {
            error_type: invocation::INTERRUPTED.to_owned(),
            message: "the attempt began and never ended".to_owned(),
        };
        self.span(id, name, attributes, None, Some(&cause))
    }

    fn span(
        self,
        id: SpanId,
        name: String,
        mut attributes: Vec<KeyValue>,
        invocation: Option<SpanContext>,
        failed: Option<&Cause>,
    ) -> SpanData {
        let period = self.period.sane();
        let mut links = SpanLinks::default();
        if let Some(context) = invocation {
            let relation = vec![KeyValue::new(LINK_RELATION, "invocation")];
            links.links.push(Link::new(context, relation, 0));
        }
        let status = match failed {
            Some(cause) => {
                attributes.push(KeyValue::new(ERROR_TYPE, cause.error_type.clone()));
                Status::error(cause.message.clone())
            }
            None => Status::Ok,
        };
        let place = TraceParent {
            span_id: id,
            ..self.parent
        };
        SpanData {
            span_context: place.span_context(),
            parent_span_id: self.parent.span_id,
            parent_span_is_remote: true,
            span_kind: SpanKind::Internal,
            name: name.into(),
            start_time: period.began,
            end_time: period.ended,
            attributes,
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links,
            status,
            instrumentation_scope: self.spans.scope(),
        }
    }
}

fn status_word(failed: Option<&Cause>) -> &'static str {
    if failed.is_some() { FAILED } else { SUCCEEDED }
}
