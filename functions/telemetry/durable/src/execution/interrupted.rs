//! What an invocation tells of the one before it, when that one came to no end.

use std::time::SystemTime;

use opentelemetry::KeyValue;
use opentelemetry::trace::{SpanKind, Status};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};

use super::Execution;
use crate::attributes::{DURABLE_EXECUTION_ARN, ERROR_TYPE, INVOCATION_STATUS};
use crate::checkpointed::RanIn;
use crate::invocation::{INTERRUPTED, NO_END, Outcome};
use crate::operation::{Made, Period, workflow_place};
use crate::pipeline::Spans;
use crate::told::Unfinished;
use crate::traceparent::TraceParent;

impl Execution {
    /// Call it before an attempt begins, and when the last step was replayed. Tells the attempt that an earlier invocation left
    /// unfinished, if there is one, and, if this invocation `follows` the one that the last replayed step ran in, what that
    /// one had finished, from the checkpoints. Sent at once: this invocation may be killed as well.
    pub fn tell_interrupted(&self, unfinished: Option<&Unfinished>, follows: bool) {
        let Some(spans) = Spans::current() else {
            return;
        };
        let mut state = self.state();
        let Some(parent) = state.parent else {
            return;
        };
        let workflow = workflow_place(&parent);
        let made = |parent, period| Made {
            spans: &spans,
            parent,
            period,
        };
        let arn = KeyValue::new(DURABLE_EXECUTION_ARN, self.arn.to_string());
        let mut told = Vec::new();
        if let Some(attempt) = unfinished {
            // A begin that is known to the millisecond is not before the end of the step before.
            let before = state.operations.last().map_or(attempt.period.began, |last| last.at);
            let period = Period {
                began: attempt.period.began.max(before),
                ..attempt.period
            };
            told.push(made(workflow, period).interrupted(&attempt.operation, attempt.number));
        }
        let replayed = std::mem::take(&mut state.replayed);
        let last = replayed.last().and_then(|(_, origin)| origin.ran.as_ref());
        if let Some(interrupted) = last.map(|ran| ran.invocation.clone()).filter(|_| follows) {
            let context = interrupted.place(&parent).span_context();
            let mut ended = interrupted.began();
            for (operation, origin) in &replayed {
                if let Some(ran) = origin.ran.as_ref().filter(|ran| ran.invocation == interrupted) {
                    ended = ended.max(ran.period().ended);
                    let made = made(workflow, ran.period());
                    told.push(made.attempt(operation, ran.number, origin.span, context.clone()));
                }
            }
            if let Some(attempt) = unfinished {
                ended = ended.max(attempt.period.ended);
            }
            told.push(self.interrupted_invocation(&spans, &parent, &interrupted, ended));
        }
        drop(state);
        if told.is_empty() {
            return;
        }
        for mut span in told {
            span.attributes.push(arn.clone());
            spans.buffer().push(span);
        }
        spans.export_soon();
    }

    fn interrupted_invocation(
        &self,
        spans: &Spans,
        parent: &TraceParent,
        interrupted: &RanIn,
        ended: SystemTime,
    ) -> SpanData {
        SpanData {
            span_context: interrupted.place(parent).span_context(),
            parent_span_id: parent.span_id,
            parent_span_is_remote: true,
            span_kind: SpanKind::Server,
            name: self.invocation.function().to_owned().into(),
            start_time: interrupted.began(),
            end_time: ended,
            attributes: vec![
                KeyValue::new("faas.trigger", "other"),
                KeyValue::new("faas.invocation_id", interrupted.id.clone()),
                KeyValue::new(INVOCATION_STATUS, Outcome::Retrying.as_str()),
                KeyValue::new(ERROR_TYPE, INTERRUPTED),
            ],
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: Status::error(NO_END),
            instrumentation_scope: spans.scope(),
        }
    }
}
