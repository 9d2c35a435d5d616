//! A verified request, read just far enough to make its record.

use http::{HeaderName, header};
use tracehook_core::body::Shape;
use tracehook_core::gateway::Request;
use tracehook_core::record::{New, PayloadDigest};
use tracehook_core::secret::SecretBundle;
use tracehook_core::trace::{SpanId, TraceId, TraceParent};
use tracehook_core::{ExecutionToken, Record, Rejection, SourceConfig, SourceName, Timestamp, WebhookSummary};

use crate::config::Config;

/// Everything about a verified webhook that its record is made of.
pub(crate) struct Verified<'a> {
    pub(crate) source: &'a SourceName,
    pub(crate) source_config: &'a SourceConfig,
    pub(crate) request: &'a Request,
    pub(crate) body: &'a [u8],
    pub(crate) digest: PayloadDigest,
    pub(crate) secrets: &'a SecretBundle,
    pub(crate) received_at: Timestamp,
    /// For a token without a delivery id, and for the root span.
    pub(crate) random: [u8; 24],
}

impl Verified<'_> {
    /// Reads the body just far enough, finds the delivery, and makes the record.
    ///
    /// # Errors
    /// When the body is not what the source sends, or the delivery id cannot be used.
    pub(crate) fn record(&self, config: &Config) -> Result<Record, Rejection> {
        let scheme = self.source_config.scheme.scheme();
        let shape = self.shape(scheme.fields())?;
        let delivery_id = self.source_config.delivery_id(&self.request.headers, &shape)?;
        let (token_bytes, span_bytes) = split(&self.random);
        let token = match &delivery_id {
            Some(id) => ExecutionToken::derive(self.secrets.token_key(), self.source, id),
            None => ExecutionToken::from_random(token_bytes),
        };
        let trace_id = TraceId::derive(self.received_at, &token);
        Ok(Record::received(New {
            token,
            source: self.source.clone(),
            delivery_id,
            summary: WebhookSummary::new(self.source, scheme.describe(&self.request.headers, &shape), &shape),
            payload_sha256: self.digest,
            payload_bytes: self.body.len() as u64,
            prefix: &config.starts.prefix,
            traceparent: TraceParent {
                trace_id,
                span_id: SpanId::from_random(span_bytes),
                sampled: tracehook_telemetry::webhook::is_sampled(trace_id),
            },
            received_at: self.received_at,
            deduplication_days: config.starts.life.deduplication_days,
        }))
    }

    /// A body that is not JSON and does not claim to be gets the answer that helps more.
    fn shape(&self, fields: &[&'static [&'static str]]) -> Result<Shape, Rejection> {
        let encoding = self.header_text(&header::CONTENT_ENCODING).unwrap_or_default();
        if !(encoding.is_empty() || encoding.eq_ignore_ascii_case("identity")) {
            return Err(Rejection::ContentEncoding);
        }
        Shape::read(self.body, fields).map_err(|rejection| {
            let media_type = self
                .header_text(&header::CONTENT_TYPE)
                .unwrap_or_default()
                .to_ascii_lowercase();
            let other = !media_type.is_empty() && !media_type.contains("json");
            if rejection == Rejection::BodyNotJson && other {
                Rejection::MediaType
            } else {
                rejection
            }
        })
    }

    fn header_text(&self, name: &HeaderName) -> Option<&str> {
        self.request.headers.get(name)?.to_str().ok()
    }
}

fn split(random: &[u8; 24]) -> ([u8; 16], [u8; 8]) {
    let (mut token, mut span) = ([0; 16], [0; 8]);
    let (first, last) = random.split_at(16);
    token.copy_from_slice(first);
    span.copy_from_slice(last);
    (token, span)
}
