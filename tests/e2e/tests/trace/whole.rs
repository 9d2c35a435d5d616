//! The plain case: one webhook, one trace, every part of its way.

use tracehook_core::record::StepName;
use tracehook_test_support::Delivery;

use crate::backend::{Backend, service};

#[tokio::test]
async fn a_webhook_is_one_trace_from_receipt_to_end() {
    let (backend, endpoint) = Backend::start().await;
    let service = service(&endpoint, "").await;
    let delivery = Delivery::github("push", r#"{"ref":"refs/heads/main"}"#);
    let accepted = service.send(&delivery).await.unwrap();
    let token = accepted.token().unwrap();
    let ended = service.end_of(&token).await.unwrap();
    let story = backend.end_of(&token).await.story(&token);

    let root = story.one("webhook github");
    assert_eq!(root.trace, accepted.json["traceId"]);
    assert_eq!(root.kind, 1);
    assert!(root.is("webhook.status", "completed") && root.is("webhook.type", "push"));
    assert!(root.is("webhook.payload_bytes", "25") && root.is("webhook.attempt", "1"));
    assert!(root.attributes.contains_key("webhook.delivery_id"));
    assert!(root.attributes["durable.execution.arn"].contains(&token));
    assert_eq!(root.failure, None);
    let began = format!("{:03}Z", root.began / 1_000_000 % 1000);
    assert!(ended["createdAt"].as_str().unwrap().ends_with(&began));
    assert_eq!(root.service, "tracehook-validator", "whoever tells it");

    let mut under_root = story.under(root);
    under_root.sort_unstable();
    assert_eq!(
        under_root,
        ["POST /webhook/{source}", "Workflow", "tracehook-processor"],
        "{story}"
    );
    let workflow = story.one("Workflow");
    assert!(workflow.is("durable.execution.status", "SUCCEEDED"));
    let mut under_workflow = story.under(workflow);
    under_workflow.sort_unstable();
    let mut expected: Vec<_> = StepName::ALL
        .iter()
        .flat_map(|step| [step.to_string(), format!("{step} attempt 1")])
        .collect();
    expected.sort_unstable();
    assert_eq!(under_workflow, expected, "{story}");

    let request = story.one("POST /webhook/{source}");
    assert_eq!((request.kind, &*request.service), (2, "tracehook-validator"));
    assert_eq!(story.under(request), ["verify", "store", "start"], "{story}");
    assert!(request.is("http.request.method", "POST") && request.is("http.response.status_code", "202"));
    assert!(request.is("url.path", "/webhook/github") && request.is("url.scheme", "http"));
    assert!(request.is("server.address", "127.0.0.1"), "{request:?}");
    assert!(request.is("http.route", "/webhook/{source}") && request.is("webhook.source", "github"));
    assert!(request.is("faas.trigger", "http") && request.is("faas.coldstart", "true"));
    let response = accepted.header("traceresponse");
    assert_eq!(response, format!("00-{}-{}-01", request.trace, request.id));

    assert_eq!(
        story.under(story.one("verify")),
        ["Secrets Manager.GetSecretValue"],
        "{story}"
    );
    assert_eq!(
        story.under(story.one("store")),
        ["DynamoDB.GetItem", "DynamoDB.PutItem", "DynamoDB.PutItem"]
    );
    assert_eq!(story.under(story.one("start")), ["Lambda.Invoke"]);
    let writes: Vec<_> = story.named("DynamoDB.PutItem").collect();
    for write in writes {
        assert_eq!(write.kind, 3);
        assert!(write.is("db.system.name", "aws.dynamodb") && write.is("db.operation.name", "PutItem"));
        assert!(write.is("aws.dynamodb.table_names", &write.attributes["db.collection.name"]));
        assert!(
            write.attributes["aws.dynamodb.consumed_capacity"].contains("CapacityUnits"),
            "{write:?}"
        );
    }

    let invocation = story.one("tracehook-processor");
    assert!(
        invocation.is("durable.invocation.status", "SUCCEEDED"),
        "{invocation:?}"
    );
    assert!(invocation.is("durable.invocation.first", "true") && invocation.is("faas.coldstart", "true"));
    let calls = story.under(invocation);
    assert_eq!(calls[0], "DynamoDB.Query", "{story}");
    assert_eq!(
        calls[1..],
        ["Lambda.CheckpointDurableExecution"; StepName::ALL.len()],
        "{story}"
    );

    for call in [
        "Secrets Manager.GetSecretValue",
        "DynamoDB.PutItem",
        "Lambda.Invoke",
        "Lambda.CheckpointDurableExecution",
    ] {
        for span in story.named(call) {
            assert!(span.attributes.contains_key("aws.request_id"), "{span:?}");
            assert!(span.is("rpc.system", "aws-api") && span.is("rpc.system.name", "aws-api"));
            assert!(span.is("server.address", "127.0.0.1"), "{span:?}");
        }
    }

    for step in StepName::ALL {
        let span = story.one(&format!("{step} attempt 1"));
        assert_eq!(story.under(span), ["DynamoDB.UpdateItem"], "{story}");
        assert!(span.is("durable.operation.name", step.as_str()) && span.is("durable.attempt.number", "1"));
        assert!(span.is("durable.attempt.outcome", "SUCCEEDED"), "{span:?}");
        let to = span.link("invocation").unwrap();
        assert_eq!((&to.trace, &to.span), (&invocation.trace, &invocation.id));
    }
}

#[tokio::test]
async fn no_span_has_a_payload_a_secret_or_a_signature() {
    let (backend, endpoint) = Backend::start().await;
    let service = service(&endpoint, "").await;
    let delivery = Delivery::github("push", r#"{"marker":"hunter2","script":{"then":"panic"}}"#);
    let token = service.send(&delivery).await.unwrap().token().unwrap();
    let refused = Delivery::github("push", r#"{"marker":"hunter2"}"#)
        .with("X-Hub-Signature-256", format!("sha256={}", "ab".repeat(32)));
    service.send(&refused).await.unwrap();
    service.status(&token).await.unwrap();
    let all = backend.end_of(&token).await.to_string();
    for secret in ["hunter2", tracehook_test_support::SECRET, &"ab".repeat(32), "sha256="] {
        assert!(!all.contains(secret), "{secret}: {all}");
    }
}
