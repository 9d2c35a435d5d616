//! The exporter against working and broken backends.

use std::io::Read as _;
use std::sync::atomic::{AtomicI64, AtomicU16, AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

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
use tracing_subscriber::layer::SubscriberExt;

use super::*;
use crate::pipeline::{Instrumentation, layers};
use crate::sampler::Sampler;

/// A backend that keeps the requests it received, and answers with a configured status.
#[derive(Clone, Default)]
struct Backend {
    requests: Arc<Mutex<Vec<(HeaderMap, ExportTraceServiceRequest)>>>,
    /// 200 when zero.
    status: Arc<AtomicU16>,
    delay: Arc<Mutex<Duration>>,
    rejected: Arc<AtomicI64>,
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
            rejected_spans: backend.rejected.load(Ordering::SeqCst),
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

/// An exporter, and the number of spans that it has dropped.
#[derive(Clone)]
struct Tested {
    exporter: Arc<Exporter>,
    dropped: Arc<AtomicUsize>,
}

impl std::ops::Deref for Tested {
    type Target = Arc<Exporter>;

    fn deref(&self) -> &Arc<Exporter> {
        &self.exporter
    }
}

fn config(endpoint: &str) -> ExporterConfig {
    ExporterConfig {
        endpoint: format!("{endpoint}/v1/traces").parse().unwrap(),
        headers: HeaderMap::new(),
        sign_for: None,
        timeout: Duration::from_secs(10),
        gzip: false,
        sampler: Sampler::default(),
        resource: Vec::new(),
        other: None,
    }
}

fn exporter(config: &ExporterConfig) -> Tested {
    let dropped = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&dropped);
    let on_dropped = OnDropped::new(move |spans, _| {
        count.fetch_add(spans, Ordering::SeqCst);
    });
    Tested {
        exporter: Arc::new(Exporter::new(config, on_dropped).unwrap()),
        dropped,
    }
}

/// Makes spans as a function does.
fn spans(exporter: &Arc<Exporter>, names: &[&'static str]) {
    spans_ahead(exporter, names, || Duration::ZERO);
}

/// The same in a process whose clock is ahead.
fn spans_ahead(exporter: &Arc<Exporter>, names: &[&'static str], lead: fn() -> Duration) {
    let instrumentation = Instrumentation {
        scope: "test",
        version: "1",
        hidden: &[],
        lead,
    };
    let subscriber = tracing_subscriber::registry().with(layers(Arc::clone(exporter), instrumentation));
    tracing::subscriber::with_default(subscriber, || {
        for name in names {
            tracing::info_span!("test", otel.name = name).in_scope(|| {});
        }
    });
}

fn many(exporter: &Arc<Exporter>, count: usize) {
    spans(exporter, &vec!["span"; count]);
}

impl Tested {
    fn waiting(&self) -> usize {
        let spans = self.buffer.take(usize::MAX, Take::All);
        let count = spans.len();
        self.buffer.put_back(spans);
        count
    }

    fn dropped(&self) -> usize {
        self.dropped.load(Ordering::SeqCst)
    }

    /// The number of spans that a flush drops.
    async fn dropped_by_flush(&self) -> usize {
        let before = self.dropped();
        self.flush().await;
        self.dropped() - before
    }

    /// Waits until no request is in flight.
    async fn idle(&self) {
        let _ = self.sending.lock().await;
    }

    fn reset_breaker(&self) {
        *self.breaker() = Breaker::default();
    }
}

#[test]
fn a_span_is_ahead_by_the_lead() {
    const LEAD: Duration = Duration::from_hours(3);
    let exporter = exporter(&config("http://127.0.0.1:9"));
    let before = SystemTime::now();
    spans_ahead(&exporter, &["one"], || LEAD);
    let after = SystemTime::now();
    let span = exporter.buffer.take(usize::MAX, Take::All).remove(0);
    assert!(before + LEAD <= span.start_time, "{span:?}");
    assert!(
        span.start_time <= span.end_time && span.end_time <= after + LEAD,
        "{span:?}"
    );
}

#[tokio::test]
async fn spans_arrive_with_the_resource_and_the_configured_headers() {
    let (backend, url) = Backend::start().await;
    let mut config = config(&url);
    config.headers.insert("x-key", "k1".parse().unwrap());
    config.resource = [("service.name", "orders"), ("deployment.environment.name", "test")]
        .map(|(name, value)| opentelemetry::KeyValue::new(name, value))
        .to_vec();
    let exporter = exporter(&config);
    spans(&exporter, &["one", "two"]);
    assert_eq!(exporter.dropped_by_flush().await, 0);
    assert_eq!(backend.names(), ["one", "two"]);
    let requests = backend.requests.lock().unwrap();
    let (headers, request) = &requests[0];
    assert_eq!(
        (&headers["x-key"], &headers["content-type"]),
        (&"k1".parse().unwrap(), &"application/x-protobuf".parse().unwrap())
    );
    let spans = &request.resource_spans[0];
    let resource = format!("{:?}", spans.resource);
    for expected in [
        "service.name",
        "orders",
        "deployment.environment.name",
        "telemetry.sdk.language",
    ] {
        assert!(resource.contains(expected), "{resource}");
    }
    let scope = &spans.scope_spans[0];
    assert_eq!(scope.scope.as_ref().unwrap().version, "1");
    assert_eq!(
        [&*spans.schema_url, &*scope.schema_url],
        [crate::attributes::SCHEMA_URL; 2]
    );
}

#[tokio::test]
async fn requests_are_compressed_when_configured() {
    let (backend, url) = Backend::start().await;
    let exporter = exporter(&ExporterConfig {
        gzip: true,
        ..config(&url)
    });
    spans(&exporter, &["one"]);
    assert_eq!(exporter.dropped_by_flush().await, 0);
    assert_eq!(backend.names(), ["one"]);
    assert_eq!(backend.requests.lock().unwrap()[0].0["content-encoding"], "gzip");
}

#[tokio::test]
async fn more_spans_than_one_request_takes_are_sent_in_several() {
    let (backend, url) = Backend::start().await;
    let exporter = exporter(&config(&url));
    many(&exporter, MOST_SPANS * 2 + 1);
    exporter.flush().await;
    assert_eq!(backend.spans().len(), MOST_SPANS * 2 + 1);
    assert_eq!(backend.requests.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn a_backend_that_hangs_costs_one_timeout_and_then_nothing() {
    let (backend, url) = Backend::start().await;
    *backend.delay.lock().unwrap() = Duration::from_hours(1);
    let exporter = exporter(&ExporterConfig {
        timeout: Duration::from_millis(300),
        ..config(&url)
    });
    many(&exporter, 3);
    assert!(exporter.patience() > exporter.timeout);
    exporter.flush().await;
    // The flush may have given up before the request timed out, when the machine was slow.
    exporter.idle().await;
    assert_eq!(exporter.dropped(), 3, "they may have arrived: they are not sent again");

    many(&exporter, 2);
    assert_eq!(exporter.dropped_by_flush().await, 0);
    assert_eq!(exporter.waiting(), 2, "nothing was sent");

    exporter.breaker().end_pause();
    assert_eq!(exporter.patience(), WAIT_AFTER_FAILURE);
    exporter.flush().await;
    exporter.idle().await;
    assert_eq!(exporter.dropped(), 5);
}

#[tokio::test]
async fn a_backend_that_is_only_slow_gets_its_spans_beside_the_next_event() {
    let (backend, url) = Backend::start().await;
    *backend.delay.lock().unwrap() = Duration::from_secs(2);
    let exporter = exporter(&config(&url));
    exporter.breaker().failed(Instant::now());
    exporter.breaker().end_pause();
    spans(&exporter, &["one"]);
    assert_eq!(exporter.dropped_by_flush().await, 0);
    assert!(backend.names().is_empty());
    exporter.idle().await;
    assert_eq!(backend.names(), ["one"]);
    assert!(!exporter.breaker().has_failed());
}

#[tokio::test]
async fn spans_that_did_not_arrive_are_sent_when_the_backend_is_back() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let exporter = exporter(&config(&format!("http://{address}")));
    spans(&exporter, &["one", "two"]);
    assert_eq!(exporter.dropped_by_flush().await, 0);
    assert_eq!(exporter.waiting(), 2, "the connection was refused");

    let backend = Backend::default();
    backend.answers(503);
    let router = Router::new().fallback(receive).with_state(backend.clone());
    let listener = TcpListener::bind(address).await.unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    exporter.reset_breaker();
    assert_eq!(exporter.dropped_by_flush().await, 0);
    assert_eq!(exporter.waiting(), 2, "the backend asked for another try");

    backend.answers(0);
    exporter.reset_breaker();
    spans(&exporter, &["three"]);
    assert_eq!(exporter.dropped_by_flush().await, 0);
    assert_eq!(backend.names(), ["one", "two", "three"]);
    assert_eq!(exporter.waiting(), 0);
}

#[tokio::test]
async fn spans_that_the_backend_refuses_are_dropped_and_reported() {
    let (backend, url) = Backend::start().await;
    for status in [400, 401, 413, 500] {
        let exporter = exporter(&config(&url));
        backend.answers(status);
        many(&exporter, 4);
        assert_eq!(exporter.dropped_by_flush().await, 4, "{status}");
        assert_eq!(exporter.waiting(), 0, "{status}");
    }
    let exporter = exporter(&config(&url));
    backend.answers(0);
    backend.rejected.store(2, Ordering::SeqCst);
    many(&exporter, 4);
    assert_eq!(exporter.dropped_by_flush().await, 2, "a part was refused");
}

#[tokio::test]
async fn memory_stays_bounded_while_the_backend_is_unreachable() {
    let exporter = exporter(&config("http://127.0.0.1:9"));
    for _ in 0..10 {
        many(&exporter, 1000);
        exporter.flush().await;
    }
    assert_eq!(exporter.waiting(), crate::buffer::CAPACITY);
}

#[tokio::test]
async fn a_flush_waits_for_an_export_in_the_background_and_sends_the_rest() {
    let (backend, url) = Backend::start().await;
    *backend.delay.lock().unwrap() = Duration::from_millis(50);
    let exporter = exporter(&config(&url));
    spans(&exporter, &["early"]);
    let background = exporter.clone();
    let early = tokio::spawn(async move { background.send_all(Take::All).await });
    tokio::time::sleep(Duration::from_millis(10)).await;
    spans(&exporter, &["late"]);
    exporter.flush().await;
    assert_eq!(backend.names(), ["early", "late"]);
    early.await.unwrap();
}

#[tokio::test]
async fn spans_that_began_hours_apart_are_sent_in_requests_of_their_own() {
    let (backend, url) = Backend::start().await;
    let exporter = exporter(&config(&url));
    spans(&exporter, &["new"]);
    let new = exporter.buffer.take(1, Take::All).remove(0);
    let begun = |name: &'static str, hours| {
        let mut span = new.clone();
        span.name = name.into();
        span.start_time -= Duration::from_hours(hours);
        span
    };
    let spans = [
        ("3 days", 72),
        ("new", 0),
        ("30 days", 720),
        ("an hour", 1),
        ("30 days and 9 hours", 729),
    ];
    exporter
        .buffer
        .put_back(spans.map(|(name, hours)| begun(name, hours)).to_vec());
    exporter.flush().await;
    assert_eq!(
        backend.names(),
        ["30 days and 9 hours", "30 days", "3 days", "an hour", "new"]
    );
    assert_eq!(backend.requests.lock().unwrap().len(), 3);
}
