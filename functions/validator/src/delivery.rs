//! A verified request, read just far enough to make its record.

use bytes::Bytes;
use http::{HeaderName, header};
use tracehook_core::body::{BodyForm, Coding, Pointer, Shape, decoded, document};
use tracehook_core::gateway::Request;
use tracehook_core::record::{New, PayloadDigest};
use tracehook_core::secret::SecretBundle;
use tracehook_core::source::{Conflict, Identity, Place, Summarise};
use tracehook_core::trace::{SpanId, TraceId, TraceParent};
use tracehook_core::verify::Proven;
use tracehook_core::{ExecutionToken, Record, Rejection, SourceConfig, SourceName, Timestamp, WebhookSummary};
use tracehook_store::Payload;

use crate::config::Config;

/// Everything about a verified webhook that its record is made of.
pub(crate) struct Verified<'a> {
    pub(crate) source: &'a SourceName,
    pub(crate) source_config: &'a SourceConfig,
    pub(crate) request: &'a Request,
    /// As it was received: what is signed, hashed and stored.
    pub(crate) body: &'a [u8],
    /// How the body's bytes are coded.
    pub(crate) coding: Option<Coding>,
    pub(crate) digest: PayloadDigest,
    pub(crate) secrets: &'a SecretBundle,
    /// What of the request is signed.
    pub(crate) proven: Proven<'a>,
    pub(crate) received_at: Timestamp,
    /// For a token without a delivery id, and for the root span.
    pub(crate) random: [u8; 24],
}

/// A webhook with its identity.
#[derive(Debug)]
pub(crate) struct Identified {
    /// Its record, not stored yet.
    pub(crate) record: Record,
    /// What it becomes when its identity was used with another body.
    pub(crate) conflict: Conflict<Record>,
}

impl Verified<'_> {
    /// Reads the body just far enough, finds the identity, and makes the record.
    ///
    /// # Errors
    /// When the body is not what the source sends, or the delivery id cannot be used.
    pub(crate) fn identify(&self, config: &Config) -> Result<Identified, Rejection> {
        let (config_of_source, headers) = (self.source_config, &self.request.headers);
        let shape = self.shape(config_of_source.pointers(), config.max_body_bytes)?;
        let place = Place {
            headers,
            shape: &shape,
            digest: &self.digest,
            proven: self.proven,
        };
        let identity = config_of_source.identity(&place)?;
        let (token_bytes, span_bytes) = split(&self.random);
        let key = self.secrets.token_key();
        let token = match &identity {
            Some(id) => ExecutionToken::derive(key, self.source, &id.key()),
            None => ExecutionToken::from_random(token_bytes),
        };
        let (event_type, subject) = config_of_source.describe(&place);
        let keys: &[String] = match config_of_source.summary() {
            Summarise::On => &shape.keys,
            Summarise::Off => &[],
        };
        let labels = config_of_source.labels(&place);
        let delivery_id = identity.as_ref().map(|id| config_of_source.shown(id));
        let summary = WebhookSummary::new(self.source, event_type, subject, keys);
        let record = |token: ExecutionToken| {
            let trace_id = TraceId::derive(self.received_at, &token);
            Record::received(New {
                token,
                source: self.source.clone(),
                delivery_id: delivery_id.clone(),
                summary: summary.clone(),
                labels: labels.clone(),
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
            })
        };
        let apart = |id: &Identity| {
            let token = ExecutionToken::derive_with_body(key, self.source, &id.key(), &self.digest);
            config_of_source.conflict(id, || record(token))
        };
        Ok(Identified {
            record: record(token),
            conflict: identity.as_ref().map_or(Conflict::Ignored, apart),
        })
    }

    /// The bytes with what is kept beside them.
    pub(crate) fn payload(&self, body: &Bytes) -> Payload {
        Payload {
            body: body.clone(),
            content_type: self.header_text(&header::CONTENT_TYPE).map(str::to_owned),
            coding: self.coding,
            form: self.source_config.body().clone(),
            headers: self.source_config.kept_headers(&self.request.headers),
            retention_days: self.source_config.retention_days(),
        }
    }

    /// A body that is not JSON and does not claim to be gets the answer that helps more. The decoded bytes are dropped here.
    fn shape(&self, pointers: &[Pointer], limit: usize) -> Result<Shape, Rejection> {
        let form = self.source_config.body();
        let body = decoded(self.body, self.coding, limit)?;
        let Some(json) = document(form, &body)? else {
            return Ok(Shape::default());
        };
        Shape::read(&json, pointers).map_err(|rejection| {
            let media_type = self
                .header_text(&header::CONTENT_TYPE)
                .unwrap_or_default()
                .to_ascii_lowercase();
            let other = !media_type.is_empty() && !media_type.contains("json");
            if rejection == Rejection::BodyNotJson && other && *form == BodyForm::Json {
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
