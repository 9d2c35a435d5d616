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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use tracehook_core::body::BodyForm;
    use tracehook_core::trace::{SpanId, TraceId, TraceParent};
    use tracehook_core::{ExecutionToken, Timestamp};

    use super::*;

    #[tokio::test]
    async fn it_records_type_source_and_number_of_fields() {
        let (token, received_at) = (ExecutionToken::from_random([7; 16]), Timestamp::from_epoch_ms(0));
        let context = HandlerContext {
            token,
            source: "shop".parse().unwrap(),
            attempt: 1,
            try_number: 1,
            idempotency_key: "key".to_owned(),
            traceparent: TraceParent {
                trace_id: TraceId::derive(received_at, &token),
                span_id: SpanId::from_random([1; 8]),
                sampled: true,
            },
        };
        for (body, fields) in [(r#"{"a":{"b":1},"c":[2]}"#, 2), ("[1,2]", 0), ("\"text\"", 0)] {
            let event = Event {
                event_type: "order.paid".to_owned(),
                subject: "shop".to_owned(),
                delivery_id: None,
                content_type: None,
                content_encoding: None,
                body_form: BodyForm::Json,
                headers: BTreeMap::new(),
                body: body.into(),
                received_at,
            };
            let mut recorded = Recorder.handle(&event, &context).await.unwrap();
            assert!(recorded["processedAt"].is_string(), "{body}");
            recorded.as_object_mut().unwrap().remove("processedAt");
            let expected = json!({"eventType": "order.paid", "source": "shop", "fields": fields});
            assert_eq!(recorded, expected, "{body}");
        }
    }
}
