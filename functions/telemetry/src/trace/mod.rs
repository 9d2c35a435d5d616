//! From `tracing` spans to ended OpenTelemetry spans in memory.
//!
//! A unit of work often learns late which trace it belongs to: a request becomes a webhook when its signature was
//! verified, an execution finds its webhook's trace in the record that a step reads. Its spans begin in a provisional
//! trace of their own, and [`belongs`] says where they are to be found when they are exported.

mod attributes;
mod buffer;
mod ids;
mod sampler;

use std::sync::Arc;

use opentelemetry::trace::{
    Span as _, SpanContext, SpanId as OtelSpanId, Status, TraceContextExt, TraceFlags, TraceId as OtelTraceId,
    TraceState, TracerProvider,
};
use opentelemetry::{Context, InstrumentationScope, KeyValue};
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider, Span, SpanData, SpanProcessor};
use tracehook_core::trace::{SpanId, TraceId, TraceParent};
use tracing::level_filters::LevelFilter;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::Registry;

pub(crate) use attributes::*;
#[cfg(test)]
pub(crate) use buffer::CAPACITY;
pub(crate) use buffer::{Belonging, Buffer, Which};
pub(crate) use sampler::Sampler;

use crate::export::Exporter;

/// The target of spans that only traces show: with traces off they are never made.
pub(crate) const ONLY_TRACES: &str = "tracehook::trace";

/// The name of the instrumentation in every exported span.
const SCOPE: &str = "tracehook";

/// What libraries say of themselves is no part of a webhook's trace.
const INTERNALS: [&str; 14] = [
    "aws_",
    "h2",
    "hyper",
    "lambda_",
    "log",
    "metrics",
    "mio",
    "opentelemetry",
    "reqwest",
    "rustls",
    "tokio",
    "tonic",
    "tower",
    "want",
];

/// Finds the spans' exporter from a span or from whatever subscriber is current. A layer, which sees nothing.
#[derive(Debug, Clone)]
pub(crate) struct Spans {
    exporter: Arc<Exporter>,
}

impl Spans {
    pub(crate) const fn new(exporter: Arc<Exporter>) -> Self {
        Self { exporter }
    }

    /// That of the current subscriber; none when traces are off.
    pub(crate) fn current() -> Option<Self> {
        tracing::dispatcher::get_default(|dispatch| dispatch.downcast_ref::<Self>().cloned())
    }

    /// That of a span's subscriber.
    fn of(span: &tracing::Span) -> Option<Self> {
        span.with_subscriber(|(_, dispatch)| dispatch.downcast_ref::<Self>().cloned())
            .flatten()
    }

    pub(crate) fn buffer(&self) -> &Arc<Buffer> {
        self.exporter.buffer()
    }

    /// Exports the spans that are known to belong somewhere, and waits for it as long as a flush does.
    pub(crate) async fn export_now(&self) {
        self.exporter.export_now().await;
    }

    /// Exports in the background the spans that are known to belong somewhere. Nobody waits for it.
    pub(crate) fn export_soon(&self) {
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let exporter = Arc::clone(&self.exporter);
            runtime.spawn(async move { exporter.export_settled().await });
        }
    }
}

impl<S: tracing::Subscriber> Layer<S> for Spans {}

/// The layers that make OpenTelemetry spans.
pub(crate) fn layers(spans: Spans) -> Box<dyn Layer<Registry> + Send + Sync> {
    let provider = SdkTracerProvider::builder()
        .with_span_processor(Ended(Arc::clone(spans.buffer())))
        .with_id_generator(ids::Ids)
        // Whether a span is exported is decided when its trace is known.
        .with_sampler(opentelemetry_sdk::trace::Sampler::AlwaysOn)
        .with_resource(opentelemetry_sdk::Resource::builder_empty().build())
        .build();
    let tracer: SdkTracer = provider.tracer(SCOPE);
    let filter = filter_fn(|metadata| {
        let most = if metadata.is_span() {
            LevelFilter::INFO
        } else {
            LevelFilter::WARN
        };
        *metadata.level() <= most
            && metadata.target() != crate::logs::CONTEXT
            && !INTERNALS.iter().any(|internal| metadata.target().starts_with(internal))
    })
    // What is below it costs a comparison, and libraries say a thousand such things for each webhook.
    .with_max_level_hint(LevelFilter::INFO);
    let layer = tracing_opentelemetry::layer()
        .with_tracer(tracer)
        .with_context_activation(false)
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        .with_level(false)
        .with_target(false);
    // The filter is around both: a layer without one would have to be asked at every event of every library.
    Box::new(spans.and_then(layer).with_filter(filter))
}

/// Puts ended spans into the buffer.
#[derive(Debug)]
struct Ended(Arc<Buffer>);

impl SpanProcessor for Ended {
    fn on_start(&self, span: &mut Span, _: &Context) {
        self.0.opened(span.span_context().span_id());
    }

    fn on_end(&self, span: SpanData) {
        self.0.push(span);
    }

    fn force_flush(&self) -> opentelemetry_sdk::error::OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: std::time::Duration) -> opentelemetry_sdk::error::OTelSdkResult {
        Ok(())
    }
}

/// The instrumentation that every span names.
pub(crate) fn scope() -> InstrumentationScope {
    InstrumentationScope::builder(SCOPE).build()
}

/// The span context of ids of ours.
pub(crate) fn remote(parent: &TraceParent) -> SpanContext {
    SpanContext::new(
        OtelTraceId::from_bytes(parent.trace_id.to_bytes()),
        OtelSpanId::from_bytes(parent.span_id.to_bytes()),
        TraceFlags::default().with_sampled(parent.sampled),
        true,
        TraceState::default(),
    )
}

/// A span's ids as they are while it runs: its trace may be provisional.
pub(crate) fn running(span: &tracing::Span) -> Option<SpanContext> {
    Some(span.context().span().span_context().clone()).filter(SpanContext::is_valid)
}

/// A span's ids as they are exported, as far as that is known.
pub(crate) fn exported(span: &tracing::Span) -> Option<TraceParent> {
    let context = running(span)?;
    let context = Spans::of(span)?.buffer().resolve(context);
    Some(TraceParent {
        trace_id: TraceId::from_bytes(context.trace_id().to_bytes()),
        span_id: SpanId::from_random(context.span_id().to_bytes()),
        sampled: context.is_sampled(),
    })
}

/// Says where this span and all others of its provisional trace belong. Those without a parent become children of the
/// home's span.
pub(crate) fn belongs(span: &tracing::Span, belonging: Belonging) {
    if let (Some(context), Some(spans)) = (running(span), Spans::of(span)) {
        spans.buffer().settle(context.trace_id(), belonging);
    }
}

/// Makes a span the child of a span of another process, or, without one, the first of a provisional trace. Call it
/// before the span is entered.
pub(crate) fn set_parent(span: &tracing::Span, parent: Option<&TraceParent>) {
    let context = parent.map_or_else(Context::new, |parent| {
        Context::new().with_remote_span_context(remote(parent))
    });
    let _ = span.set_parent(context);
}

/// Links a span to another one; `relation` says why.
pub(crate) fn link(span: &tracing::Span, to: SpanContext, relation: &'static str) {
    span.add_link_with_attributes(to, vec![KeyValue::new(LINK_RELATION, relation)]);
}

/// Marks a span as failed. The message is for people and quotes no payload.
pub(crate) fn fail(span: &tracing::Span, error_type: &str, message: &str) {
    span.set_attribute(ERROR_TYPE, error_type.to_owned());
    span.set_status(Status::error(message.to_owned()));
}
