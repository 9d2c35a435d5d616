//! The same delivery is one webhook, however often and however fast it comes.

use futures_util::future::join_all;
use serde_json::json;
use tracehook_test_support::service::{configuration, effects, scripted};
use tracehook_test_support::{Delivery, Options, SECRET, Service, sign};

#[tokio::test]
async fn ten_deliveries_at_once_are_one_token_one_execution_and_nine_duplicates() {
    let service = scripted("").await;
    let delivery = Delivery::github("push", "{}");
    let answers = join_all((0..10).map(|_| service.send(&delivery))).await;
    let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    let tokens: std::collections::BTreeSet<_> = answers.iter().map(|answer| answer.token().unwrap()).collect();
    assert_eq!(tokens.len(), 1, "{tokens:?}");
    let duplicates = answers.iter().filter(|answer| answer.json["duplicate"] == true).count();
    assert_eq!(duplicates, 9);
    let traces: std::collections::BTreeSet<_> = answers
        .iter()
        .map(|answer| answer.json["traceId"].to_string())
        .collect();
    assert_eq!(traces.len(), 1, "a duplicate leads to the first one's trace");
    let token = tokens.first().unwrap();
    assert_eq!(service.end_of(token).await.unwrap()["status"], "completed");
    assert_eq!(effects(&service, token).len(), 1);

    let late = service.send(&delivery).await.unwrap();
    assert_eq!(
        (late.token().unwrap().as_str(), &late.json["duplicate"]),
        (token.as_str(), &true.into())
    );
    assert_eq!(service.status(token).await.unwrap()["status"], "completed");
    assert_eq!(effects(&service, token).len(), 1);
}

#[tokio::test]
async fn the_same_delivery_id_at_another_source_is_another_webhook() {
    let service = Service::start().await.unwrap();
    let github = Delivery::github("push", "{}").with("X-GitHub-Delivery", "d-1");
    let other = Delivery::default_source("{}").with("X-Webhook-Id", "d-1");
    let first = service.send(&github).await.unwrap().token().unwrap();
    let second = service.send(&other).await.unwrap();
    assert_ne!(first, second.token().unwrap());
    assert!(second.json.get("duplicate").is_none());
    assert_eq!(service.send(&other).await.unwrap().json["duplicate"], true);
}

#[tokio::test]
async fn a_source_with_an_answer_of_its_own_says_in_a_header_that_a_webhook_came_before() {
    let signed = json!({"preset": "hmac-sha256", "secret": SECRET, "id": ["json:/id"], "answer": {"status": 200}});
    let unsigned =
        json!({"preset": "hmac-sha256", "secret": SECRET, "id": ["header:X-Webhook-Id"], "answer": {"status": 200}});
    let options = Options {
        config: Some(configuration([("signed", &signed), ("unsigned", &unsigned)])),
        ..Options::default()
    };
    let service = Service::start_with(options).await.unwrap();
    for (source, body, expected) in [
        ("signed", r#"{"id":1}"#, ""),
        ("signed", r#"{"id":1}"#, "duplicate"),
        ("signed", r#"{"id":1,"try":2}"#, "duplicate, conflict"),
        ("unsigned", r#"{"id":1}"#, ""),
        ("unsigned", r#"{"id":1,"try":2}"#, "conflict"),
        ("unsigned", r#"{"id":1}"#, "duplicate"),
    ] {
        let delivery = Delivery::new(&format!("/webhook/{source}"), body)
            .with("X-Webhook-Signature", sign(SECRET, body.as_bytes()))
            .with("X-Webhook-Id", "w-1");
        let answer = service.send(&delivery).await.unwrap();
        assert_eq!((answer.status, answer.text.as_str()), (200, ""), "{source} {body}");
        assert_eq!(answer.header("X-Webhook-Outcome"), expected, "{source} {body}");
    }
}
