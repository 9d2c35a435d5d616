//! The handler that is deployed by default.

use serde_json::{Value, json};
use tracehook_core::body::Shape;
use tracehook_runtime::clock;

use crate::event::{Event, HandlerContext};
use crate::failure::HandlerError;
use crate::handler::Handler;

/// Describes the webhook: the event's type, its source, the number of its fields, and the time.
#[derive(Debug, Clone, Copy)]
pub struct Recorder;

impl Handler for Recorder {
    async fn handle(&self, event: &Event, context: &HandlerContext) -> Result<Value, HandlerError> {
        let shape = Shape::read(&event.decoded()?, &[])
            .map_err(|_| HandlerError::permanent("payload_mismatch", "the payload is not JSON"))?;
        Ok(json!({
            "eventType": event.event_type,
            "source": context.source.as_str(),
            "fields": shape.fields,
            "processedAt": clock::now(),
        }))
    }
}
