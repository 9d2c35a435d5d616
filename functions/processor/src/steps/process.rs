//! `process`: the handler runs.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tracehook_core::Timestamp;
use tracehook_core::record::{Advance, Status, StepName, StepRecord, StepStatus};
use tracehook_telemetry::durable;

use super::{Run, now};
use crate::event::{Event, HandlerContext};
use crate::failure::StepFailure;
use crate::handler::{Handler, MAX_RESULT_BYTES};

/// The checkpointed result of the step: what the handler gave, and what `finalize` records of the step.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Processed {
    pub(crate) result: Value,
    attempts: u32,
    started_at_ms: i64,
    completed_at_ms: i64,
}

impl Processed {
    pub(crate) fn step(&self) -> StepRecord {
        StepRecord {
            status: StepStatus::Completed,
            attempts: self.attempts,
            started_at: Timestamp::from_epoch_ms(self.started_at_ms),
            completed_at: Some(Timestamp::from_epoch_ms(self.completed_at_ms)),
        }
    }
}

impl Run {
    /// Brings the record to `processing` and runs the handler.
    ///
    /// # Errors
    /// The handler's, `handler_panicked`, `result_too_large`, or when the record cannot be moved.
    pub(crate) async fn process(&self, attempt: u32, handler: &impl Handler) -> Result<Processed, StepFailure> {
        let started_at = now();
        let step = StepRecord {
            status: StepStatus::Started,
            attempts: attempt,
            started_at,
            completed_at: None,
        };
        self.advance(&Advance {
            to: Status::Processing,
            step: StepName::Process,
            steps: vec![(StepName::Process, step)],
            error: None,
            execution_arn: self.execution_arn.clone(),
            at: started_at,
        })
        .await?;
        let webhook = self.webhook().await?;
        let (record, payload) = &*webhook;
        let event = Event {
            event_type: record.summary.event_type.clone(),
            subject: record.summary.source.clone(),
            delivery_id: record.delivery_id.clone(),
            content_type: payload.content_type.clone(),
            body: payload.body.clone(),
            received_at: record.created_at,
        };
        let context = HandlerContext {
            token: self.token,
            source: record.source.clone(),
            attempt,
            // Without traces there is no span of this try; the webhook's own place in its trace is known in any case.
            traceparent: durable::current_attempt().unwrap_or(record.traceparent),
            idempotency_key: format!("{}-{}-{}", self.token, StepName::Process, record.attempt),
        };
        // A panic would end the invocation, be taken for a crash, and be tried again without a trace in the record.
        let result = AssertUnwindSafe(handler.handle(&event, &context))
            .catch_unwind()
            .await
            .map_err(|_| StepFailure::permanent("handler_panicked", "the handler panicked"))??;
        if serde_json::to_vec(&result).map_or(usize::MAX, |json| json.len()) > MAX_RESULT_BYTES {
            return Err(StepFailure::permanent(
                "result_too_large",
                "the handler's result is too large",
            ));
        }
        Ok(Processed {
            result,
            attempts: attempt,
            started_at_ms: started_at.epoch_ms(),
            completed_at_ms: now().epoch_ms(),
        })
    }
}
