//! What is exported is what `functions/telemetry/SPANS.md` lists: names, kinds, attributes and their types.

use std::collections::BTreeMap;

use serde_json::json;
use tracehook_test_support::Delivery;

use crate::backend::{Backend, service};
use crate::spans::{Span, Spans};

const TABLE: &str = include_str!("../../../../functions/telemetry/SPANS.md");

/// The rows of a table below a heading: their cells.
fn rows(heading: &str) -> Vec<Vec<String>> {
    let (_, after) = TABLE.split_once(heading).unwrap();
    let table = after.lines().skip_while(|line| !line.starts_with("| ---"));
    table
        .skip(1)
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            line.trim_matches('|')
                .split('|')
                .map(|cell| cell.trim().replace('`', ""))
                .collect()
        })
        .collect()
}

/// The row of a span, and the word by which the table of attributes calls it.
fn row_of(span: &Span) -> (&'static str, &'static str) {
    let has = |key: &str| span.attributes.contains_key(key);
    match &*span.name {
        "verify" => ("verify", "verify"),
        "store" => ("store", "store"),
        "start" => ("start", "start"),
        "Workflow" => ("Workflow", "Workflow"),
        name if name.starts_with("webhook ") => ("webhook {source}", "webhook"),
        name if name.starts_with("failed webhook ") => ("failed webhook {source}", "failed"),
        name if name.starts_with("redrive ") => ("redrive {n}", "redrive"),
        name if name.starts_with("reconcile ") => ("reconcile {action}", "reconcile"),
        _ if has("http.request.method") => ("{method} {route}", "request"),
        _ if has("durable.attempt.outcome") => ("{step} attempt {n}", "attempt"),
        _ if has("durable.operation.status") => ("{step}", "step"),
        _ if has("durable.invocation.status") => ("{processor}", "invocation"),
        _ if has("rpc.system") => ("{Service}.{Operation}", "call"),
        name => panic!("{name} is in no row: {span:?}"),
    }
}

/// Whether the table says that spans of a row have an attribute.
fn may_have(of: &str, row: &str, span: &Span) -> bool {
    match of {
        "all of a webhook" => true,
        "all that failed" => span.failure.is_some(),
        "all of an execution; webhook, redrive" => !["request", "reconcile", "failed"].contains(&row),
        of => of.split(", ").any(|of| of == row),
    }
}

fn compare(spans: &Spans) {
    let kinds = BTreeMap::from([("internal", 1), ("server", 2), ("client", 3)]);
    let (listed, attributes) = (rows("# Spans"), rows("## Attributes"));
    for span in &spans.0 {
        let (row, word) = row_of(span);
        let listed = listed.iter().find(|listed| listed[0] == row);
        let listed = listed.unwrap_or_else(|| panic!("{row} is not listed"));
        assert_eq!(span.kind, kinds[&*listed[1]], "{span:?}");
        for (key, kind) in &span.types {
            let name = if key.starts_with("webhook.label.") {
                "webhook.label.{name}"
            } else {
                key
            };
            let attribute = attributes.iter().find(|attribute| attribute[0] == name);
            let attribute = attribute.unwrap_or_else(|| panic!("{key} of {row} is not listed"));
            assert_eq!(attribute[1], *kind, "{key} of {row}");
            assert!(may_have(&attribute[2], word, span), "{key} of {row}: {span:?}");
        }
    }
    // Of what is listed, nothing is missing that these webhooks have.
    for listed in &listed {
        assert!(
            spans.0.iter().any(|span| row_of(span).0 == listed[0]),
            "no span of {}",
            listed[0]
        );
    }
    let known_elsewhere = [
        "http.request.resend_count",
        "rpc.response.status_code",
        "webhook.reopened",
    ];
    for attribute in attributes.iter().map(|attribute| &*attribute[0]) {
        let prefix = attribute.split('{').next().unwrap();
        assert!(
            known_elsewhere.contains(&attribute)
                || spans
                    .0
                    .iter()
                    .any(|span| span.types.keys().any(|key| key.starts_with(prefix))),
            "no span has {attribute}"
        );
    }
}

#[tokio::test]
async fn every_exported_span_and_attribute_is_in_the_table_and_the_other_way_round() {
    let (backend, endpoint) = Backend::start().await;
    let service = service(&endpoint, "").await;
    let labelled =
        Delivery::github("push", r#"{"after":"c-1","script":{"failures":1}}"#).with("User-Agent", "producer/1");
    let completed = service.send(&labelled).await.unwrap().token().unwrap();
    service.send(&labelled).await.unwrap();
    service.end_of(&completed).await.unwrap();
    service.status(&completed).await.unwrap();
    let refused = Delivery::github("push", "{}").with("X-Hub-Signature-256", "sha256=00");
    service.send(&refused).await.unwrap();
    service
        .kill_at("tracehook-processor", "lambda:CheckpointDurableExecution", 1, "before")
        .await
        .unwrap();
    let failed = Delivery::github("push", r#"{"script":{"then":"permanent"}}"#);
    let failed = service.send(&failed).await.unwrap().token().unwrap();
    service.end_of(&failed).await.unwrap();
    backend.end_of(&failed).await;
    service
        .reconcile(json!({"action": "redrive", "token": failed}))
        .await
        .unwrap();
    let spans = backend
        .until("everything", |spans| {
            spans.named("redrive 2").count() == 1 && spans.of(&completed).roots().count() == 1
        })
        .await;
    compare(&spans);
}
