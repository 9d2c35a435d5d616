//! What a step checkpoints beside its result.

use serde::{Deserialize, Serialize};
use tracehook_core::trace::{SpanId, TraceId, TraceParent};

/// A step's result with the place of its attempt in the trace. A result that was checkpointed without one is read too,
/// so that executions in flight go on across a deployment; `null`, which some steps have checkpointed, is an
/// `Option<Checkpointed<_>>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpointed<T> {
    /// The result; its fields are the checkpoint's own.
    #[serde(flatten)]
    pub value: T,
    #[serde(rename = "trace", default, skip_serializing_if = "Option::is_none")]
    pub(super) origin: Option<Origin>,
}

impl<T> Checkpointed<T> {
    /// The trace that the attempt is in.
    #[must_use]
    pub fn trace_id(&self) -> Option<TraceId> {
        self.origin.map(|origin| origin.parent.trace_id)
    }
}

/// Where an attempt is in the trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Origin {
    /// The execution's parent, the same for all of its steps.
    pub(super) parent: TraceParent,
    /// The span of the attempt.
    pub(super) span: SpanId,
}

/// The result of a step that has none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nothing {}

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
                "older code reads it too"
            );
        }
    }

    #[test]
    fn what_was_checkpointed_before_there_were_traces_is_read() {
        assert_eq!(
            serde_json::from_str::<Option<Checkpointed<Nothing>>>("null").unwrap(),
            None
        );
        let old: Checkpointed<Sum> = serde_json::from_str(r#"{"result":1,"at_ms":2}"#).unwrap();
        assert_eq!(old.origin, None);
    }
}
