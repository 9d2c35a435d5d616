//! The OTLP client over this crate's transport, and the result of each request.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::provider::SharedCredentialsProvider;
use opentelemetry::KeyValue;
use opentelemetry_otlp::{Compression, Protocol, RetryPolicy, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::resource::TelemetryResourceDetector;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};

use super::config::ExporterConfig;
use super::transport::{Refusal, Shared, Transport};
use crate::attributes::SCHEMA_URL;

/// X-Ray refuses a request whose spans lie more than 24 hours apart; each may have begun days ago.
const SAME_REQUEST: Duration = Duration::from_hours(12);

#[derive(Debug)]
pub(super) struct Otlp {
    exporter: opentelemetry_otlp::SpanExporter,
    /// The exporter of another service's spans, and their scope.
    other: Option<(&'static str, opentelemetry_otlp::SpanExporter)>,
    transport: Arc<Transport>,
}

impl Otlp {
    /// None when the OTLP client refuses the configuration.
    pub(super) fn new(config: &ExporterConfig) -> Option<Self> {
        let transport = Arc::new(Transport::new(config));
        let other = match &config.other {
            Some((scope, attributes)) => Some((*scope, exporter(config, &transport, attributes)?)),
            None => None,
        };
        Some(Self {
            exporter: exporter(config, &transport, &config.resource)?,
            other,
            transport,
        })
    }

    pub(super) fn sign_with(&self, credentials: Option<SharedCredentialsProvider>) {
        self.transport.sign_with(credentials);
    }

    /// The scope of another service's spans, which are sent by themselves.
    pub(super) fn other_scope(&self) -> Option<&'static str> {
        self.other.as_ref().map(|(scope, _)| *scope)
    }

    /// Sends one request, and returns how many of its spans the backend refused. One at a time.
    pub(super) async fn send(&self, spans: Vec<SpanData>) -> Result<usize, Refusal> {
        let exporter = match &self.other {
            Some((scope, exporter)) if spans.first().is_some_and(|span| is_of(span, scope)) => exporter,
            _ => &self.exporter,
        };
        let exported = exporter.export(spans).await;
        // The client's error is text; the transport's result says whether the batch may be sent again.
        let result = self.transport.last_result();
        match exported {
            Ok(()) => result.unwrap_or(Ok(0)),
            Err(_) => Err(result.and_then(Result::err).unwrap_or(Refusal::Refused("not encoded"))),
        }
    }
}

fn headers(config: &ExporterConfig) -> HashMap<String, String> {
    let text = |value: &http::HeaderValue| value.to_str().map(str::to_owned).unwrap_or_default();
    let headers = config.headers.iter();
    headers.map(|(name, value)| (name.to_string(), text(value))).collect()
}

/// A client that sends the spans of one resource.
fn exporter(
    config: &ExporterConfig,
    transport: &Arc<Transport>,
    attributes: &[KeyValue],
) -> Option<opentelemetry_otlp::SpanExporter> {
    let builder = opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .with_http_client(Shared(Arc::clone(transport)))
        .with_endpoint(config.endpoint.to_string())
        .with_protocol(Protocol::HttpBinary)
        .with_timeout(config.timeout)
        .with_headers(headers(config))
        // The buffer and the breaker decide about retries.
        .with_retry_policy(RetryPolicy::disabled());
    let builder = if config.gzip {
        builder.with_compression(Compression::Gzip)
    } else {
        builder
    };
    let mut exporter = builder.build().ok()?;
    exporter.set_resource(&resource(attributes));
    Some(exporter)
}

fn is_of(span: &SpanData, scope: &str) -> bool {
    span.instrumentation_scope.name() == scope
}

/// The resource with this process's attributes, and with those of the SDK.
fn resource(attributes: &[KeyValue]) -> Resource {
    Resource::builder_empty()
        .with_detector(Box::new(TelemetryResourceDetector))
        .with_schema_url(attributes.to_vec(), SCHEMA_URL)
        .build()
}

/// The spans of one request each: at most `most`, no two that began more than [`SAME_REQUEST`] apart, and those of `scope`
/// by themselves.
pub(super) fn batches(mut spans: Vec<SpanData>, most: usize, scope: Option<&str>) -> Vec<Vec<SpanData>> {
    spans.sort_by_key(|span| span.start_time);
    let (others, own): (Vec<_>, Vec<_>) = spans
        .into_iter()
        .partition(|span| scope.is_some_and(|scope| is_of(span, scope)));
    let mut batches: Vec<Vec<SpanData>> = Vec::new();
    for spans in [own, others] {
        let mut open: Vec<SpanData> = Vec::new();
        for span in spans {
            let is_near = open
                .first()
                .and_then(|first| span.start_time.duration_since(first.start_time).ok())
                .is_none_or(|apart| apart <= SAME_REQUEST);
            if open.len() >= most || !is_near {
                batches.push(std::mem::take(&mut open));
            }
            open.push(span);
        }
        batches.push(open);
    }
    batches.retain(|batch| !batch.is_empty());
    batches
}
