//! A failed webhook that its producer sends again gets its next attempt.

use futures_util::future::join_all;
use serde_json::{Value, json};
use tracehook_test_support::service::{effects, scripted};
use tracehook_test_support::{Answer, Delivery, Service};

const FAILS: &str = r#"{"script":{"then":"permanent"}}"#;

fn delivery(id: &str, body: &str) -> Delivery {
    Delivery::github("push", body).with("X-GitHub-Delivery", id)
}

/// Sends a delivery and waits for its end.
async fn ended(service: &Service, delivery: &Delivery) -> (Answer, Value) {
    let answer = service.send(delivery).await.unwrap();
    let end = service.end_of(&answer.token().unwrap()).await.unwrap();
    (answer, end)
}

#[tokio::test]
async fn a_producer_opens_three_attempts_of_what_failed_and_an_operator_more() {
    let service = scripted("").await;
    let delivery = delivery("d-1", FAILS);
    let (first, end) = ended(&service, &delivery).await;
    let token = first.token().unwrap();
    assert_eq!(end["status"], "failed");

    for attempt in 2..=4 {
        // Less than a minute after the last attempt was opened it is a duplicate, which says what became of the webhook.
        let (early, end) = ended(&service, &delivery).await;
        assert_eq!((early.status, &early.json["duplicate"]), (202, &true.into()));
        assert_eq!(
            (&early.json["status"], &early.json["reopened"]),
            (&"failed".into(), &Value::Null)
        );
        assert_ne!(early.json["message"], first.json["message"]);
        assert_eq!(end["attempt"], attempt - 1);

        service.age_attempt(&token).await.unwrap();
        let (again, end) = ended(&service, &delivery).await;
        assert_eq!(
            (&again.json["executionToken"], &again.json["reopened"]),
            (&first.json["executionToken"], &true.into())
        );
        assert_eq!((&end["status"], &end["attempt"]), (&"failed".into(), &attempt.into()));
    }

    service.age_attempt(&token).await.unwrap();
    let (spent, end) = ended(&service, &delivery).await;
    assert_eq!((&spent.json["reopened"], &end["attempt"]), (&Value::Null, &4.into()));
    let redrive = json!({"action": "redrive", "token": token});
    assert_eq!(service.reconcile(redrive).await.unwrap()["outcome"], "redriven");
    let end = service.end_of(&token).await.unwrap();
    assert_eq!(
        (&end["attempt"], end["attempts"].as_array().unwrap().len()),
        (&5.into(), 5)
    );
    let keys: Vec<_> = effects(&service, &token).into_iter().map(|(_, key)| key).collect();
    assert_eq!(
        keys,
        (1..=5)
            .map(|attempt| format!("{token}-process-{attempt}"))
            .collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn what_has_completed_or_is_open_is_not_opened_again() {
    let service = scripted("").await;
    for (id, body, status) in [
        ("d-completed", "{}", "completed"),
        ("d-open", r#"{"script":{"hang_ms":600000}}"#, "processing"),
    ] {
        let delivery = delivery(id, body);
        let token = service.send(&delivery).await.unwrap().token().unwrap();
        loop {
            if service.status(&token).await.unwrap()["status"] == status {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        service.age_attempt(&token).await.unwrap();
        let again = service.send(&delivery).await.unwrap();
        assert_eq!(
            (&again.json["duplicate"], &again.json["reopened"]),
            (&true.into(), &Value::Null),
            "{id}"
        );
        assert_eq!(again.json["status"], status);
        assert_eq!(service.status(&token).await.unwrap()["attempt"], 1, "{id}");
        assert_eq!(effects(&service, &token).len(), 1, "{id}");
    }
}

#[tokio::test]
async fn many_redeliveries_at_the_same_time_open_one_attempt() {
    let service = scripted("").await;
    let delivery = delivery("d-1", FAILS);
    let (first, _) = ended(&service, &delivery).await;
    let token = first.token().unwrap();
    service.age_attempt(&token).await.unwrap();
    let answers = join_all((0..10).map(|_| service.send(&delivery))).await;
    let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    assert!(
        answers
            .iter()
            .all(|answer| answer.status == 202 && answer.json["duplicate"] == true)
    );
    let opened = answers.iter().filter(|answer| answer.json["reopened"] == true).count();
    assert_eq!(opened, 1);
    assert_eq!(service.end_of(&token).await.unwrap()["attempt"], 2);
    assert_eq!(effects(&service, &token).len(), 2);
}

#[tokio::test]
async fn a_redelivery_brings_the_payload_that_had_expired() {
    let service = scripted("").await;
    // The first attempt does not reach the handler, whose second call succeeds.
    let delivery = delivery("d-1", "{}");
    let stopped = json!({"operation": "dynamodb:UpdateItem", "function": "tracehook-processor", "count": 1000,
        "effect": {"status": 400, "code": "ValidationException"}});
    service.fault(stopped).await.unwrap();
    let token = service.send(&delivery).await.unwrap().token().unwrap();
    let end = service.end_of(&token).await.unwrap();
    assert_eq!(end["status"], "failed", "{end}");
    service.clear_faults().await.unwrap();
    service
        .delete_items(&token, |item| item.starts_with("payload#"))
        .await
        .unwrap();

    let redrive = json!({"action": "redrive", "token": token});
    assert_eq!(service.reconcile(redrive).await.unwrap()["outcome"], "payload_expired");
    service.age_attempt(&token).await.unwrap();
    let (again, end) = ended(&service, &delivery).await;
    assert_eq!(
        (&again.json["reopened"], &end["status"]),
        (&true.into(), &"completed".into())
    );
    assert_eq!(effects(&service, &token).len(), 1);
}
