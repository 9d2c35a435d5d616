//! A span as it was received, in the form in which it is stored, returned as JSON and drawn.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Attributes by key. Integers and doubles are numbers, bytes are base64, lists and maps stay such.
pub type Attributes = BTreeMap<String, Value>;

/// One span. Ids are lower-case hex digits, times are nanoseconds since the Unix epoch.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Span {
    /// 32 digits.
    pub trace_id: String,
    /// 16 digits.
    pub span_id: String,
    /// The span around it; none for a root.
    pub parent_span_id: Option<String>,
    /// The W3C `tracestate`; mostly empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub trace_state: String,
    /// The name of the operation.
    pub name: String,
    /// Its role in a call.
    pub kind: SpanKind,
    /// When it began.
    pub start_ns: u64,
    /// When it ended.
    pub end_ns: u64,
    /// Attributes by key.
    pub attributes: Attributes,
    /// Events in their order.
    pub events: Vec<SpanEvent>,
    /// Spans that it has to do with.
    pub links: Vec<SpanLink>,
    /// The final status.
    pub status: SpanStatus,
    /// The attributes of the process that made it.
    pub resource: Attributes,
    /// The library that made it.
    pub scope: String,
    /// Attributes, events and links that its limits made the exporter drop.
    pub dropped: u32,
    /// The number of times that it was received. More than one is an exporter's retry, a span that was made twice, or a
    /// root that ended again.
    #[serde(default)]
    pub received: u64,
    /// True when another span with the same ids had other content. The one that ends last is kept, of equals the first:
    /// the root of a redriven webhook ends once more.
    #[serde(default)]
    pub differs: bool,
}

/// OpenTelemetry's span kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SpanKind {
    /// The exporter did not say.
    #[default]
    Unspecified,
    /// Within one process.
    Internal,
    /// Serves a call.
    Server,
    /// Makes a call.
    Client,
    /// Hands on a message.
    Producer,
    /// Takes a message up.
    Consumer,
}

/// The final status of a span.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpanStatus {
    /// The code; unset when the producer set none.
    pub code: StatusCode,
    /// The message of a failed span.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
}

/// OpenTelemetry's status codes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StatusCode {
    /// No status, as most good spans end.
    #[default]
    Unset,
    /// It went well.
    Ok,
    /// It failed.
    Error,
}

/// Something that happened at one moment of a span.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SpanEvent {
    /// When.
    pub time_ns: u64,
    /// The name of the event.
    pub name: String,
    /// More about it.
    pub attributes: Attributes,
}

/// Another span that a span has to do with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SpanLink {
    /// The other span's trace.
    pub trace_id: String,
    /// The other span.
    pub span_id: String,
    /// Attributes that explain the link.
    pub attributes: Attributes,
}

impl Span {
    /// The duration in nanoseconds; 0 for a span whose clock went back.
    #[must_use]
    pub const fn duration_ns(&self) -> u64 {
        self.end_ns.saturating_sub(self.start_ns)
    }

    /// True when the status is an error.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.status.code == StatusCode::Error
    }

    /// An attribute that is a text.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        self.attributes.get(key).and_then(Value::as_str)
    }

    /// An attribute that is a number, or a text that is one.
    #[must_use]
    pub fn number(&self, key: &str) -> Option<u64> {
        let value = self.attributes.get(key)?;
        value.as_u64().or_else(|| value.as_str()?.parse().ok())
    }

    /// True when the attribute is the boolean true.
    #[must_use]
    pub fn is_true(&self, key: &str) -> bool {
        self.attributes.get(key).and_then(Value::as_bool).unwrap_or(false)
    }

    /// The service that made it, `unknown` when it did not say.
    #[must_use]
    pub fn service(&self) -> &str {
        self.resource
            .get("service.name")
            .and_then(Value::as_str)
            .unwrap_or("unknown")
    }
}

impl SpanKind {
    /// The kind as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::Internal => "internal",
            Self::Server => "server",
            Self::Client => "client",
            Self::Producer => "producer",
            Self::Consumer => "consumer",
        }
    }
}
