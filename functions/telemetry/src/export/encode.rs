//! Spans as the bytes of an OTLP request.

use std::time::{Duration, SystemTime};

use opentelemetry::KeyValue;
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SpanData;
use prost::Message;

use crate::config::Properties;

/// X-Ray refuses a request whose spans lie more than 24 hours apart; a root span may have begun days ago.
const SAME_REQUEST: Duration = Duration::from_secs(12 * 3600);

#[derive(Debug)]
pub(super) struct Encoder {
    resource: ResourceAttributesWithSchema,
}

impl Encoder {
    pub(super) fn new(properties: &Properties) -> Self {
        let attributes = properties
            .iter()
            .map(|(name, value)| KeyValue::new(name.clone(), value.clone()));
        let resource = Resource::builder_empty().with_attributes(attributes).build();
        Self {
            resource: (&resource).into(),
        }
    }

    pub(super) fn encode(&self, spans: Vec<SpanData>) -> Vec<u8> {
        let request = ExportTraceServiceRequest {
            resource_spans: group_spans_by_resource_and_scope(spans, &self.resource),
        };
        request.encode_to_vec()
    }
}

/// How many spans a backend says that it refused while it took the others.
pub(super) fn refused(answer: &[u8]) -> usize {
    ExportTraceServiceResponse::decode(answer)
        .ok()
        .and_then(|answer| usize::try_from(answer.partial_success?.rejected_spans).ok())
        .unwrap_or_default()
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
