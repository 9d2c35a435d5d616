//! The pages over real HTTP, for traces as the functions make them.

pub(super) mod fixtures;

use std::net::SocketAddr;
use std::sync::Arc;

use serde_json::json;
use tracehook_core::ExecutionToken;

use fixtures::{TOKEN, TRACE_ID};

use super::{Later, Links, Pages, WebhookRow, Webhooks, router};
use crate::alarms::Alarms;
use crate::config::Config;
use crate::example::Examples;
use crate::metrics::Metrics;
use crate::traces::{SpanKind, Trace, Traces};
use tracehook_local_lambda::loopback::Loopback;

#[derive(Debug)]
struct Fixed(Vec<WebhookRow>);

impl Webhooks for Fixed {
    fn latest(&self, limit: usize) -> Later<'_, Vec<WebhookRow>> {
        Box::pin(async move { self.0.iter().take(limit).cloned().collect() })
    }

    fn redrive(&self, token: ExecutionToken) -> Later<'_, Option<String>> {
        let known = self.0.iter().find(|row| row.token == token.to_string());
        let outcome = known.map_or("token_unknown", |row| match row.status.as_str() {
            "failed" => "redriven",
            _ => "completed",
        });
        Box::pin(async move { Some(outcome.to_owned()) })
    }
}

async fn serve(traces: &[Trace], webhooks: Vec<WebhookRow>, metrics: Metrics) -> SocketAddr {
    let store = Traces::open(None).unwrap();
    for trace in traces {
        store.add(trace.spans.clone()).await.unwrap();
    }
    let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)))
        .await
        .unwrap();
    let address = listener.local_addr().unwrap();
    let pages = Pages {
        here: Loopback::port(address.port()),
        traces: store.clone(),
        metrics: metrics.clone(),
        alarms: Alarms::new(&Config::development(), metrics.clone()).unwrap(),
        webhooks: Arc::new(Fixed(webhooks)),
        links: Links::default(),
        examples: Examples::new("http://127.0.0.1:8080", None, &Config::development()),
    };
    let app = router(pages)
        .merge(store.router())
        .merge(store.receiver())
        .merge(metrics.router());
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

async fn get(address: SocketAddr, path: &str) -> (u16, String) {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = http.get(format!("http://{address}{path}")).send().await.unwrap();
    let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    (answer.status().as_u16(), answer.text().await.unwrap())
}

async fn trace_page(trace: Trace) -> String {
    let address = serve(&[trace], Vec::new(), Metrics::default()).await;
    let (status, page) = get(address, &format!("/traces/{TRACE_ID}")).await;
    assert_eq!(status, 200);
    page
}

fn webhook(number: u32, status: &str) -> WebhookRow {
    WebhookRow {
        token: format!("{number:032x}"),
        source: "github".to_owned(),
        event_type: Some("push".to_owned()),
        subject: Some("octocat/hello-world".to_owned()),
        status: status.to_owned(),
        attempt: 1,
        created_at_ms: super::now_ms() - i64::from(number) * 47_000,
        last_updated_ms: super::now_ms() - i64::from(number) * 47_000 + 62,
        trace_id: Some(TRACE_ID.to_owned()),
        error: None,
    }
}

fn emitted() -> Metrics {
    let metrics = Metrics::default();
    for (name, unit, dimensions, values) in [
        (
            "WebhooksReceived",
            "Count",
            json!({"service": "validator", "source": "github"}),
            vec![1.0; 1240],
        ),
        (
            "WebhooksReceived",
            "Count",
            json!({"service": "validator", "source": "stripe"}),
            vec![1.0; 87],
        ),
        (
            "WebhooksRejected",
            "Count",
            json!({"service": "validator", "source": "github", "reason": "signature_mismatch"}),
            vec![1.0; 3],
        ),
        (
            "AcceptTime",
            "Milliseconds",
            json!({"service": "validator", "source": "github"}),
            (1..1000).map(|n| 4.0 + f64::from(n * n) / 9e4).collect(),
        ),
        (
            "StepDuration",
            "Milliseconds",
            json!({"service": "processor", "step": "process"}),
            vec![9.31, 12.4, 8.02, 3100.5],
        ),
        (
            "PayloadBytes",
            "Bytes",
            json!({"service": "validator", "source": "github"}),
            vec![7324.0, 1_048_576.0],
        ),
    ] {
        for values in values.chunks(100) {
            let keys: Vec<_> = dimensions.as_object().unwrap().keys().collect();
            let mut line = json!({"_aws": {"Timestamp": super::now_ms(), "CloudWatchMetrics": [{
                "Namespace": "Tracehook", "Dimensions": [keys], "Metrics": [{"Name": name, "Unit": unit}],
            }]}, name: values});
            line.as_object_mut()
                .unwrap()
                .extend(dimensions.as_object().unwrap().clone());
            metrics.read_text(&line.to_string(), super::now_ms());
        }
    }
    metrics
}

#[tokio::test]
async fn what_spans_say_is_never_markup() {
    let evil = "<script>alert(1)</script>\"'&";
    let mut trace = fixtures::retried();
    for span in &mut trace.spans {
        span.name = evil.to_owned();
        span.status.message = evil.to_owned();
        span.scope = evil.to_owned();
        span.attributes.insert(evil.to_owned(), json!([evil]));
        span.attributes.insert("webhook.source".to_owned(), json!(evil));
        span.attributes
            .insert("webhook.execution_token".to_owned(), json!(evil));
        span.attributes.insert("webhook.status".to_owned(), json!(evil));
        span.attributes.insert("durable.operation.name".to_owned(), json!(evil));
        span.resource.insert("service.name".to_owned(), json!(evil));
        for link in &mut span.links {
            link.span_id = evil.to_owned();
        }
    }
    let mut row = webhook(1, evil);
    row.token = evil.to_owned();
    row.event_type = Some(evil.to_owned());
    row.error = Some((evil.to_owned(), evil.to_owned()));
    let metrics = Metrics::default();
    let line = json!({"_aws": {"Timestamp": 0, "CloudWatchMetrics": [{
        "Namespace": evil, "Dimensions": [[evil]], "Metrics": [{"Name": "m", "Unit": evil}],
    }]}, evil: evil, "m": 1});
    metrics.read_text(&line.to_string(), 0);
    let address = serve(&[trace], vec![row], metrics).await;
    let paths = [
        "/",
        "/traces",
        "/metrics",
        &format!("/traces/{TRACE_ID}"),
        "/traces/%3Cscript%3E%22",
    ];
    for path in paths {
        let (_, page) = get(address, path).await;
        assert!(page.contains("&lt;script&gt;"), "{path}");
        assert!(!page.contains("<script"), "{path}");
        assert!(!page.contains("\"'&\""), "{path}");
    }
}

#[tokio::test]
async fn a_trace_with_retries_shows_tries_waits_messages_and_its_summary() {
    let page = trace_page(fixtures::retried()).await;
    for text in [
        "webhook github",
        "<span class=\"pill ok\">completed</span>",
        "<span>invocations</span><b>4</b><em>1 cold</em>",
        "<span>steps</span><b>3</b>",
        "<span>tries</span><b>5</b><em>2 failed</em>",
        "<span>total</span><b>4.40 s</b>",
        "<span>of it waiting</span><b>4.30 s</b>",
        "HandlerError: inventory service: connection refused (os error 111)",
        "retry delay before process, try 2",
        "retry delay before process, try 3",
        "1.20 s",
        "3.10 s",
        "cold start",
        "waits are shortened",
        "previous step",
    ] {
        assert!(page.contains(text), "{text}");
    }
    assert!(page.contains(&format!("href=\"/status/{TOKEN}\"")));
    assert_eq!(page.matches("<details class=\"row failed\"").count(), 2);
    assert!(
        !page.contains("http-equiv"),
        "a finished trace does not load itself again"
    );
}

#[tokio::test]
async fn a_trace_whose_root_is_missing_says_so_and_goes_on_looking() {
    let mut trace = fixtures::retried();
    trace.spans.retain(|span| span.parent_span_id.is_some());
    let spans = trace.spans.len();
    let page = trace_page(trace).await;
    assert!(page.contains("has not arrived: a span is sent when it ends"));
    assert!(page.contains("in progress") && page.contains("http-equiv=\"refresh\""));
    assert_eq!(page.matches("<details class=\"row").count(), spans);
}

#[tokio::test]
async fn a_span_whose_parent_was_lost_stands_under_a_note() {
    let mut trace = fixtures::plain();
    let lost = trace.spans.iter().position(|span| span.name == "processor").unwrap();
    let id = trace.spans.remove(lost).span_id;
    let page = trace_page(trace).await;
    assert!(page.contains(&format!("<code>{id}</code> of 7 spans was not received")));
}

#[tokio::test]
async fn a_rejected_request_is_a_trace_of_one_span() {
    let page = trace_page(fixtures::single()).await;
    assert!(page.contains("<span class=\"pill warn\">HTTP 401</span>"));
    assert_eq!(page.matches("<details class=\"row").count(), 1);
    assert!(!page.contains("steps</span>"));
}

#[tokio::test]
async fn a_span_that_was_received_twice_is_marked() {
    let trace = fixtures::plain();
    let address = serve(&[trace.clone(), trace], Vec::new(), Metrics::default()).await;
    let (_, page) = get(address, &format!("/traces/{TRACE_ID}")).await;
    assert!(page.contains("received 2×"));
}

#[tokio::test]
async fn a_large_trace_is_drawn_up_to_a_limit_and_says_so() {
    let page = trace_page(fixtures::large()).await;
    assert!(page.matches("<details class=\"row").count() > 190);
    let mut built = fixtures::Builder::new();
    let root = built.span(0, "validator", "root", SpanKind::Internal, 0.0, 2000.0);
    for at in 0..1100_u32 {
        built.step(root, "process", 1, 0, f64::from(at), f64::from(at) + 1.0);
    }
    let page = trace_page(built.build()).await;
    assert_eq!(page.matches("<details class=\"row").count(), 1000);
    assert!(page.contains("The first 1000 of 1101 spans are drawn"));
}

#[tokio::test]
async fn a_trace_that_is_not_there_explains_itself() {
    let address = serve(&[], Vec::new(), Metrics::default()).await;
    let (status, page) = get(address, &format!("/traces/{TRACE_ID}")).await;
    assert_eq!(status, 404);
    assert!(page.contains("Nothing of this trace yet") && page.contains("http-equiv=\"refresh\""));
    let (_, page) = get(address, &format!("/traces/{TRACE_ID}?refresh=off")).await;
    assert!(!page.contains("http-equiv"));
    let (status, page) = get(address, "/traces/12345").await;
    assert_eq!(status, 404);
    assert!(page.contains("is no trace id"));
}

#[tokio::test]
async fn the_latest_webhooks_lead_to_their_status_and_trace() {
    let mut failed = webhook(2, "failed");
    failed.error = Some(("handler_failed".to_owned(), "no such repository".to_owned()));
    failed.attempt = 2;
    let address = serve(&[], vec![webhook(1, "completed"), failed], Metrics::default()).await;
    let (_, page) = get(address, "/").await;
    for text in [
        "octocat/hello-world",
        "<span class=\"pill bad\">failed</span>",
        "handler_failed",
        "redrive 1",
        "47 s ago",
        "62.0 ms",
        "http-equiv=\"refresh\"",
        &format!("href=\"/status/{:032x}\"", 1),
        &format!("href=\"/traces/{TRACE_ID}\""),
    ] {
        assert!(page.contains(text), "{text}");
    }
}

#[tokio::test]
async fn without_a_webhook_the_page_says_how_to_send_one() {
    let address = serve(&[], Vec::new(), Metrics::default()).await;
    let (_, page) = get(address, "/").await;
    assert!(page.contains("curl -s http://127.0.0.1:8080/webhook/github "));
}

#[tokio::test]
async fn the_metrics_are_a_table_with_their_statistics() {
    let address = serve(&[], Vec::new(), emitted()).await;
    let (_, page) = get(address, "/metrics").await;
    for text in [
        "WebhooksReceived",
        "Milliseconds",
        "signature_mismatch",
        "1,240",
        "3,100",
    ] {
        assert!(page.contains(text), "{text}");
    }
}

#[tokio::test]
async fn alarms_are_listed_with_their_state_and_lead_to_their_runbooks() {
    let address = serve(&[], Vec::new(), Metrics::default()).await;
    let (status, page) = get(address, "/alarms").await;
    assert_eq!(status, 200);
    for text in [
        "All is well",
        "service-unhealthy",
        "signature-mismatch-github",
        "href=\"/alarms/runbooks/intake-5xx\"",
        "No data here: one machine has no web ACL.",
    ] {
        assert!(page.contains(text), "{text}");
    }
    let (status, page) = get(address, "/alarms/runbooks/intake-5xx").await;
    assert!(status == 200 && page.contains("What to do now"), "{status}");
    let (status, _) = get(address, "/alarms/runbooks/..%2fintake-5xx").await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn a_failed_webhook_has_a_button_that_works_as_a_plain_form_of_this_page_only() {
    let row = |token: &str, status: &str| WebhookRow {
        token: token.to_owned(),
        status: status.to_owned(),
        ..WebhookRow::default()
    };
    let (failed, done) = ("0".repeat(32), "1".repeat(32));
    let webhooks = vec![row(&failed, "failed"), row(&done, "completed")];
    let address = serve(&[], webhooks, Metrics::default()).await;
    let (_, page) = get(address, "/").await;
    let action = format!("action=\"/webhooks/{failed}/redrive\"");
    assert_eq!((page.matches("<form").count(), page.contains(&action)), (1, true));
    let http = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let own = format!("http://{address}");
    for (token, headers, expected) in [
        (failed.as_str(), &[("Sec-Fetch-Site", "same-origin")][..], 303),
        (&failed, &[("Origin", own.as_str())], 303),
        (&failed, &[("Sec-Fetch-Site", "cross-site")], 403),
        (
            &failed,
            &[("Sec-Fetch-Site", "same-site"), ("Origin", own.as_str())],
            403,
        ),
        (&failed, &[("Origin", "http://127.0.0.1:1")], 403),
        (&failed, &[("Origin", "null")], 403),
        (&failed, &[], 403),
        (&done, &[("Sec-Fetch-Site", "same-origin")], 409),
        ("2", &[("Sec-Fetch-Site", "same-origin")], 404),
    ] {
        let mut post = http.post(format!("{own}/webhooks/{token}/redrive"));
        for (name, value) in headers {
            post = post.header(*name, *value);
        }
        let answer = post.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), expected, "{token} {headers:?}");
        let policy = answer.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("form-action 'self'"), "{policy}");
    }
}
