//! The OTLP exporter over a transport of ours, and what became of each of its requests.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_credential_types::provider::SharedCredentialsProvider;
use opentelemetry::KeyValue;
use opentelemetry_otlp::{Compression, Protocol, RetryPolicy, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};

use super::transport::{Refusal, Shared, Transport};
use crate::config::Traces;

/// X-Ray refuses a request whose spans lie more than 24 hours apart; a root span may have begun days ago.
const SAME_REQUEST: Duration = Duration::from_secs(12 * 3600);

#[derive(Debug)]
pub(super) struct Otlp {
    exporter: opentelemetry_otlp::SpanExporter,
    transport: Arc<Transport>,
}

impl Otlp {
    /// None when the exporter does not take what the configuration has accepted.
    pub(super) fn new(traces: &Traces) -> Option<Self> {
        let transport = Arc::new(Transport::new(traces));
        let builder = opentelemetry_otlp::SpanExporter::builder()
            .with_http()
            .with_http_client(Shared(Arc::clone(&transport)))
            .with_endpoint(traces.endpoint.to_string())
            .with_protocol(Protocol::HttpBinary)
            .with_timeout(traces.timeout)
            .with_headers(headers(traces))
            // Whether and when something is sent again is decided with the buffer and the breaker.
            .with_retry_policy(RetryPolicy::disabled());
        let builder = if traces.gzip {
            builder.with_compression(Compression::Gzip)
        } else {
            builder
        };
        let mut exporter = builder.build().ok()?;
        let attributes = traces
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
        // The exporter tells in words what went wrong; the transport knows what may be sent again.
        let heard = self.transport.heard();
        match exported {
            Ok(()) => heard.unwrap_or(Ok(0)),
            Err(_) => Err(heard.and_then(Result::err).unwrap_or(Refusal::Refused("not encoded"))),
        }
    }
}

fn headers(traces: &Traces) -> HashMap<String, String> {
    let text = |value: &http::HeaderValue| value.to_str().map(str::to_owned).unwrap_or_default();
    let headers = traces.headers.iter();
    headers.map(|(name, value)| (name.to_string(), text(value))).collect()
}

/// The spans of one request each: at most so many, and those that began long ago apart.
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
