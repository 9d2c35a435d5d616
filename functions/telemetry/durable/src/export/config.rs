//! The configuration of an exporter.

use std::time::Duration;

use http::{HeaderMap, Uri};
use opentelemetry::KeyValue;

use crate::sampler::Sampler;

/// The backend and the form of requests.
#[derive(Debug, Clone, PartialEq)]
pub struct ExporterConfig {
    /// The URL that OTLP/HTTP requests are posted to.
    pub endpoint: Uri,
    /// Headers of every request. Mark those that hold keys as sensitive.
    pub headers: HeaderMap,
    /// The region that requests are signed for; none sends them unsigned. Signatures are for X-Ray.
    pub sign_for: Option<String>,
    /// The longest time for a request.
    pub timeout: Duration,
    /// Whether requests are compressed.
    pub gzip: bool,
    /// Which traces are exported.
    pub sampler: Sampler,
    /// The attributes of the resource of the spans.
    pub resource: Vec<KeyValue>,
    /// The scope of spans that belong to another service than this process's, and the attributes of that resource.
    pub other: Option<(&'static str, Vec<KeyValue>)>,
}
