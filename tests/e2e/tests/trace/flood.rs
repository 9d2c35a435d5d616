//! What a flood of refused and of replayed requests makes the real functions do: the numbers of `terraform/costs.json`, of which
//! the table of costs is made.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use serde_json::Value;
use tracehook_test_support::service::calls;
use tracehook_test_support::{Delivery, SECRET, Service, root, sign};

use tracehook_test_support::Options;

/// Requests of each kind.
const MANY: usize = 20;

/// Bytes of spans that were received.
#[derive(Clone, Default)]
struct Received(Arc<AtomicUsize>);

impl Received {
    async fn start() -> (Self, String) {
        let received = Self::default();
        let take = |State(received): State<Self>, body: Bytes| async move {
            received.0.fetch_add(body.len(), Ordering::Relaxed);
        };
        let router = Router::new()
            .route("/v1/traces", post(take))
            .with_state(received.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (received, url)
    }
}

/// What has been used so far.
#[derive(Debug, Clone, Copy)]
struct Used {
    lines: usize,
    log_bytes: usize,
    span_bytes: usize,
    reads: f64,
    writes: f64,
    starts: u64,
}

impl Used {
    async fn now(service: &Service, received: &Received) -> Self {
        let stats = service.get("/local/stats").await.unwrap().json;
        let units = |operations: &[&str]| {
            let rows = stats["calls"].as_array().unwrap().iter();
            let of = |row: &&Value| operations.iter().any(|operation| row["operation"] == *operation);
            rows.filter(of).filter_map(|row| row["capacityUnits"].as_f64()).sum()
        };
        let output = service.output().unwrap();
        // The local service writes the function's name before each of its lines.
        let lines = output
            .lines()
            .filter_map(|line| line.strip_prefix("tracehook-validator "));
        let lines: Vec<_> = lines.collect();
        Self {
            lines: lines.iter().filter(|line| is_outcome(line)).count(),
            log_bytes: lines.iter().map(|line| line.len() + 1).sum(),
            span_bytes: received.0.load(Ordering::Relaxed),
            reads: units(&["dynamodb:GetItem", "dynamodb:Query"]),
            writes: units(&["dynamodb:PutItem", "dynamodb:UpdateItem"]),
            starts: calls(&stats, "tracehook-validator", "lambda:Invoke"),
        }
    }

    /// Once that many requests are logged, and no more bytes arrive.
    async fn after(service: &Service, received: &Received, lines: usize) -> Self {
        let mut before = Self::now(service, received).await;
        for _ in 0..200 {
            tokio::time::sleep(Duration::from_millis(300)).await;
            let now = Self::now(service, received).await;
            if now.lines >= lines && (now.log_bytes, now.span_bytes) == (before.log_bytes, before.span_bytes) {
                return now;
            }
            before = now;
        }
        panic!("{lines} requests are not logged: {}", service.output().unwrap())
    }
}

fn is_outcome(line: &str) -> bool {
    line.contains("\"refused\"") || line.contains("\"accepted\"")
}

async fn service(endpoint: &str) -> Service {
    let config = format!(
        r#"
        [sources.github]
        preset = "github"
        secret = "{SECRET}"
        [sources.shop]
        preset = "hmac-sha256"
        secret = "{SECRET}"
        id = ["json:/id"]
        [triggers]
        sweep_seconds = 0
        # A further process would read the configuration among what is counted.
        [functions.validator]
        concurrency = 1
        [functions.validator.environment]
        OTEL_EXPORTER_OTLP_ENDPOINT = "{endpoint}"
        OTEL_EXPORTER_OTLP_TIMEOUT = "10000"
        "#
    );
    let options = Options {
        config: Some(config),
        memory: true,
        ..Default::default()
    };
    Service::start_with(options).await.unwrap()
}

/// The deliveries of a kind, by its key in the data; what comes first was stored before.
fn delivery(key: &str) -> (Vec<Delivery>, Delivery, u16) {
    let large = format!(r#"{{"filler":"{}"}}"#, "x".repeat(4_000_000));
    let push = |body: &str| Delivery::github("push", body).with("X-GitHub-Delivery", key);
    let order = |body: &str| {
        let signature = sign(SECRET, body.as_bytes());
        Delivery::new("/webhook/shop", body).with("X-Webhook-Signature", signature)
    };
    match key {
        "unsigned" => (vec![], push("{}").without("X-Hub-Signature-256"), 401),
        "forged" => (
            vec![],
            push("{}").with("X-Hub-Signature-256", sign("another", b"{}")),
            401,
        ),
        "replayed" => (vec![push("{}")], push("{}"), 202),
        "replayed-large" => (vec![push(&large)], push(&large), 202),
        "conflicting" => (vec![push("{}"), push(r#"{"a":1}"#)], push(r#"{"a":1}"#), 202),
        "conflicting-signed" => {
            let (first, second) = (order(r#"{"id":"o-1"}"#), order(r#"{"id":"o-1","try":2}"#));
            (vec![first], second, 202)
        }
        other => panic!("no delivery for {other}"),
    }
}

#[tokio::test]
async fn a_flood_needs_what_the_table_of_costs_says() {
    let costs = std::fs::read_to_string(root().join("terraform/costs.json")).unwrap();
    let costs: Value = serde_json::from_str(&costs).unwrap();
    let (received, endpoint) = Received::start().await;
    let service = service(&endpoint).await;
    let (mut seen, mut wrong) = (0, Vec::new());
    for row in costs["requests"].as_array().unwrap() {
        // A webhook's own cost is measured by the bench.
        if row["webhook"].is_string() {
            continue;
        }
        seen += 1;
        let key = row["key"].as_str().unwrap();
        let (before, repeated, status) = delivery(key);
        for first in before {
            let token = service.send(&first).await.unwrap().token().unwrap();
            service.end_of(&token).await.unwrap();
        }
        // Connections and secrets are there before the counting begins.
        service.send(&repeated).await.unwrap();
        service.at_rest().await.unwrap();
        let began = Used::after(&service, &received, 1).await;
        for _ in 0..MANY {
            assert_eq!(service.send(&repeated).await.unwrap().status, status, "{key}");
        }
        let ended = Used::after(&service, &received, began.lines + MANY).await;

        let many = f64::from(u32::try_from(MANY).unwrap());
        let said = |name: &str| row[name].as_f64().unwrap();
        assert_eq!(ended.starts, began.starts, "{key} starts something");
        for (name, units) in [
            ("reads", ended.reads - began.reads),
            ("writes", ended.writes - began.writes),
        ] {
            let each = units / many;
            if (each - said(name)).abs() > 0.01 {
                wrong.push(format!("{key} {name}: {each}"));
            }
        }
        for (name, bytes) in [
            ("log_bytes", ended.log_bytes - began.log_bytes),
            ("span_bytes", ended.span_bytes - began.span_bytes),
        ] {
            let bytes = f64::from(u32::try_from(bytes).unwrap()) / many;
            // Not less than there is, and not much more.
            if bytes > said(name) || bytes * 1.6 < said(name) {
                wrong.push(format!("{key} {name}: {bytes}"));
            }
        }
    }
    assert_eq!((seen, wrong), (6, Vec::new()), "terraform/costs.json says otherwise");
}
