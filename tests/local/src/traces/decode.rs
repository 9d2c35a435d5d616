//! From the messages of OTLP to [`Span`]s.
//!
//! Source: `opentelemetry/proto/trace/v1/trace.proto` and the OTLP specification.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value};
use opentelemetry_proto::tonic::trace::v1::span::{Event, Link, SpanKind as ProtoKind};
use opentelemetry_proto::tonic::trace::v1::status::StatusCode as ProtoCode;
use opentelemetry_proto::tonic::trace::v1::{Span as ProtoSpan, Status};
use serde_json::Value;

use super::span::{Attributes, Span, SpanEvent, SpanKind, SpanLink, SpanStatus, StatusCode};

/// The content of one request.
#[derive(Debug, Default)]
pub(super) struct Decoded {
    pub(super) spans: Vec<Span>,
    /// Spans that cannot be stored.
    pub(super) rejected: i64,
    /// The reason for the first of them.
    pub(super) reason: Option<String>,
}

impl Decoded {
    pub(super) fn of(request: ExportTraceServiceRequest) -> Self {
        let mut decoded = Self::default();
        for of_resource in request.resource_spans {
            let resource = attributes(of_resource.resource.unwrap_or_default().attributes);
            for of_scope in of_resource.scope_spans {
                let scope = scope_text(of_scope.scope);
                for span in of_scope.spans {
                    match decode(span, &resource, &scope) {
                        Ok(span) => decoded.spans.push(span),
                        Err(reason) => {
                            decoded.rejected += 1;
                            decoded.reason.get_or_insert(reason);
                        }
                    }
                }
            }
        }
        decoded
    }
}

fn decode(span: ProtoSpan, resource: &Attributes, scope: &str) -> Result<Span, String> {
    let name = span.name.clone();
    let id = |bytes: &[u8], length: usize, what: &str| {
        if bytes.len() == length && bytes.iter().any(|byte| *byte != 0) {
            Ok(hex::encode(bytes))
        } else {
            Err(format!(
                "span {name:?}: the {what} must be {length} bytes that are not all zero"
            ))
        }
    };
    let parent_span_id = if span.parent_span_id.iter().all(|byte| *byte == 0) {
        None
    } else {
        Some(id(&span.parent_span_id, 8, "parent span id")?)
    };
    Ok(Span {
        trace_id: id(&span.trace_id, 16, "trace id")?,
        span_id: id(&span.span_id, 8, "span id")?,
        parent_span_id,
        trace_state: span.trace_state,
        kind: kind(span.kind),
        start_ns: span.start_time_unix_nano,
        end_ns: span.end_time_unix_nano,
        attributes: attributes(span.attributes),
        events: span.events.into_iter().map(event).collect(),
        links: span.links.into_iter().map(link).collect(),
        status: status(span.status.unwrap_or_default()),
        resource: resource.clone(),
        scope: scope.to_owned(),
        dropped: span
            .dropped_attributes_count
            .saturating_add(span.dropped_events_count)
            .saturating_add(span.dropped_links_count),
        received: 1,
        differs: false,
        name,
    })
}

fn event(event: Event) -> SpanEvent {
    SpanEvent {
        time_ns: event.time_unix_nano,
        name: event.name,
        attributes: attributes(event.attributes),
    }
}

fn link(link: Link) -> SpanLink {
    SpanLink {
        trace_id: hex::encode(link.trace_id),
        span_id: hex::encode(link.span_id),
        attributes: attributes(link.attributes),
    }
}

fn status(status: Status) -> SpanStatus {
    let code = match ProtoCode::try_from(status.code) {
        Ok(ProtoCode::Ok) => StatusCode::Ok,
        Ok(ProtoCode::Error) => StatusCode::Error,
        Ok(ProtoCode::Unset) | Err(_) => StatusCode::Unset,
    };
    SpanStatus {
        code,
        message: status.message,
    }
}

fn kind(kind: i32) -> SpanKind {
    match ProtoKind::try_from(kind) {
        Ok(ProtoKind::Internal) => SpanKind::Internal,
        Ok(ProtoKind::Server) => SpanKind::Server,
        Ok(ProtoKind::Client) => SpanKind::Client,
        Ok(ProtoKind::Producer) => SpanKind::Producer,
        Ok(ProtoKind::Consumer) => SpanKind::Consumer,
        Ok(ProtoKind::Unspecified) | Err(_) => SpanKind::Unspecified,
    }
}

fn scope_text(scope: Option<InstrumentationScope>) -> String {
    let scope = scope.unwrap_or_default();
    if scope.version.is_empty() {
        scope.name
    } else {
        format!("{} {}", scope.name, scope.version)
    }
}

fn attributes(pairs: Vec<KeyValue>) -> Attributes {
    pairs.into_iter().map(|pair| (pair.key, value(pair.value))).collect()
}

/// Prost bounds the nesting of what it decodes, and so does `serde_json`: this recursion ends.
fn value(any: Option<AnyValue>) -> Value {
    match any.and_then(|any| any.value) {
        None => Value::Null,
        Some(any_value::Value::StringValue(text)) => text.into(),
        Some(any_value::Value::BoolValue(truth)) => truth.into(),
        Some(any_value::Value::IntValue(number)) => number.into(),
        // JSON has no infinities.
        Some(any_value::Value::DoubleValue(number)) => {
            serde_json::Number::from_f64(number).map_or_else(|| number.to_string().into(), Value::Number)
        }
        Some(any_value::Value::BytesValue(bytes)) => STANDARD.encode(bytes).into(),
        Some(any_value::Value::ArrayValue(list)) => list.values.into_iter().map(|item| value(Some(item))).collect(),
        Some(any_value::Value::KvlistValue(list)) => list
            .values
            .into_iter()
            .map(|pair| (pair.key, value(pair.value)))
            .collect(),
        // An index into a table of strings, which only profiles have.
        Some(any_value::Value::StringValueStrindex(_)) => Value::Null,
    }
}
