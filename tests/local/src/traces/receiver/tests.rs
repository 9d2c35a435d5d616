//! The receiver over real HTTP, with the bytes that an exporter sends.

use std::net::SocketAddr;

use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::span::{Event, Link};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span as ProtoSpan, Status};
use prost::Message as _;
use serde_json::{Value, json};

use super::{MAX_BODY_BYTES, RpcStatus};
use crate::traces::Traces;

const TRACE: &str = "6553f1005947d7c33d783f94b3b4c1a9";
const PROTOBUF: &str = "application/x-protobuf";

struct Served {
    base: String,
    http: reqwest::Client,
}

impl Served {
    async fn new() -> Self {
        let traces = Traces::open(None).unwrap();
        let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)))
            .await
            .unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let app = traces.receiver().merge(traces.router());
        tokio::spawn(async move { axum::serve(listener, app).await });
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { base, http }
    }

    async fn post(&self, content_type: &str, coding: &str, body: impl Into<reqwest::Body>) -> reqwest::Response {
        let request = self
            .http
            .post(format!("{}/v1/traces", self.base))
            .header("content-type", content_type)
            .header("content-encoding", coding);
        request.body(body).send().await.unwrap()
    }

    async fn spans(&self) -> Vec<Value> {
        let answer = self
            .http
            .get(format!("{}/local/traces/{TRACE}", self.base))
            .send()
            .await
            .unwrap();
        let trace: Value = answer.json().await.unwrap();
        trace["spans"].as_array().unwrap().clone()
    }
}

fn pair(key: &str, value: any_value::Value) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue { value: Some(value) }),
        ..KeyValue::default()
    }
}

fn text(text: &str) -> any_value::Value {
    any_value::Value::StringValue(text.to_owned())
}

fn step() -> ProtoSpan {
    ProtoSpan {
        trace_id: hex::decode(TRACE).unwrap(),
        span_id: vec![0, 0, 0, 0, 0, 0, 0, 2],
        parent_span_id: vec![0, 0, 0, 0, 0, 0, 0, 1],
        name: "process".to_owned(),
        kind: 1,
        start_time_unix_nano: 1_700_000_000_000_000_001,
        end_time_unix_nano: 1_700_000_000_250_000_003,
        attributes: vec![
            pair("durable.attempt.number", any_value::Value::IntValue(2)),
            pair("ratio", any_value::Value::DoubleValue(0.5)),
            pair("raw", any_value::Value::BytesValue(vec![1, 2, 3])),
        ],
        events: vec![Event {
            time_unix_nano: 1_700_000_000_100_000_000,
            name: "exception".to_owned(),
            ..Event::default()
        }],
        links: vec![Link {
            trace_id: hex::decode(TRACE).unwrap(),
            span_id: vec![9; 8],
            ..Link::default()
        }],
        status: Some(Status {
            message: "refused".to_owned(),
            code: 2,
        }),
        dropped_links_count: 4,
        ..ProtoSpan::default()
    }
}

fn request(spans: Vec<ProtoSpan>) -> ExportTraceServiceRequest {
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            resource: Some(Resource {
                attributes: vec![pair("service.name", text("processor"))],
                ..Resource::default()
            }),
            scope_spans: vec![ScopeSpans {
                scope: Some(InstrumentationScope {
                    name: "tracehook".to_owned(),
                    version: "1".to_owned(),
                    ..InstrumentationScope::default()
                }),
                spans,
                ..ScopeSpans::default()
            }],
            ..ResourceSpans::default()
        }],
    }
}

fn expected() -> Value {
    json!({
        "traceId": TRACE, "spanId": "0000000000000002", "parentSpanId": "0000000000000001",
        "name": "process", "kind": "internal",
        "startNs": 1_700_000_000_000_000_001_u64, "endNs": 1_700_000_000_250_000_003_u64,
        "attributes": {"durable.attempt.number": 2, "ratio": 0.5, "raw": "AQID"},
        "events": [{"timeNs": 1_700_000_000_100_000_000_u64, "name": "exception", "attributes": {}}],
        "links": [{"traceId": TRACE, "spanId": "0909090909090909", "attributes": {}}],
        "status": {"code": "error", "message": "refused"},
        "resource": {"service.name": "processor"}, "scope": "tracehook 1", "dropped": 4,
        "received": 1, "differs": false,
    })
}

#[tokio::test]
async fn a_span_in_protobuf_is_stored_with_everything_it_says() {
    let served = Served::new().await;
    let answer = served
        .post(PROTOBUF, "identity", request(vec![step()]).encode_to_vec())
        .await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], PROTOBUF);
    let said = ExportTraceServiceResponse::decode(answer.bytes().await.unwrap()).unwrap();
    assert_eq!(said.partial_success, None);
    assert_eq!(served.spans().await, [expected()]);
}

#[tokio::test]
async fn the_same_span_in_json_is_the_same_span() {
    let served = Served::new().await;
    let body = json!({"resourceSpans": [{
        "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "processor"}}]},
        "scopeSpans": [{"scope": {"name": "tracehook", "version": "1"}, "spans": [{
            "traceId": TRACE.to_uppercase(), "spanId": "0000000000000002", "parentSpanId": "0000000000000001",
            "name": "process", "kind": 1,
            "startTimeUnixNano": "1700000000000000001", "endTimeUnixNano": "1700000000250000003",
            "attributes": [
                {"key": "durable.attempt.number", "value": {"intValue": "2"}},
                {"key": "ratio", "value": {"doubleValue": 0.5}},
                {"key": "raw", "value": {"bytesValue": "AQID"}},
            ],
            "events": [{"timeUnixNano": "1700000000100000000", "name": "exception"}],
            "links": [{"traceId": TRACE, "spanId": "0909090909090909"}],
            "status": {"code": 2, "message": "refused"}, "droppedLinksCount": 4,
        }]}],
    }]});
    let answer = served
        .post("application/json; charset=utf-8", "", body.to_string())
        .await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.json::<Value>().await.unwrap()["partialSuccess"], Value::Null);
    assert_eq!(served.spans().await, [expected()]);
}

#[tokio::test]
async fn an_export_that_is_repeated_stores_nothing_twice_and_is_counted() {
    let served = Served::new().await;
    for _ in 0..3 {
        let body = request(vec![step()]).encode_to_vec();
        assert_eq!(served.post(PROTOBUF, "", body).await.status(), 200);
    }
    let spans = served.spans().await;
    assert_eq!((spans.len(), &spans[0]["received"]), (1, &json!(3)));
}

#[tokio::test]
async fn spans_without_proper_ids_are_rejected_one_by_one() {
    let served = Served::new().await;
    let bad = [
        ProtoSpan {
            trace_id: vec![0; 16],
            ..step()
        },
        ProtoSpan {
            span_id: vec![1; 7],
            ..step()
        },
    ];
    let spans = bad.into_iter().chain([step()]).collect();
    let answer = served.post(PROTOBUF, "", request(spans).encode_to_vec()).await;
    assert_eq!(answer.status(), 200);
    let said = ExportTraceServiceResponse::decode(answer.bytes().await.unwrap()).unwrap();
    let partial = said.partial_success.unwrap();
    assert_eq!(partial.rejected_spans, 2);
    assert!(
        partial.error_message.contains("trace id must be 16 bytes"),
        "{partial:?}"
    );
    assert_eq!(served.spans().await.len(), 1);
}

#[tokio::test]
async fn what_cannot_be_read_gets_a_status_in_the_encoding_of_the_request() {
    let served = Served::new().await;
    let whole = request(vec![step()]).encode_to_vec();
    let cases: [(&str, &str, Vec<u8>, u16, &str); 6] = [
        (
            PROTOBUF,
            "",
            whole[..whole.len() - 3].to_vec(),
            400,
            "not an OTLP export request",
        ),
        (PROTOBUF, "", b"hello".to_vec(), 400, "not an OTLP export request"),
        (
            "application/json",
            "",
            b"{\"resourceSpans\": 7}".to_vec(),
            400,
            "in JSON",
        ),
        (PROTOBUF, "gzip", whole.clone(), 415, "content-encoding gzip"),
        ("text/plain", "", whole, 415, "content-type must be"),
        (PROTOBUF, "", vec![0; MAX_BODY_BYTES + 1], 413, "length limit exceeded"),
    ];
    for (content_type, coding, body, status, message) in cases {
        let answer = served.post(content_type, coding, body).await;
        assert_eq!(answer.status(), status, "{message}");
        let is_protobuf = answer.headers()["content-type"] == PROTOBUF;
        assert_eq!(is_protobuf, content_type == PROTOBUF, "{message}");
        let said = answer.bytes().await.unwrap();
        let said = if is_protobuf {
            RpcStatus::decode(said).unwrap()
        } else {
            let said: Value = serde_json::from_slice(&said).unwrap();
            RpcStatus {
                code: said["code"].as_i64().unwrap().try_into().unwrap(),
                message: said["message"].as_str().unwrap().to_owned(),
            }
        };
        assert_eq!(said.code, 3);
        assert!(said.message.contains(message), "{said:?}");
    }
    assert!(served.spans().await.is_empty());
}

#[tokio::test]
async fn a_trace_that_nobody_sent_is_empty_and_a_malformed_id_is_refused() {
    let served = Served::new().await;
    assert!(served.spans().await.is_empty());
    let answer = served
        .http
        .get(format!("{}/local/traces/xyz", served.base))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 400);
    let answer = served
        .http
        .get(format!("{}/v1/traces", served.base))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 405);
}
