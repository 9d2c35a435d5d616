//! A table that was restored to an earlier moment: what its records do with executions that are newer than they are.

use std::time::Duration;

use serde_json::json;
use tracehook_test_support::service::{effects, scripted};
use tracehook_test_support::{Delivery, Service, is_open};

/// Ages of a second, and nothing that is told by itself.
const SETTINGS: &str = r#"
    [triggers]
    sweep_seconds = 0
    [functions.reconciler.environment]
    RECEIVED_AGE_SECONDS = "1"
    STARTED_AGE_SECONDS = "1"
"#;

async fn send(service: &Service, body: &str) -> String {
    let delivery = Delivery::github("push", body).with("X-GitHub-Delivery", "restored");
    service.send(&delivery).await.unwrap().token().unwrap()
}

#[tokio::test]
async fn a_record_that_is_open_again_takes_the_end_of_its_execution() {
    let service = scripted(SETTINGS).await;
    let token = send(&service, r#"{"script":{"hang_ms":1500}}"#).await;
    while service.status(&token).await.unwrap()["status"] != "processing" {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let moment = service.snapshot(&token).await.unwrap();
    assert_eq!(service.end_of(&token).await.unwrap()["status"], "completed");

    service.restore(&token, &moment).await.unwrap();
    assert!(is_open(&service.status(&token).await.unwrap()));
    assert_eq!(service.swept_to_the_end(&token).await.unwrap()["status"], "completed");
    assert_eq!(effects(&service, &token).len(), 1, "the handler runs once");
}

#[tokio::test]
async fn a_redrive_of_a_record_that_forgot_one_does_not_run_the_handler_again() {
    let service = scripted(SETTINGS).await;
    let token = send(&service, r#"{"script":{"then":"permanent"}}"#).await;
    assert_eq!(service.end_of(&token).await.unwrap()["status"], "failed");
    let moment = service.snapshot(&token).await.unwrap();
    service
        .reconcile(json!({"action": "redrive", "token": token}))
        .await
        .unwrap();
    let ended = service.end_of(&token).await.unwrap();
    assert_eq!((&ended["status"], &ended["attempt"]), (&"failed".into(), &2.into()));
    let done = effects(&service, &token);

    service.restore(&token, &moment).await.unwrap();
    assert_eq!(service.status(&token).await.unwrap()["attempt"], 1);
    service
        .reconcile(json!({"action": "redrive", "token": token}))
        .await
        .unwrap();
    let ended = service.swept_to_the_end(&token).await.unwrap();
    assert_eq!((&ended["status"], &ended["attempt"]), (&"failed".into(), &2.into()));
    assert_eq!(
        effects(&service, &token),
        done,
        "the second attempt is the one that has been"
    );
}

#[tokio::test]
async fn a_webhook_that_is_younger_than_the_moment_is_taken_again_when_it_is_sent_again() {
    let service = scripted(SETTINGS).await;
    let token = send(&service, "{}").await;
    assert_eq!(service.end_of(&token).await.unwrap()["status"], "completed");

    service.restore(&token, &[]).await.unwrap();
    assert_eq!(service.get(&format!("/status/{token}")).await.unwrap().status, 404);
    assert_eq!(send(&service, "{}").await, token, "the delivery has its token");
    assert_eq!(service.swept_to_the_end(&token).await.unwrap()["status"], "completed");
    assert_eq!(effects(&service, &token).len(), 1, "its execution has been");
}
