//! Spans and metrics of a test, read back as they would be exported. Nothing leaves the process.

mod counting;

use std::sync::{Arc, OnceLock};

use opentelemetry::trace::{SpanId as OtelSpanId, Status};
use tracehook_core::env::Env;
use tracehook_core::trace::{SpanId, TraceId};
use tracing::Dispatch;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::filter::dynamic_filter_fn;
use tracing_subscriber::layer::SubscriberExt;

use crate::Config;
use crate::export::Exporter;
use crate::trace::{self, Spans, Which};

pub use counting::Counting;

/// Records the spans of this thread until it is dropped.
#[derive(Debug)]
pub struct Recording {
    exporter: Arc<Exporter>,
    _current: DefaultGuard,
}

/// A span that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Its name.
    pub name: String,
    /// Its trace.
    pub trace_id: TraceId,
    /// Its id.
    pub span_id: SpanId,
    /// The span that it is under.
    pub parent: Option<SpanId>,
    /// What it says.
    pub attributes: Vec<(String, String)>,
    /// The spans that it is linked to, by relation.
    pub links: Vec<(String, SpanId)>,
    /// The message of its error.
    pub failure: Option<String>,
}

impl Recorded {
    /// An attribute's value.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let (_, value) = self.attributes.iter().find(|(known, _)| known == name)?;
        Some(value)
    }

    /// The span that a link of that relation leads to.
    #[must_use]
    pub fn link(&self, relation: &str) -> Option<SpanId> {
        let (_, span) = self.links.iter().find(|(known, _)| known == relation)?;
        Some(*span)
    }
}

impl Recording {
    /// Makes sure that a span is never taken for one that nobody wants, because a thread that records nothing used it
    /// first just when another began to record. Call it before the first span of a process whose tests do both.
    pub fn prepare() {
        static UNDECIDED: OnceLock<Dispatch> = OnceLock::new();
        UNDECIDED.get_or_init(|| Dispatch::new(tracing_subscriber::registry().with(dynamic_filter_fn(|_, _| false))));
    }

    /// Begins to record. None when the recorder cannot be set up.
    #[must_use]
    pub fn start() -> Option<Self> {
        let mut env = Env::new(|name| (name == "OTEL_EXPORTER_OTLP_ENDPOINT").then(|| "http://127.0.0.1:9".to_owned()));
        let config = Config::read(&mut env)?;
        let exporter = Arc::new(Exporter::new(&config)?);
        exporter.pause();
        let subscriber = tracing_subscriber::registry().with(trace::layers(Spans::new(Arc::clone(&exporter))));
        Some(Self {
            exporter,
            _current: tracing::subscriber::set_default(subscriber),
        })
    }

    /// The spans that have ended since the last time, in that order.
    #[must_use]
    pub fn ended(&self) -> Vec<Recorded> {
        let spans = self.exporter.buffer().take(usize::MAX, Which::All);
        let id = |id: OtelSpanId| SpanId::from_random(id.to_bytes());
        let pair = |attribute: &opentelemetry::KeyValue| (attribute.key.to_string(), attribute.value.to_string());
        spans
            .into_iter()
            .map(|span| Recorded {
                name: span.name.to_string(),
                trace_id: TraceId::from_bytes(span.span_context.trace_id().to_bytes()),
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
                failure: match span.status {
                    Status::Error { description } => Some(description.into_owned()),
                    _ => None,
                },
            })
            .collect()
    }
}
