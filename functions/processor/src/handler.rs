//! The one place for business logic.

use serde_json::Value;

use crate::event::{Event, HandlerContext};
use crate::failure::HandlerError;

/// What is done with a webhook, in the `process` step.
///
/// It runs at least once: a try that was interrupted before its result was checkpointed runs again, so effects must be
/// idempotent; [`HandlerContext::idempotency_key`] helps. The result is checkpointed and becomes the execution's
/// result; it must stay under [`MAX_RESULT_BYTES`] and is visible to whoever may read executions. A panic ends the
/// webhook `failed` with the code `handler_panicked`.
pub trait Handler: Send + Sync + 'static {
    /// Handles one webhook.
    fn handle(
        &self,
        event: &Event,
        context: &HandlerContext,
    ) -> impl Future<Output = Result<Value, HandlerError>> + Send;
}

/// The largest result of a handler, as JSON. The service holds at most 256 KB per step.
pub const MAX_RESULT_BYTES: usize = 200 * 1024;
