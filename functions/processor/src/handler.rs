//! The one place for business logic.

use serde_json::Value;

use crate::event::{Event, HandlerContext};
use crate::failure::HandlerError;

/// Does the work for a webhook, in the `process` step.
///
/// # At least once
///
/// For a webhook that completes, the handler has returned once with a result that was checkpointed. It may have run before
/// that, in part or to its end, any number of times: a try whose process was killed, that took longer than the function's
/// timeout, or whose checkpoint did not arrive runs again, under the same [`HandlerContext::try_number`]; a try that
/// failed with [`HandlerError::transient`] runs again under the next one. Two tries can overlap in their effects: a call
/// that the killed try had sent may arrive after those of the next.
///
/// An effect happens once only if its receiver ensures it: send [`HandlerContext::idempotency_key`] with it, or
/// write under a condition that the second write fails. The key is the same for every try of an attempt, also across
/// crashes and deployments. A redrive, which a person asks for to have the work done again, opens the next
/// [`HandlerContext::attempt`], which has another key. Where one handler has several effects, append a name of each to the
/// key. Nothing may depend on an effect being the first: "it is there already" is a success.
///
/// The runnable `examples/forward.rs` posts every webhook to an HTTP endpoint so.
///
/// # Result and failures
///
/// The result is checkpointed and becomes the execution's result; it must stay under `MAX_RESULT_BYTES` and is visible
/// to whoever may read executions. [`HandlerError::transient`] is tried again until the tries of the step are used up;
/// [`HandlerError::permanent`], a body that [`Event::json`] cannot read, and a panic (`handler_panicked`) end the webhook
/// `failed` at once. A webhook that fails holds up no other: between its tries it has no invocation, and the tries of
/// others do not wait for its own.
pub trait Handler: Send + Sync + 'static {
    /// Handles one webhook.
    fn handle(
        &self,
        event: &Event,
        context: &HandlerContext,
    ) -> impl Future<Output = Result<Value, HandlerError>> + Send;
}

/// The largest result of a handler, as JSON. The service holds at most 256 KB per step.
pub(crate) const MAX_RESULT_BYTES: usize = 200 * 1024;
