//! The trace context that a step checkpoints with its result.

use opentelemetry::trace::{SpanId, TraceId};
use serde::{Deserialize, Serialize};

use crate::traceparent::TraceParent;

/// A step's result with the place of its last try in the trace. A result that was checkpointed without one is read too,
/// so that executions in flight continue across a deployment; read the result of a step that may have checkpointed `null`
/// as `Option<Checkpointed<_>>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpointed<T> {
    /// The result; its fields are the checkpoint's own.
    #[serde(flatten)]
    pub value: T,
    #[serde(rename = "trace", default, skip_serializing_if = "Option::is_none")]
    pub(crate) origin: Option<Origin>,
}

impl<T> Checkpointed<T> {
    /// The trace that the try is in.
    #[must_use]
    pub fn trace_id(&self) -> Option<TraceId> {
        self.origin.map(|origin| origin.parent.trace_id)
    }
}

/// The place of a try in the trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Origin {
    /// The execution's parent, the same for all of its steps.
    pub(crate) parent: TraceParent,
    /// The span of the try.
    #[serde(with = "hex_digits")]
    pub(crate) span: SpanId,
}

/// The result of a step that has none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nothing {}

/// A span id as 16 hex digits.
mod hex_digits {
    use opentelemetry::trace::SpanId;
    use serde::{Deserialize, Deserializer, Serializer, de};

    use crate::traceparent::span_id;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference over")]
    pub(super) fn serialize<S: Serializer>(id: &SpanId, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(id)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SpanId, D::Error> {
        span_id(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Sum {
        result: serde_json::Value,
        at_ms: i64,
    }

    #[test]
    fn a_result_survives_with_and_without_its_place_in_the_trace() {
        let value = Sum {
            result: serde_json::json!({"trace": "its own", "n": 1.5, "big": u64::MAX}),
            at_ms: -7,
        };
        let parent: TraceParent = "00-6553f100d7e21b8ed24b0a7d4b0a7d4b-00f067aa0ba902b7-01"
            .parse()
            .unwrap();
        for origin in [
            None,
            Some(Origin {
                parent,
                span: parent.span_id,
            }),
        ] {
            let checkpointed = Checkpointed {
                value: value.clone(),
                origin,
            };
            let json = serde_json::to_string(&checkpointed).unwrap();
            assert_eq!(
                serde_json::from_str::<Checkpointed<Sum>>(&json).unwrap(),
                checkpointed,
                "{json}"
            );
            assert_eq!(
                serde_json::from_str::<Sum>(&json).unwrap(),
                value,
                "code without traces reads it too"
            );
        }
    }

    #[test]
    fn the_checkpointed_form_stays_as_it_was_released() {
        let json = r#"{"result":1,"at_ms":2,"trace":{"parent":"00-6553f100d7e21b8ed24b0a7d4b0a7d4b-00f067aa0ba902b7-01","span":"00ad7a26efceb0a2"}}"#;
        let checkpointed: Checkpointed<Sum> = serde_json::from_str(json).unwrap();
        assert_eq!(
            checkpointed.trace_id().unwrap().to_string(),
            "6553f100d7e21b8ed24b0a7d4b0a7d4b"
        );
        assert_eq!(serde_json::to_string(&checkpointed).unwrap(), json);
    }

    #[test]
    fn a_result_that_was_checkpointed_without_a_trace_is_read() {
        assert_eq!(
            serde_json::from_str::<Option<Checkpointed<Nothing>>>("null").unwrap(),
            None
        );
        let old: Checkpointed<Sum> = serde_json::from_str(r#"{"result":1,"at_ms":2}"#).unwrap();
        assert_eq!(old.origin, None);
    }
}
