//! The spans and metrics of a test, as they would be exported. Nothing leaves the process.

mod counting;

use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use durable_traces::{Exporter, OnDropped, Take};
use opentelemetry::trace::{SpanId as OtelSpanId, Status};
use tracehook_core::env::Env;
use tracehook_core::trace::{SpanId, TraceId};
use tracing::Dispatch;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::filter::dynamic_filter_fn;
use tracing_subscriber::layer::SubscriberExt;

use crate::instrumentation::INSTRUMENTATION;
use crate::{Config, ids, metrics};

pub use counting::Counting;

/// Records the spans of this thread until it is dropped.
#[derive(Debug)]
pub struct Recording {
    exporter: Arc<Exporter>,
    _current: DefaultGuard,
}

/// An ended span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    pub name: String,
    pub trace_id: TraceId,
    pub span_id: SpanId,
    /// None for the first span of a trace.
    pub parent: Option<SpanId>,
    /// Names and values, in the order of export.
    pub attributes: Vec<(String, String)>,
    /// The linked spans, by relation.
    pub links: Vec<(String, SpanId)>,
    /// The message of its error.
    pub failure: Option<String>,
    /// Whether its status says that it went well.
    pub is_ok: bool,
    pub began: SystemTime,
    pub ended: SystemTime,
}

impl Recorded {
    /// The value of an attribute.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let (_, value) = self.attributes.iter().find(|(known, _)| known == name)?;
        Some(value)
    }

    /// The first span that is linked by `relation`.
    #[must_use]
    pub fn link(&self, relation: &str) -> Option<SpanId> {
        let (_, span) = self.links.iter().find(|(known, _)| known == relation)?;
        Some(*span)
    }
}

impl Recording {
    /// Keeps `tracing` from disabling a call site for all threads, because a thread that records nothing reached it first
    /// while another thread began to record. Each test of a process in which some record calls it before its first span.
    ///
    /// `tracing` decides for a new call site by the subscriber of the thread alone while it knows fewer than two
    /// subscribers, so there are two that leave it undecided.
    pub fn prepare() {
        static UNDECIDED: OnceLock<[Dispatch; 2]> = OnceLock::new();
        let undecided = || Dispatch::new(tracing_subscriber::registry().with(dynamic_filter_fn(|_, _| false)));
        UNDECIDED.get_or_init(|| [undecided(), undecided()]);
    }

    /// Starts recording. None when the recorder cannot be set up.
    #[must_use]
    pub fn start() -> Option<Self> {
        Self::prepare();
        let mut env = Env::new(|name| match name {
            "OTEL_EXPORTER_OTLP_ENDPOINT" => Some("http://127.0.0.1:9".to_owned()),
            // Refused requests are recorded, too.
            "REJECTED_TRACES_RATIO" => Some("1".to_owned()),
            _ => None,
        });
        let config = Config::read(&mut env)?;
        let exporter = Arc::new(Exporter::new(
            config.traces.as_ref()?,
            OnDropped::new(metrics::telemetry_dropped),
        )?);
        exporter.pause();
        let subscriber =
            tracing_subscriber::registry().with(durable_traces::layers(Arc::clone(&exporter), INSTRUMENTATION));
        Some(Self {
            exporter,
            _current: tracing::subscriber::set_default(subscriber),
        })
    }

    /// The spans that have ended since the last time, in that order.
    #[must_use]
    pub fn ended(&self) -> Vec<Recorded> {
        let spans = self.exporter.buffer().take(usize::MAX, Take::All);
        let id = |id: OtelSpanId| SpanId::from_random(id.to_bytes());
        let pair = |attribute: &opentelemetry::KeyValue| (attribute.key.to_string(), attribute.value.to_string());
        spans
            .into_iter()
            .map(|span| Recorded {
                name: span.name.to_string(),
                trace_id: ids::trace_id(span.span_context.trace_id()),
                span_id: id(span.span_context.span_id()),
                parent: (span.parent_span_id != OtelSpanId::INVALID).then(|| id(span.parent_span_id)),
                attributes: span.attributes.iter().map(pair).collect(),
                links: span
                    .links
                    .iter()
                    .map(|link| {
                        let relation = link.attributes.iter().map(|attribute| attribute.value.to_string());
                        (relation.collect(), id(link.span_context.span_id()))
                    })
                    .collect(),
                is_ok: span.status == Status::Ok,
                began: span.start_time,
                ended: span.end_time,
                failure: match span.status {
                    Status::Error { description } => Some(description.into_owned()),
                    _ => None,
                },
            })
            .collect()
    }
}
