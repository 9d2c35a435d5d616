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
    transport: Arc<Transport>,
}

impl Otlp {
    /// None when the OTLP client refuses the configuration.
    pub(super) fn new(config: &ExporterConfig) -> Option<Self> {
        let transport = Arc::new(Transport::new(config));
        let builder = opentelemetry_otlp::SpanExporter::builder()
            .with_http()
            .with_http_client(Shared(Arc::clone(&transport)))
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
        exporter.set_resource(&resource(&config.resource));
        Some(Self { exporter, transport })
    }

    pub(super) fn sign_with(&self, credentials: Option<SharedCredentialsProvider>) {
        self.transport.sign_with(credentials);
    }

    /// Sends one request, and returns how many of its spans the backend refused. One at a time.
    pub(super) async fn send(&self, spans: Vec<SpanData>) -> Result<usize, Refusal> {
        let exported = self.exporter.export(spans).await;
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

/// The resource with this process's attributes, and with those of the SDK.
fn resource(attributes: &[KeyValue]) -> Resource {
    Resource::builder_empty()
        .with_detector(Box::new(TelemetryResourceDetector))
        .with_schema_url(attributes.to_vec(), SCHEMA_URL)
        .build()
}

/// The spans of one request each: at most `most`, and no two that began more than [`SAME_REQUEST`] apart.
pub(super) fn batches(mut spans: Vec<SpanData>, most: usize) -> Vec<Vec<SpanData>> {
    spans.sort_by_key(|span| span.start_time);
    let mut batches: Vec<Vec<SpanData>> = Vec::new();
    for span in spans {
        let fits = |batch: &&mut Vec<SpanData>| {
            batch.len() < most
                && batch
                    .first()
                    .and_then(|first| span.start_time.duration_since(first.start_time).ok())
                    .is_some_and(|apart| apart <= SAME_REQUEST)
        };
        match batches.last_mut().filter(fits) {
            Some(batch) => batch.push(span),
            None => batches.push(vec![span]),
        }
    }
    batches
}
