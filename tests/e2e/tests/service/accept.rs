//! An accepted webhook gets the answer of the contract and ends completed.

use serde_json::json;
use tracehook_core::record::StepName;
use tracehook_test_support::service::scripted;
use tracehook_test_support::{Delivery, Service, sign};

const PAYLOADS: [&str; 8] = [
    "dependabot_alert",
    "installation",
    "issues",
    "ping",
    "pull_request",
    "push",
    "release",
    "workflow_run",
];

fn payload(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/fixtures/github/{name}.json", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[tokio::test]
async fn the_202_has_every_field_of_the_contract_and_the_status_answers_at_once() {
    let service = Service::start().await.unwrap();
    let accepted = service.send(&Delivery::github("push", payload("push"))).await.unwrap();
    let token = accepted.token().unwrap();
    assert!(
        token.len() == 32 && token.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)),
        "{token}"
    );
    let url = format!("{}/status/{token}", service.url());
    assert_eq!(accepted.json["statusUrl"], url);
    assert_eq!(accepted.header("location"), url);
    assert_eq!(accepted.header("content-type"), "application/json");
    assert_eq!(accepted.json["message"], "Webhook accepted for processing");
    assert!(!accepted.json["requestId"].as_str().unwrap().is_empty());
    let trace_id = accepted.json["traceId"].as_str().unwrap().to_owned();
    assert_eq!(trace_id.len(), 32);
    assert!(accepted.json["traceUrl"].as_str().unwrap().contains(&trace_id));
    assert!(accepted.json.get("duplicate").is_none());

    let first = service.get(&format!("/status/{token}")).await.unwrap();
    assert_eq!(first.status, 200);
    assert_eq!(first.header("cache-control"), "no-store");
    let ended = service.end_of(&token).await.unwrap();
    assert_eq!(ended["status"], "completed");
    assert_eq!(ended["executionToken"], token);
    assert_eq!(ended["currentStep"], "finalize");
    assert_eq!(ended["source"], "github");
    assert_eq!(ended["attempt"], 1);
    assert_eq!(ended["createdAt"], first.json["createdAt"], "createdAt never changes");
    assert_eq!(ended["trace"]["traceId"], trace_id);
    assert_eq!(ended["trace"]["url"], accepted.json["traceUrl"]);
    assert!(ended["logsUrl"].as_str().unwrap().contains(&token));
    assert!(ended.get("error").is_none());
    assert_eq!(ended["webhookSummary"]["type"], "push");
    assert_eq!(ended["webhookSummary"]["source"], "Codertocat/Hello-World");
    assert_eq!(ended["webhookSummary"]["keys"].as_array().unwrap().len(), 10);
    let steps = ended["steps"].as_array().unwrap();
    let names: Vec<_> = steps.iter().map(|step| step["name"].as_str().unwrap()).collect();
    assert_eq!(names, StepName::ALL.map(StepName::as_str));
    for step in steps {
        assert_eq!((&step["status"], &step["tries"]), (&"completed".into(), &1.into()));
        assert!(step["completedAt"].as_str().unwrap() >= step["startedAt"].as_str().unwrap());
        assert!(step["startedAt"].as_str().unwrap() >= ended["createdAt"].as_str().unwrap());
    }
    let done = service.get(&format!("/status/{token}")).await.unwrap();
    assert_eq!(done.header("retry-after"), "", "nothing more will happen");
}

#[tokio::test]
async fn all_eight_payloads_of_github_complete_with_their_type_and_subject() {
    let service = Service::start_with(tracehook_test_support::Options {
        memory: true,
        ..Default::default()
    })
    .await
    .unwrap();
    for name in PAYLOADS {
        let accepted = service.send(&Delivery::github(name, payload(name))).await.unwrap();
        let ended = service.end_of(&accepted.token().unwrap()).await.unwrap();
        assert_eq!(ended["status"], "completed", "{name}");
        assert_eq!(ended["webhookSummary"]["type"], name);
        let subject = ended["webhookSummary"]["source"].as_str().unwrap();
        assert!(!subject.is_empty() && subject != "github", "{name}: {subject}");
    }
}

#[tokio::test]
async fn header_names_have_no_case_and_the_prefix_of_a_signature_is_optional() {
    let service = Service::start().await.unwrap();
    let body = br#"{"ref":"main"}"#;
    let hex = sign(tracehook_test_support::SECRET, body);
    for (path, name, value) in [
        ("/webhook/github", "x-hub-signature-256", format!("sha256={hex}")),
        ("/webhook/github", "X-HUB-SIGNATURE-256", hex.clone()),
        ("/webhook", "X-Webhook-Signature", hex.clone()),
        ("/webhook", "x-webhook-SIGNATURE", format!("sha256={hex}")),
        ("/webhook/default", "X-Webhook-Signature", hex.to_uppercase()),
    ] {
        let answer = service
            .send(&Delivery::new(path, *body).with(name, value))
            .await
            .unwrap();
        assert_eq!(answer.status, 202, "{path} {name}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_webhook_without_a_delivery_id_has_a_token_of_its_own_each_time() {
    let service = Service::start().await.unwrap();
    let delivery = Delivery::default_source(r#"{"event":"order.created","source":"shop"}"#);
    let first = service.send(&delivery).await.unwrap().token().unwrap();
    let second = service.send(&delivery).await.unwrap().token().unwrap();
    assert_ne!(first, second);
    let ended = service.end_of(&second).await.unwrap();
    assert_eq!(ended["webhookSummary"]["type"], "order.created");
    assert_eq!(ended["webhookSummary"]["source"], "shop");
}

#[tokio::test]
async fn no_slow_start_is_left_to_the_reconciler() {
    let service = scripted("[triggers]\nsweep_seconds = 0\n").await;
    let mut tokens = Vec::new();
    for delay_ms in [200, 310, 900] {
        let slow = json!({"operation": "lambda:Invoke", "function": "tracehook-validator", "count": 20,
            "effect": {"delay_ms": delay_ms}});
        service.fault(slow).await.unwrap();
        for number in 0..20 {
            let delivery = Delivery::github("push", format!("{{\"{delay_ms}\":{number}}}"));
            tokens.push(service.send(&delivery).await.unwrap().token().unwrap());
        }
    }
    // No sweep comes: what the validator does not start, nobody does.
    for token in &tokens {
        assert_eq!(service.end_of(token).await.unwrap()["status"], "completed");
    }
    let output = service.output().unwrap();
    assert!(!output.contains("start deferred"), "{output}");
}

#[tokio::test]
async fn a_start_that_hangs_delays_the_answer_little_and_goes_on_after_it() {
    let service = scripted("[triggers]\nsweep_seconds = 0\n").await;
    let hangs =
        json!({"operation": "lambda:Invoke", "function": "tracehook-validator", "count": 1, "effect": {"hang": true}});
    service.fault(hangs).await.unwrap();
    let token = service
        .send(&Delivery::github("push", "{}"))
        .await
        .unwrap()
        .token()
        .unwrap();
    // No sweep comes: the validator's own second try has started it.
    assert_eq!(service.end_of(&token).await.unwrap()["status"], "completed");

    let away = json!({"operation": "lambda:Invoke", "function": "tracehook-validator", "count": 100, "effect": {"hang": true}});
    service.fault(away).await.unwrap();
    let token = service
        .send(&Delivery::github("push", "{}"))
        .await
        .unwrap()
        .token()
        .unwrap();
    let is_about = |line: &&str, message: &str| line.contains(&token) && line.contains(message);
    let lines = service
        .output_with(|output| output.lines().any(|line| is_about(&line, "start deferred")))
        .await
        .unwrap();
    let place = |message| lines.lines().position(|line| is_about(&line, message)).unwrap();
    assert!(place("\"accepted\"") < place("start deferred"), "{lines}");
    assert_eq!(service.status(&token).await.unwrap()["status"], "received");
}
