//! The OTLP client over this crate's transport, and the result of each request.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_credential_types::provider::SharedCredentialsProvider;
use opentelemetry::KeyValue;
use opentelemetry_otlp::{Compression, Protocol, RetryPolicy, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};

use super::config::ExporterConfig;
use super::transport::{Refusal, Shared, Transport};

/// X-Ray refuses a request whose spans lie more than 24 hours apart; a root span may have begun days ago.
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
        let attributes = config
            .resource
            .iter()
            .map(|(name, value)| KeyValue::new(name.clone(), value.clone()));
        exporter.set_resource(&Resource::builder_empty().with_attributes(attributes).build());
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

/// The spans of one request each: at most `most`, and those that began long ago apart from the others.
pub(super) fn batches(spans: Vec<SpanData>, most: usize) -> Vec<Vec<SpanData>> {
    let since = SystemTime::now().checked_sub(SAME_REQUEST);
    let (recent, old): (Vec<_>, Vec<_>) = spans
        .into_iter()
        .partition(|span| since.is_none_or(|since| span.start_time >= since));
    let mut batches: Vec<Vec<SpanData>> = Vec::new();
    for spans in [recent, old] {
        let mut open: Vec<SpanData> = Vec::new();
        for span in spans {
            if open.len() >= most {
                batches.push(std::mem::take(&mut open));
            }
            open.push(span);
        }
        batches.push(open);
    }
    batches.retain(|batch| !batch.is_empty());
    batches
}
