//! `process`: the handler runs.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tracehook_telemetry::webhook;

use crate::event::{Event, HandlerContext};
use crate::failure::StepFailure;
use crate::handler::{Handler, MAX_RESULT_BYTES};
use crate::run::{Run, Webhook};
use crate::step::{Finished, Output, Try};

/// The checkpointed result of the step: the handler's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Processed {
    pub(crate) result: Value,
}

impl Output for Processed {}

impl Run {
    /// Moves the record to `processing` and runs the handler.
    ///
    /// # Errors
    /// The handler's, `handler_panicked`, `result_too_large`, or when the record cannot be moved.
    pub(crate) async fn process(&self, this: Try, handler: &impl Handler) -> Result<Finished<Processed>, StepFailure> {
        self.advance(this.step, this.started()).await?;
        let webhook = self.webhook().await?;
        let (event, context) = (event(&webhook), self.handler_context(this, &webhook));
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
        Ok(Finished::unrecorded(Processed { result }, &this.completed()))
    }

    fn handler_context(&self, this: Try, webhook: &Webhook) -> HandlerContext {
        let (token, record) = (self.identity.token, &webhook.record);
        HandlerContext {
            token,
            source: record.source.clone(),
            attempt: record.attempt,
            try_number: this.number,
            // Without traces there is no span of this try; the webhook's own place in its trace is known in any case.
            traceparent: webhook::current_try().unwrap_or(record.traceparent),
            idempotency_key: format!("{token}-{}-{}", this.step, record.attempt),
        }
    }
}

fn event(webhook: &Webhook) -> Event {
    let (record, payload) = (&webhook.record, &webhook.payload);
    Event {
        event_type: record.summary.event_type.clone(),
        subject: record.summary.source.clone(),
        delivery_id: record.delivery_id.clone(),
        content_type: payload.content_type.clone(),
        content_encoding: payload.coding,
        body_form: payload.form.clone(),
        headers: payload.headers.clone(),
        body: payload.body.clone(),
        received_at: record.created_at,
    }
}
