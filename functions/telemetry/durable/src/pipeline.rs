//! The layers that turn `tracing` spans into OpenTelemetry spans, and the way from a span to its exporter.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use opentelemetry::trace::{Span as _, TracerProvider};
use opentelemetry::{Context, InstrumentationScope};
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider, Span, SpanData, SpanProcessor};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::Registry;

use crate::buffer::Buffer;
use crate::export::Exporter;
use crate::ids::Ids;

/// Prefixes of the targets of libraries. Their spans and events are not part of a trace.
const LIBRARIES: [&str; 13] = [
    "aws_",
    "h2",
    "hyper",
    "lambda_",
    "log",
    "mio",
    "opentelemetry",
    "reqwest",
    "rustls",
    "tokio",
    "tonic",
    "tower",
    "want",
];

/// The application's part of the pipeline.
#[derive(Debug, Clone, Copy)]
pub struct Instrumentation {
    /// The name of the instrumentation scope in every exported span.
    pub scope: &'static str,
    /// Prefixes of the `tracing` targets of further spans and events that are not part of a trace.
    pub hidden: &'static [&'static str],
    /// How far the clock of the spans is ahead of the system's. A span has the lead of its end, so its length stays true.
    pub lead: fn() -> Duration,
}

/// Finds the exporter of a span, or of the current subscriber. A layer that records nothing.
#[derive(Debug, Clone)]
pub struct Spans {
    exporter: Arc<Exporter>,
    scope: &'static str,
}

impl Spans {
    pub(crate) const fn new(exporter: Arc<Exporter>, scope: &'static str) -> Self {
        Self { exporter, scope }
    }

    /// The spans of the current subscriber; none when traces are off.
    #[must_use]
    pub fn current() -> Option<Self> {
        tracing::dispatcher::get_default(|dispatch| dispatch.downcast_ref::<Self>().cloned())
    }

    /// The spans of the subscriber that a span belongs to.
    pub(crate) fn of(span: &tracing::Span) -> Option<Self> {
        span.with_subscriber(|(_, dispatch)| dispatch.downcast_ref::<Self>().cloned())
            .flatten()
    }

    /// The scope of spans that are made without `tracing`.
    pub(crate) fn scope(&self) -> InstrumentationScope {
        InstrumentationScope::builder(self.scope).build()
    }

    /// The spans that wait for their export.
    #[must_use]
    pub fn buffer(&self) -> &Buffer {
        self.exporter.buffer()
    }

    /// Exports the complete spans, and waits for it as long as a flush does.
    pub async fn export_now(&self) {
        self.exporter.export_now().await;
    }

    /// Exports the complete spans in the background.
    pub fn export_soon(&self) {
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let exporter = Arc::clone(&self.exporter);
            runtime.spawn(async move { exporter.export_complete().await });
        }
    }
}

impl<S: tracing::Subscriber> Layer<S> for Spans {}

/// The layers that make OpenTelemetry spans and put them into the exporter's buffer when they end.
#[must_use]
pub fn layers(exporter: Arc<Exporter>, instrumentation: Instrumentation) -> Box<dyn Layer<Registry> + Send + Sync> {
    let provider = SdkTracerProvider::builder()
        .with_span_processor(Buffering {
            buffer: Arc::clone(exporter.buffer()),
            lead: instrumentation.lead,
        })
        .with_id_generator(Ids)
        // Whether a span is exported is decided when its trace is known.
        .with_sampler(opentelemetry_sdk::trace::Sampler::AlwaysOn)
        .with_resource(opentelemetry_sdk::Resource::builder_empty().build())
        .build();
    let tracer: SdkTracer = provider.tracer(instrumentation.scope);
    let filter = filter_fn(move |metadata| {
        let most = if metadata.is_span() {
            LevelFilter::INFO
        } else {
            LevelFilter::WARN
        };
        let mut hidden = LIBRARIES.iter().chain(instrumentation.hidden);
        *metadata.level() <= most && !hidden.any(|prefix| metadata.target().starts_with(prefix))
    })
    // Lower levels cost a comparison, and libraries log a thousand such events for each invocation.
    .with_max_level_hint(LevelFilter::INFO);
    let layer = tracing_opentelemetry::layer()
        .with_tracer(tracer)
        .with_context_activation(false)
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        .with_level(false)
        .with_target(false);
    // One filter around both layers: a layer without a filter is asked about every event of every library.
    let spans = Spans::new(exporter, instrumentation.scope);
    Box::new(spans.and_then(layer).with_filter(filter))
}

/// Puts ended spans into the buffer.
#[derive(Debug)]
struct Buffering {
    buffer: Arc<Buffer>,
    lead: fn() -> Duration,
}

impl SpanProcessor for Buffering {
    fn on_start(&self, span: &mut Span, _: &Context) {
        self.buffer.opened(span.span_context().span_id());
    }

    fn on_end(&self, mut span: SpanData) {
        let lead = (self.lead)();
        let later = |time: SystemTime| time.checked_add(lead).unwrap_or(time);
        (span.start_time, span.end_time) = (later(span.start_time), later(span.end_time));
        for event in &mut span.events.events {
            event.timestamp = later(event.timestamp);
        }
        self.buffer.push(span);
    }

    fn force_flush(&self) -> opentelemetry_sdk::error::OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> opentelemetry_sdk::error::OTelSdkResult {
        Ok(())
    }
}
