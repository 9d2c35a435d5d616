//! The trace context that a step checkpoints with its result.

use std::time::{Duration, SystemTime};

use opentelemetry::trace::{SpanId, TraceId};
use serde::{Deserialize, Serialize};

use crate::operation::Period;
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
        self.origin.as_ref().map(|origin| origin.parent.trace_id)
    }
}

/// The place of a try in the trace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Origin {
    /// The execution's parent, the same for all of its steps.
    pub(crate) parent: TraceParent,
    /// The span of the try.
    #[serde(with = "hex_digits")]
    pub(crate) span: SpanId,
    /// The try, for an invocation that has to tell it. Earlier versions left it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ran: Option<Ran>,
}

/// The try that a step's result is from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ran {
    pub(crate) number: u32,
    began_us: u64,
    ended_us: u64,
    pub(crate) invocation: RanIn,
}

/// The invocation that a try ran in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RanIn {
    pub(crate) id: String,
    #[serde(with = "hex_digits")]
    pub(crate) span: SpanId,
    began_us: u64,
}

impl Ran {
    pub(crate) fn new(number: u32, period: Period, invocation: RanIn) -> Self {
        Self {
            number,
            began_us: micros(period.began),
            ended_us: micros(period.ended),
            invocation,
        }
    }

    pub(crate) fn period(&self) -> Period {
        Period {
            began: time(self.began_us),
            ended: time(self.ended_us),
        }
    }
}

impl RanIn {
    pub(crate) fn new(span: SpanId, id: &str, began: SystemTime) -> Self {
        Self {
            id: id.to_owned(),
            span,
            began_us: micros(began),
        }
    }

    pub(crate) fn began(&self) -> SystemTime {
        time(self.began_us)
    }

    /// The place of its span in the trace of `parent`.
    pub(crate) const fn place(&self, parent: &TraceParent) -> TraceParent {
        TraceParent {
            span_id: self.span,
            ..*parent
        }
    }
}

fn micros(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    since.as_micros().try_into().unwrap_or(u64::MAX)
}

fn time(micros: u64) -> SystemTime {
    let since = SystemTime::UNIX_EPOCH.checked_add(Duration::from_micros(micros));
    since.unwrap_or(SystemTime::UNIX_EPOCH)
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
        let period = Period {
            began: time(1_700_000_000_000_001),
            ended: time(1_700_000_000_000_002),
        };
        let ran = Ran::new(2, period, RanIn::new(parent.span_id, "r-1", period.began));
        assert_eq!((ran.period(), ran.invocation.began()), (period, period.began));
        let origin = |ran| Origin {
            parent,
            span: parent.span_id,
            ran,
        };
        for origin in [None, Some(origin(None)), Some(origin(Some(ran)))] {
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
