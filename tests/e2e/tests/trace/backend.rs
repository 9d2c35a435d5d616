//! A tracing backend that keeps what it receives, and a service that exports to it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value::Value as Any};
use opentelemetry_proto::tonic::trace::v1::Span as Received;
use prost::Message;
use tracehook_test_support::service::binaries;
use tracehook_test_support::{Options, SECRET, Service};

use crate::spans::{Link, Span, Spans};

/// The longest wait for a span. Not a measure: a test that waits this long has failed.
const PATIENCE: Duration = Duration::from_mins(1);

#[derive(Clone, Default)]
pub(crate) struct Backend(Arc<Mutex<Vec<Span>>>);

impl Backend {
    /// Serves on a free port; returns its base URL too.
    pub(crate) async fn start() -> (Self, String) {
        let backend = Self::default();
        let router = Router::new()
            .route("/v1/traces", post(receive))
            .with_state(backend.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (backend, url)
    }

    pub(crate) fn received(&self) -> Spans {
        Spans(self.0.lock().unwrap().clone())
    }

    /// The received spans once a condition holds and no more spans arrive.
    pub(crate) async fn until(&self, what: &str, holds: impl Fn(&Spans) -> bool) -> Spans {
        let began = Instant::now();
        let mut before = usize::MAX;
        loop {
            let spans = self.received();
            assert!(began.elapsed() < PATIENCE, "{what} did not come: {spans}");
            if holds(&spans) && spans.0.len() == before {
                return spans;
            }
            before = spans.0.len();
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    }

    /// The received spans once the webhook's root is there.
    pub(crate) async fn end_of(&self, token: &str) -> Spans {
        self.until("a root", |spans| spans.of(token).roots().count() > 0).await
    }
}

async fn receive(State(backend): State<Backend>, body: Bytes) {
    let request = ExportTraceServiceRequest::decode(body).unwrap();
    let mut kept = backend.0.lock().unwrap();
    for of_resource in request.resource_spans {
        let resource = attributes(&of_resource.resource.unwrap().attributes);
        for span in of_resource.scope_spans.into_iter().flat_map(|scope| scope.spans) {
            kept.push(decoded(span, &resource["service.name"]));
        }
    }
}

fn decoded(span: Received, service: &str) -> Span {
    let id = |bytes: &[u8]| hex::encode(bytes);
    Span {
        service: service.to_owned(),
        trace: id(&span.trace_id),
        id: id(&span.span_id),
        parent: id(&span.parent_span_id),
        kind: span.kind,
        name: span.name,
        began: span.start_time_unix_nano,
        ended: span.end_time_unix_nano,
        types: span
            .attributes
            .iter()
            .map(|pair| (pair.key.clone(), type_of(pair.value.as_ref())))
            .collect(),
        attributes: attributes(&span.attributes),
        links: span
            .links
            .iter()
            .map(|link| Link {
                trace: id(&link.trace_id),
                span: id(&link.span_id),
                relation: attributes(&link.attributes)["link.relation"].clone(),
            })
            .collect(),
        failure: span
            .status
            .filter(|status| status.code == 2)
            .map(|status| status.message),
    }
}

fn attributes(pairs: &[KeyValue]) -> BTreeMap<String, String> {
    let read: BTreeMap<_, _> = pairs
        .iter()
        .map(|pair| (pair.key.clone(), text(pair.value.as_ref())))
        .collect();
    assert_eq!(read.len(), pairs.len(), "an attribute is there twice: {pairs:?}");
    read
}

fn type_of(value: Option<&AnyValue>) -> &'static str {
    match value.and_then(|value| value.value.as_ref()) {
        Some(Any::StringValue(_)) => "text",
        Some(Any::BoolValue(_)) => "boolean",
        Some(Any::IntValue(_)) => "integer",
        Some(Any::ArrayValue(_)) => "list",
        other => panic!("{other:?}"),
    }
}

fn text(value: Option<&AnyValue>) -> String {
    match value.and_then(|value| value.value.as_ref()) {
        Some(Any::StringValue(text)) => text.clone(),
        Some(Any::BoolValue(flag)) => flag.to_string(),
        Some(Any::IntValue(number)) => number.to_string(),
        Some(Any::DoubleValue(number)) => number.to_string(),
        Some(Any::ArrayValue(list)) => list
            .values
            .iter()
            .map(|value| text(Some(value)))
            .collect::<Vec<_>>()
            .join(" "),
        other => panic!("{other:?}"),
    }
}

/// A service whose functions export to `endpoint` and whose handler follows the script in the webhook. `more`
/// is added to the environment of its validator.
pub(crate) async fn service(endpoint: &str, more: &str) -> Service {
    // The longest that is allowed: a busy machine is not a broken backend.
    service_that_waits(10_000, endpoint, more).await
}

/// As [`service`], with the longest time that one request to the endpoint takes, in milliseconds.
pub(crate) async fn service_that_waits(timeout_ms: u64, endpoint: &str, more: &str) -> Service {
    let export =
        format!("OTEL_EXPORTER_OTLP_ENDPOINT = \"{endpoint}\"\n        OTEL_EXPORTER_OTLP_TIMEOUT = \"{timeout_ms}\"");
    let binary = binaries().unwrap().join("scripted-processor");
    let config = format!(
        r#"
        [sources.github]
        preset = "github"
        secret = "{SECRET}"
        labels = {{ commit = "json:/after" }}
        [durable]
        failure_delay_ms = 50
        [functions.validator.environment]
        {export}
        {more}
        [functions.status.environment]
        {export}
        [functions.reconciler.environment]
        {export}
        RECEIVED_AGE_SECONDS = "1"
        [functions.processor]
        binary = "{}"
        [functions.processor.environment]
        {export}
        EFFECTS_FILE = "DIRECTORY/effects"
        STEP_INITIAL_DELAY_SECONDS = "1"
        STEP_MAX_DELAY_SECONDS = "1"
        STEP_MAX_TRIES = "3"
        "#,
        binary.display(),
    );
    Service::start_with(Options {
        config: Some(config),
        memory: true,
        ..Default::default()
    })
    .await
    .unwrap()
}
