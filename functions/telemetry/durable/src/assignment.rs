//! The place of a provisional trace's spans.

use opentelemetry::KeyValue;

use crate::traceparent::TraceParent;

/// Names and values that describe a process or a unit of work.
pub type Properties = Vec<(String, String)>;

/// Assigns the spans of a provisional trace to a parent, and gives them attributes.
#[derive(Debug, Clone, Default)]
pub struct Assignment {
    /// The span that the trace's parentless spans become children of; none leaves the trace as it is.
    pub parent: Option<TraceParent>,
    /// Attributes of every span of the trace. A span's own attribute of the same name wins.
    pub attributes: Vec<KeyValue>,
    /// Whether the trace is one of many that say little: the sampler may keep fewer of them.
    pub is_minor: bool,
}
