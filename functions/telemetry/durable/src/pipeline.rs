//! The layers that turn `tracing` spans into OpenTelemetry spans, and the way from a span to its exporter.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use opentelemetry::trace::{Span as _, TracerProvider};
use opentelemetry::{Context, InstrumentationScope};
use opentelemetry_sdk::trace::{IdGenerator, SdkTracer, SdkTracerProvider, Span, SpanData, SpanProcessor};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::Registry;

use crate::attributes::SCHEMA_URL;
use crate::buffer::Buffer;
use crate::export::Exporter;
use crate::ids::Ids;
use crate::traceparent::TraceParent;

/// The crates of libraries whose spans are not part of a trace. One that ends with an underscore stands for all crates whose
/// names begin so.
const LIBRARIES: [&str; 24] = [
    "aws_config",
    "aws_credential_types",
    "aws_durable_execution_sdk",
    "aws_runtime",
    "aws_sdk_",
    "aws_sigv4",
    "aws_smithy_",
    "aws_types",
    "h2",
    "hyper",
    "hyper_",
    "lambda_runtime",
    "lambda_runtime_",
    "log",
    "mio",
    "opentelemetry",
    "opentelemetry_",
    "reqwest",
    "rustls",
    "tokio",
    "tokio_",
    "tonic",
    "tower",
    "want",
];

/// Whether a `tracing` target belongs to one of the libraries below an application, and not to code of its own.
#[must_use]
pub fn is_library(target: &str) -> bool {
    let name = target.split("::").next().unwrap_or_default();
    LIBRARIES
        .iter()
        .any(|library| name == *library || library.ends_with('_') && name.starts_with(library))
}

/// The application's part of the pipeline.
#[derive(Debug, Clone, Copy)]
pub struct Instrumentation {
    /// The name of the instrumentation scope in every exported span.
    pub scope: &'static str,
    /// The version of the application that has the spans.
    pub version: &'static str,
    /// Prefixes of the `tracing` targets of further spans that are not part of a trace.
    pub hidden: &'static [&'static str],
    /// How far the clock of the spans is ahead of the system's. A span has the lead of its end, so its length stays true.
    pub lead: fn() -> Duration,
}

/// Finds the exporter of a span, or of the current subscriber. A layer that records nothing.
#[derive(Debug, Clone)]
pub struct Spans {
    exporter: Arc<Exporter>,
    instrumentation: Instrumentation,
}

/// The scope of an application's spans.
#[must_use]
pub fn scope(name: &'static str, version: &'static str) -> InstrumentationScope {
    InstrumentationScope::builder(name)
        .with_version(version)
        .with_schema_url(SCHEMA_URL)
        .build()
}

impl Spans {
    pub(crate) const fn new(exporter: Arc<Exporter>, instrumentation: Instrumentation) -> Self {
        Self {
            exporter,
            instrumentation,
        }
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
        scope(self.instrumentation.scope, self.instrumentation.version)
    }

    /// The first span of a trace that begins now.
    #[must_use]
    pub fn new_trace(&self, sampled: bool) -> TraceParent {
        TraceParent {
            trace_id: Ids.new_trace_id(),
            span_id: Ids.new_span_id(),
            sampled,
        }
    }

    /// Now, on the clock of the spans.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        let now = SystemTime::now();
        now.checked_add((self.instrumentation.lead)()).unwrap_or(now)
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
    let tracer: SdkTracer = provider.tracer_with_scope(scope(instrumentation.scope, instrumentation.version));
    let filter = filter_fn(move |metadata| {
        // A log line may hold what its author meant for the log alone, and its fields are in no convention.
        let mut hidden = instrumentation.hidden.iter();
        metadata.is_span()
            && *metadata.level() <= LevelFilter::INFO
            && !is_library(metadata.target())
            && !hidden.any(|prefix| metadata.target().starts_with(prefix))
    })
    // Lower levels cost a comparison.
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
    let spans = Spans::new(exporter, instrumentation);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_of_the_application_is_no_library_whatever_its_name_begins_with() {
        for library in [
            "aws_sdk_dynamodb",
            "aws_smithy_runtime::client",
            "hyper_util",
            "log",
            "tower::buffer",
        ] {
            assert!(is_library(library), "{library}");
        }
        for own in [
            "orders",
            "logistics::parcels",
            "want_list",
            "aws_costs",
            "h2o",
            "towers",
        ] {
            assert!(!is_library(own), "{own}");
        }
    }
}
