//! The metrics that the functions write, as `CloudWatch` reads them.

use std::collections::BTreeSet;

use serde_json::Value;
use tracehook_telemetry::metrics::names::ALL;
use tracehook_test_support::Delivery;

use crate::backend::service;

#[tokio::test]
async fn what_happens_is_counted_under_the_documented_names_units_and_dimensions() {
    let service = service("http://127.0.0.1:9", "").await;
    let retried = Delivery::github("push", r#"{"script":{"failures":1}}"#);
    let failing = Delivery::github("push", r#"{"script":{"then":"permanent"}}"#);
    let mut tokens = Vec::new();
    for delivery in [&retried, &failing, &retried] {
        tokens.push(service.send(delivery).await.unwrap().token().unwrap());
    }
    let refused = Delivery::new("/webhook/nobody-in-the-deployment", "{}");
    service.send(&refused).await.unwrap();
    for token in &tokens {
        service.end_of(token).await.unwrap();
    }
    service.reconcile(serde_json::json!({"action": "sweep"})).await.unwrap();
    // A function writes its metrics after its response was posted.
    let ended = |output: &str| {
        ["ExecutionsCompleted", "ExecutionsFailed", "Sweeps"]
            .into_iter()
            .all(|name| output.contains(name))
    };
    let output = service.output_with(ended).await.unwrap();
    let lines: Vec<Value> = output
        .lines()
        .filter(|line| line.contains("\"_aws\""))
        .map(|line| serde_json::from_str(&line[line.find('{').unwrap()..]).unwrap())
        .collect();
    let mut seen = BTreeSet::new();
    for line in &lines {
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(directive["Namespace"], "Tracehook/tracehook");
        let dimensions: Vec<_> = directive["Dimensions"][0]
            .as_array()
            .unwrap()
            .iter()
            .map(|name| name.as_str().unwrap())
            .collect();
        for metric in directive["Metrics"].as_array().unwrap() {
            let name = metric["Name"].as_str().unwrap();
            let known = ALL
                .iter()
                .find(|metric| metric.name == name)
                .unwrap_or_else(|| panic!("{name}"));
            assert_eq!(dimensions, known.dimensions, "{name}");
            assert!(metric["Unit"].is_string(), "{name}");
            seen.insert(name.to_owned());
        }
        let text = line.to_string();
        for value in tokens
            .iter()
            .map(String::as_str)
            .chain(["nobody-in-the-deployment", "arn:aws"])
        {
            assert!(!text.contains(value), "{value}: {text}");
        }
    }
    for name in [
        "WebhooksReceived",
        "WebhooksAccepted",
        "WebhooksDuplicate",
        "WebhooksRejected",
        "AcceptTime",
        "PayloadBytes",
        "Starts",
        "StepDuration",
        "StepRetries",
        "StepFailures",
        "ExecutionsCompleted",
        "ExecutionsFailed",
        "WebhooksFailed",
        "TimeToCompletion",
        "Sweeps",
        "WebhooksOpen",
        "WebhooksStuck",
        "OldestOpenAge",
    ] {
        assert!(seen.contains(name), "{name} in {seen:?}");
    }
}

#[tokio::test]
async fn every_line_about_a_webhook_has_its_token_trace_source_and_request() {
    let service = service("http://127.0.0.1:9", "").await;
    let delivery = Delivery::github("push", r#"{"script":{"failures":1}}"#);
    let accepted = service.send(&delivery).await.unwrap();
    let token = accepted.token().unwrap();
    service.end_of(&token).await.unwrap();
    let logged = |output: &str| {
        ["\"accepted\"", "try failed"]
            .into_iter()
            .all(|message| output.contains(message))
    };
    let output = service.output_with(logged).await.unwrap();
    let lines: Vec<Value> = output
        .lines()
        .filter_map(|line| serde_json::from_str(&line[line.find('{')?..]).ok())
        .collect();
    for (message, service) in [("accepted", "validator"), ("try failed", "processor")] {
        let line = lines.iter().find(|line| line["message"] == message).unwrap();
        assert_eq!(
            (&line["service"], &line["token"]),
            (&service.into(), &token.clone().into()),
            "{line}"
        );
        assert_eq!(line["trace_id"], accepted.json["traceId"], "{line}");
        assert_eq!(line["source"], "github", "{line}");
        assert!(line["request_id"].as_str().is_some_and(|id| !id.is_empty()), "{line}");
    }
    let accepted_line = lines.iter().find(|line| line["message"] == "accepted").unwrap();
    assert_eq!(accepted_line["request_id"], accepted.json["requestId"]);
}
