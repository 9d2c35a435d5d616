//! The example that posts webhooks to an endpoint: one effect for each idempotency key, and one trace with the endpoint.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::sync::{Arc, Mutex};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tracehook_test_support::service::binaries;
use tracehook_test_support::{Delivery, Options, SECRET, Service};

use crate::backend::Backend;

/// A request as the endpoint has read it.
#[derive(Debug, Clone)]
struct Request {
    headers: BTreeMap<String, String>,
    /// The body as it was sent.
    sent: Vec<u8>,
    /// The JSON that it stands for.
    body: Value,
}

/// An endpoint that remembers its effects by idempotency key, as the receiver of a payment does, and answers as the body
/// demands: `{"answers": [0, 503, 200]}`, one number for each request of a key, the last one again and again. At 0 the effect
/// is done and the connection is closed without an answer.
#[derive(Debug, Clone, Default)]
struct Endpoint {
    requests: Arc<Mutex<Vec<Request>>>,
    effects: Arc<Mutex<BTreeMap<String, Value>>>,
}

impl Endpoint {
    async fn start() -> (Self, String) {
        let endpoint = Self::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hooks", listener.local_addr().unwrap());
        let serving = endpoint.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serving.clone().serve(stream));
            }
        });
        (endpoint, url)
    }

    /// Answers one request and closes.
    async fn serve(self, mut stream: TcpStream) {
        let Some(request) = read(&mut stream).await else { return };
        let key = request.headers["idempotency-key"].clone();
        let asked = {
            let mut requests = self.requests.lock().unwrap();
            requests.push(request.clone());
            requests
                .iter()
                .filter(|other| other.headers["idempotency-key"] == key)
                .count()
        };
        let answers = request.body["answers"].as_array().unwrap();
        let answer = answers
            .get(asked - 1)
            .or(answers.last())
            .and_then(Value::as_u64)
            .unwrap();
        if answer < 300 {
            let repeated = self.effects.lock().unwrap().insert(key, request.body.clone());
            assert!(repeated.is_none_or(|before| before == request.body));
        }
        if answer > 0 {
            let head = format!("HTTP/1.1 {answer} Scripted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            stream.write_all(head.as_bytes()).await.unwrap();
        }
    }

    fn requests_with(&self, marker: &str) -> Vec<Request> {
        let requests = self.requests.lock().unwrap();
        requests
            .iter()
            .filter(|request| request.body["marker"] == marker)
            .cloned()
            .collect()
    }

    fn effects(&self) -> usize {
        self.effects.lock().unwrap().len()
    }
}

/// Reads a request with a `Content-Length`.
async fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    loop {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            continue;
        };
        let (head, body) = (String::from_utf8_lossy(&bytes[..end]), &bytes[end + 4..]);
        let headers: BTreeMap<_, _> = head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        if body.len() == headers["content-length"].parse::<usize>().unwrap() {
            assert!(head.starts_with("POST /hooks "), "{head}");
            let mut json = Vec::new();
            match headers.get("content-encoding").map(String::as_str) {
                Some("gzip") => {
                    GzDecoder::new(body).read_to_end(&mut json).unwrap();
                }
                other => {
                    assert_eq!(other, None);
                    json.extend_from_slice(body);
                }
            }
            return Some(Request {
                headers,
                sent: body.to_vec(),
                body: serde_json::from_slice(&json).unwrap(),
            });
        }
    }
}

async fn service(forward_to: &str, spans_to: &str) -> Service {
    let config = format!(
        r#"
        [sources.github]
        preset = "github"
        secret = "{SECRET}"
        [functions.processor]
        binary = "{}"
        [functions.processor.environment]
        FORWARD_URL = "{forward_to}"
        OTEL_EXPORTER_OTLP_ENDPOINT = "{spans_to}"
        OTEL_EXPORTER_OTLP_TIMEOUT = "10000"
        STEP_INITIAL_DELAY_SECONDS = "1"
        STEP_MAX_DELAY_SECONDS = "1"
        STEP_MAX_TRIES = "3"
        "#,
        binaries().unwrap().join("forwarding-processor").display(),
    );
    let options = Options {
        config: Some(config),
        memory: true,
        ..Default::default()
    };
    Service::start_with(options).await.unwrap()
}

#[tokio::test]
async fn an_effect_happens_once_though_its_answer_was_lost_and_each_call_continues_the_trace_of_its_own_try() {
    let (backend, spans_to) = Backend::start().await;
    let (endpoint, forward_to) = Endpoint::start().await;
    let service = service(&forward_to, &spans_to).await;
    let body = r#"{"marker":"lost","answers":[0,503,200]}"#;
    let accepted = service.send(&Delivery::github("push", body)).await.unwrap();
    let token = accepted.token().unwrap();
    let ended = service.end_of(&token).await.unwrap();
    assert_eq!(ended["status"], "completed", "{ended}");

    let requests = endpoint.requests_with("lost");
    let header = |name: &str| {
        requests
            .iter()
            .map(|request| request.headers[name].clone())
            .collect::<Vec<_>>()
    };
    let keys = header("idempotency-key");
    assert_eq!((keys.len(), endpoint.effects()), (3, 1), "{requests:?}");
    assert!(
        keys.iter().all(|key| *key == keys[0] && key.contains(&token)),
        "{keys:?}"
    );
    assert_eq!(header("x-webhook-source"), ["github"; 3]);

    let spans = backend.end_of(&token).await;
    let tries = spans.attempts("process");
    let expected: Vec<_> = tries
        .iter()
        .map(|span| format!("00-{}-{}-01", span.trace, span.id))
        .collect();
    assert_eq!(header("traceparent"), expected);
    assert!(tries.iter().all(|span| accepted.json["traceId"] == span.trace));

    // Another webhook with the same body is another effect.
    let other = service
        .send(&Delivery::github("push", body))
        .await
        .unwrap()
        .token()
        .unwrap();
    assert_eq!(service.end_of(&other).await.unwrap()["status"], "completed");
    assert_eq!(endpoint.effects(), 2);
}

#[tokio::test]
async fn what_the_endpoint_refuses_ends_the_webhook_at_once_and_what_it_may_take_later_is_tried_again() {
    let (_, spans_to) = Backend::start().await;
    let (endpoint, forward_to) = Endpoint::start().await;
    let service = service(&forward_to, &spans_to).await;
    for (answer, code, calls) in [
        (422, "endpoint_refuses", 1),
        (302, "endpoint_refuses", 1),
        (429, "endpoint_busy", 3),
        (0, "endpoint_away", 3),
    ] {
        let marker = format!("marker-{answer}");
        let body = format!(r#"{{"marker":"{marker}","answers":[{answer}]}}"#);
        let token = service
            .send(&Delivery::github("push", body))
            .await
            .unwrap()
            .token()
            .unwrap();
        let ended = service.end_of(&token).await.unwrap();
        assert_eq!(
            (ended["status"].as_str(), ended["error"]["code"].as_str()),
            (Some("failed"), Some(code)),
            "{ended}"
        );
        assert_eq!(endpoint.requests_with(&marker).len(), calls, "{answer}");
    }
}

#[tokio::test]
async fn a_body_goes_out_as_it_came_in_with_its_content_encoding() {
    let (_, spans_to) = Backend::start().await;
    let (endpoint, forward_to) = Endpoint::start().await;
    let service = service(&forward_to, &spans_to).await;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(br#"{"marker":"coded","answers":[200]}"#).unwrap();
    let body = encoder.finish().unwrap();
    let delivery = Delivery::github("push", body.as_slice()).with("Content-Encoding", "x-gzip");
    let token = service.send(&delivery).await.unwrap().token().unwrap();
    assert_eq!(service.end_of(&token).await.unwrap()["status"], "completed");
    let requests = endpoint.requests_with("coded");
    assert_eq!((requests.len(), &requests[0].sent), (1, &body));
    assert_eq!(requests[0].headers["content-type"], "application/json");
}
