//! The exporter against backends that work, and that do not.

use std::io::Read as _;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::trace::v1::Span as Received;
use prost::Message;
use tokio::net::TcpListener;
use tracehook_core::env::Env;
use tracing_subscriber::layer::SubscriberExt;

use super::*;
use crate::trace::{self, Spans};

/// What a backend has received, and how it answers.
#[derive(Clone, Default)]
struct Backend {
    requests: Arc<Mutex<Vec<(HeaderMap, ExportTraceServiceRequest)>>>,
    /// 200 when zero.
    status: Arc<AtomicU16>,
    delay: Arc<Mutex<Duration>>,
    rejected: Arc<AtomicUsize>,
}

impl Backend {
    async fn start() -> (Self, String) {
        let backend = Self::default();
        let router = Router::new().fallback(receive).with_state(backend.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (backend, url)
    }

    fn answers(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    fn spans(&self) -> Vec<Received> {
        let requests = self.requests.lock().unwrap();
        let scopes = requests
            .iter()
            .flat_map(|(_, request)| &request.resource_spans)
            .flat_map(|of| &of.scope_spans);
        scopes.flat_map(|scope| scope.spans.clone()).collect()
    }

    fn names(&self) -> Vec<String> {
        self.spans().into_iter().map(|span| span.name).collect()
    }
}

async fn receive(State(backend): State<Backend>, headers: HeaderMap, body: Bytes) -> (StatusCode, Vec<u8>) {
    let delay = *backend.delay.lock().unwrap();
    tokio::time::sleep(delay).await;
    let status = backend.status.load(Ordering::SeqCst);
    if status == 0 {
        let mut plain = Vec::new();
        let packed = headers
            .get("content-encoding")
            .is_some_and(|encoding| encoding == "gzip");
        let body = if packed {
            flate2::read::GzDecoder::new(&*body).read_to_end(&mut plain).unwrap();
            plain.into()
        } else {
            body
        };
        let request = ExportTraceServiceRequest::decode(body).unwrap();
        backend.requests.lock().unwrap().push((headers, request));
    }
    let answer = ExportTraceServiceResponse {
        partial_success: Some(ExportTracePartialSuccess {
            rejected_spans: backend.rejected.load(Ordering::SeqCst) as i64,
            error_message: String::new(),
        }),
    };
    let status = if status == 0 {
        StatusCode::OK
    } else {
        StatusCode::from_u16(status).unwrap()
    };
    (status, answer.encode_to_vec())
}

fn exporter(endpoint: &str, more: &[(&str, &str)]) -> Arc<Exporter> {
    let mut env = Env::new(|name| {
        let said = [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "10000"),
        ];
        let (_, value) = more.iter().chain(&said).find(|(known, _)| *known == name)?;
        Some((*value).to_owned())
    });
    let config = Config::read(&mut env);
    let config = env.finish(|| config).unwrap();
    Arc::new(Exporter::new(&config).unwrap())
}

/// Makes spans as a function does.
fn spans(exporter: &Arc<Exporter>, names: &[&'static str]) {
    let subscriber = tracing_subscriber::registry().with(trace::layers(Spans::new(Arc::clone(exporter))));
    tracing::subscriber::with_default(subscriber, || {
        for name in names {
            tracing::info_span!("test", otel.name = name).in_scope(|| {});
        }
    });
}

fn many(exporter: &Arc<Exporter>, count: usize) {
    spans(exporter, &vec!["span"; count]);
}

impl Exporter {
    fn waiting(&self) -> usize {
        let spans = self.buffer.take(usize::MAX, Which::All);
        let count = spans.len();
        self.buffer.put_back(spans);
        count
    }

    /// How many spans a flush costs.
    async fn lost_in_a_flush(self: &Arc<Self>) -> usize {
        let before = self.dropped.load(Ordering::Relaxed);
        self.flush().await;
        self.dropped.load(Ordering::Relaxed) - before
    }

    /// Until nothing is on its way.
    async fn idle(&self) {
        let _ = self.sending.lock().await;
    }

    fn pause_is_over(&self) {
        *self.breaker() = Breaker::default();
    }
}

#[tokio::test]
async fn spans_arrive_with_the_resource_and_the_configured_headers() {
    let (backend, url) = Backend::start().await;
    let more = [
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-key=k1"),
        ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test"),
        ("AWS_LAMBDA_FUNCTION_NAME", "hooks-validator"),
    ];
    let exporter = exporter(&url, &more);
    spans(&exporter, &["one", "two"]);
    assert_eq!(exporter.lost_in_a_flush().await, 0);
    assert_eq!(backend.names(), ["one", "two"]);
    let requests = backend.requests.lock().unwrap();
    let (headers, request) = &requests[0];
    assert_eq!(
        (&headers["x-key"], &headers["content-type"]),
        (&"k1".parse().unwrap(), &"application/x-protobuf".parse().unwrap())
    );
    let resource = format!("{:?}", request.resource_spans[0].resource);
    for expected in ["hooks-validator", "deployment.environment.name", "aws_lambda"] {
        assert!(resource.contains(expected), "{resource}");
    }
}

#[tokio::test]
async fn requests_are_compressed_when_that_is_asked_for() {
    let (backend, url) = Backend::start().await;
    let exporter = exporter(&url, &[("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "gzip")]);
    spans(&exporter, &["one"]);
    assert_eq!(exporter.lost_in_a_flush().await, 0);
    assert_eq!(backend.names(), ["one"]);
    assert_eq!(backend.requests.lock().unwrap()[0].0["content-encoding"], "gzip");
}

#[tokio::test]
async fn more_spans_than_one_request_takes_are_sent_in_several() {
    let (backend, url) = Backend::start().await;
    let exporter = exporter(&url, &[]);
    many(&exporter, MOST_SPANS * 2 + 1);
    exporter.flush().await;
    assert_eq!(backend.spans().len(), MOST_SPANS * 2 + 1);
    assert_eq!(backend.requests.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn a_backend_that_hangs_costs_one_timeout_and_then_nothing() {
    let (backend, url) = Backend::start().await;
    *backend.delay.lock().unwrap() = Duration::from_secs(3600);
    let exporter = exporter(&url, &[("OTEL_EXPORTER_OTLP_TIMEOUT", "300")]);
    many(&exporter, 3);
    assert!(exporter.patience() > exporter.timeout);
    exporter.flush().await;
    // A machine that stands still for longer than the little more that is waited is not what is tested.
    exporter.idle().await;
    let dropped = || exporter.dropped.load(Ordering::Relaxed);
    assert_eq!(dropped(), 3, "they may have arrived: they are not sent again");

    many(&exporter, 2);
    assert_eq!(exporter.lost_in_a_flush().await, 0);
    assert_eq!(exporter.waiting(), 2, "nothing was sent");

    exporter.breaker().is_over();
    assert_eq!(exporter.patience(), WAIT_AFTER_FAILURE);
    exporter.flush().await;
    exporter.idle().await;
    assert_eq!(dropped(), 5);
}

#[tokio::test]
async fn a_backend_that_is_only_slow_gets_its_spans_beside_the_next_event() {
    let (backend, url) = Backend::start().await;
    *backend.delay.lock().unwrap() = Duration::from_secs(2);
    let exporter = exporter(&url, &[]);
    exporter.breaker().failed(Instant::now());
    exporter.breaker().is_over();
    spans(&exporter, &["one"]);
    assert_eq!(exporter.lost_in_a_flush().await, 0);
    assert!(backend.names().is_empty());
    exporter.idle().await;
    assert_eq!(backend.names(), ["one"]);
    assert!(!exporter.breaker().has_failed());
}

#[tokio::test]
async fn what_certainly_did_not_arrive_is_sent_when_the_backend_is_back() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let exporter = exporter(&format!("http://{address}"), &[]);
    spans(&exporter, &["one", "two"]);
    assert_eq!(exporter.lost_in_a_flush().await, 0);
    assert_eq!(exporter.waiting(), 2, "the connection was refused");

    let backend = Backend::default();
    backend.answers(503);
    let router = Router::new().fallback(receive).with_state(backend.clone());
    let listener = TcpListener::bind(address).await.unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    exporter.pause_is_over();
    assert_eq!(exporter.lost_in_a_flush().await, 0);
    assert_eq!(exporter.waiting(), 2, "the backend asked for another try");

    backend.answers(0);
    exporter.pause_is_over();
    spans(&exporter, &["three"]);
    assert_eq!(exporter.lost_in_a_flush().await, 0);
    assert_eq!(backend.names(), ["one", "two", "three"]);
    assert_eq!(exporter.waiting(), 0);
}

#[tokio::test]
async fn what_the_backend_refuses_is_dropped_and_counted() {
    let (backend, url) = Backend::start().await;
    for status in [400, 401, 413, 500] {
        let exporter = exporter(&url, &[]);
        backend.answers(status);
        many(&exporter, 4);
        assert_eq!(exporter.lost_in_a_flush().await, 4, "{status}");
        assert_eq!(exporter.waiting(), 0, "{status}");
    }
    let exporter = exporter(&url, &[]);
    backend.answers(0);
    backend.rejected.store(2, Ordering::SeqCst);
    many(&exporter, 4);
    assert_eq!(exporter.lost_in_a_flush().await, 2, "a part was refused");
}

#[tokio::test]
async fn memory_stays_bounded_while_the_backend_is_away() {
    let exporter = exporter("http://127.0.0.1:9", &[]);
    for _ in 0..10 {
        many(&exporter, 1000);
        exporter.flush().await;
    }
    assert_eq!(exporter.waiting(), crate::trace::CAPACITY);
}

#[tokio::test]
async fn a_flush_waits_for_an_export_in_the_background_and_sends_the_rest() {
    let (backend, url) = Backend::start().await;
    *backend.delay.lock().unwrap() = Duration::from_millis(50);
    let exporter = exporter(&url, &[]);
    spans(&exporter, &["early"]);
    let background = Arc::clone(&exporter);
    let early = tokio::spawn(async move { background.send_all(Which::All).await });
    tokio::time::sleep(Duration::from_millis(10)).await;
    spans(&exporter, &["late"]);
    exporter.flush().await;
    assert_eq!(backend.names(), ["early", "late"]);
    early.await.unwrap();
}

#[tokio::test]
async fn spans_that_began_long_ago_travel_apart() {
    let (backend, url) = Backend::start().await;
    let exporter = exporter(&url, &[]);
    spans(&exporter, &["new"]);
    let mut taken = exporter.buffer.take(1, Which::All);
    let mut old = taken[0].clone();
    old.name = "old".into();
    old.start_time -= Duration::from_secs(3 * 24 * 3600);
    taken.push(old);
    exporter.buffer.put_back(taken);
    exporter.flush().await;
    assert_eq!(backend.names(), ["new", "old"]);
    assert_eq!(backend.requests.lock().unwrap().len(), 2);
}
