//! A try of a step that began and never ended, as a later invocation finds it.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::SystemTime;

use opentelemetry::KeyValue;
use opentelemetry::trace::{SpanId, SpanKind, Status};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};

use crate::attributes::ERROR_TYPE;
use crate::execution::Execution;
use crate::pipeline::Spans;
use crate::traceparent::TraceParent;

/// The outcome of a try that did not end, and its error type.
pub(crate) const INTERRUPTED: &str = "interrupted";

impl Execution {
    /// Reports try `number` (from 1) of a step that began at `began` and never ended. `at_latest` is the last moment at which
    /// it can have run. Call it when the execution's parent is assigned; before that, nothing is reported.
    ///
    /// The span has the same id however often it is reported.
    pub fn report_interrupted_try(&self, step: &'static str, number: u32, began: SystemTime, at_latest: SystemTime) {
        let (Some(parent), Some(spans)) = (self.state().parent, Spans::current()) else {
            return;
        };
        let place = TraceParent {
            span_id: self.id_of_try(step, number),
            ..parent
        };
        spans.buffer().push(SpanData {
            span_context: place.span_context(),
            parent_span_id: parent.span_id,
            parent_span_is_remote: true,
            span_kind: SpanKind::Internal,
            name: format!("step {step}").into(),
            start_time: began,
            end_time: at_latest.max(began),
            attributes: vec![
                KeyValue::new("durable.operation.name", step),
                KeyValue::new("durable.operation.type", "STEP"),
                KeyValue::new("durable.attempt.number", i64::from(number)),
                KeyValue::new("durable.attempt.outcome", INTERRUPTED),
                KeyValue::new(ERROR_TYPE, INTERRUPTED),
            ],
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: Status::error("the try began and never ended"),
            instrumentation_scope: spans.scope(),
        });
        // The next try may be interrupted as well.
        spans.export_soon();
    }

    fn id_of_try(&self, step: &str, number: u32) -> SpanId {
        let mut hasher = DefaultHasher::new();
        (&self.arn, step, number).hash(&mut hasher);
        // All zeros are no span id.
        SpanId::from(hasher.finish().max(1))
    }
}
