//! The place of a span in its trace, in the form that travels between processes.

use std::fmt;
use std::str::FromStr;

use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A trace, one of its spans, and whether the trace is exported.
///
/// Source of the text form: W3C Trace Context, version 00.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceParent {
    /// The trace.
    pub trace_id: TraceId,
    /// The span.
    pub span_id: SpanId,
    /// Whether spans of this trace are exported.
    pub sampled: bool,
}

/// The text is not a `traceparent` of version 00.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a traceparent of version 00")]
pub struct InvalidTraceParent;

impl TraceParent {
    /// The span context of a remote parent.
    #[must_use]
    pub fn span_context(&self) -> SpanContext {
        SpanContext::new(
            self.trace_id,
            self.span_id,
            TraceFlags::default().with_sampled(self.sampled),
            true,
            TraceState::default(),
        )
    }
}

impl From<&SpanContext> for TraceParent {
    fn from(context: &SpanContext) -> Self {
        Self {
            trace_id: context.trace_id(),
            span_id: context.span_id(),
            sampled: context.is_sampled(),
        }
    }
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flags = u8::from(self.sampled);
        write!(f, "00-{}-{}-{flags:02x}", self.trace_id, self.span_id)
    }
}

impl FromStr for TraceParent {
    type Err = InvalidTraceParent;

    fn from_str(text: &str) -> Result<Self, InvalidTraceParent> {
        let mut parts = text.split('-');
        let (Some("00"), Some(trace), Some(span), Some(flags), None) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(InvalidTraceParent);
        };
        let trace_id = TraceId::from_bytes(bytes(trace)?);
        if trace_id == TraceId::INVALID {
            return Err(InvalidTraceParent);
        }
        Ok(Self {
            trace_id,
            span_id: span_id(span)?,
            sampled: u8::from_be_bytes(bytes(flags)?) & 1 == 1,
        })
    }
}

impl Serialize for TraceParent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TraceParent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// A span id from its 16 hex digits. All zeros are no span id.
pub(crate) fn span_id(text: &str) -> Result<SpanId, InvalidTraceParent> {
    let id = SpanId::from_bytes(bytes(text)?);
    if id == SpanId::INVALID {
        return Err(InvalidTraceParent);
    }
    Ok(id)
}

fn bytes<const N: usize>(hex_digits: &str) -> Result<[u8; N], InvalidTraceParent> {
    let mut bytes = [0; N];
    hex::decode_to_slice(hex_digits, &mut bytes).map_err(|_| InvalidTraceParent)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_traceparent_survives_its_text_and_its_span_context() {
        for text in [
            "00-6553f100d7e21b8ed24b0a7d4b0a7d4b-00f067aa0ba902b7-01",
            "00-6553f100d7e21b8ed24b0a7d4b0a7d4b-00f067aa0ba902b7-00",
        ] {
            let parent: TraceParent = text.parse().unwrap();
            assert_eq!(parent.to_string(), text);
            assert_eq!(TraceParent::from(&parent.span_context()), parent);
        }
    }

    #[test]
    fn text_of_another_form_is_refused() {
        for bad in [
            "",
            "00-0-0-0",
            "01-6553f100d7e21b8ed24b0a7d4b0a7d4b-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-6553f100d7e21b8ed24b0a7d4b0a7d4b-0000000000000000-01",
            "00-+553f100d7e21b8ed24b0a7d4b0a7d4b-00f067aa0ba902b7-01",
            "00-6553f100d7e21b8ed24b0a7d4b0a7d4b-00f067aa0ba902b7-01-x",
        ] {
            assert_eq!(bad.parse::<TraceParent>(), Err(InvalidTraceParent), "{bad}");
        }
    }
}
