//! What makes two deliveries one webhook, and what becomes of one whose identity was used with another body.

use serde_json::{Value, json};
use tracehook_test_support::service::{binaries, effects, scripted};
use tracehook_test_support::{Answer, Delivery, Options, SECRET, Service, sign};

/// A service with a source `shop` of the scheme `hmac-sha256` and these settings.
async fn shop(settings: &str) -> Service {
    let config = format!(
        "[sources.shop]\npreset = \"hmac-sha256\"\nsecret = \"{SECRET}\"\n{settings}\n[functions.processor]\nbinary = \"{}\"\n\
         [functions.processor.environment]\nEFFECTS_FILE = \"DIRECTORY/effects\"\n",
        binaries().unwrap().join("scripted-processor").display()
    );
    let options = Options {
        config: Some(config),
        ..Options::default()
    };
    Service::start_with(options).await.unwrap()
}

fn to_shop(body: &str) -> Delivery {
    Delivery::new("/webhook/shop", body).with("X-Webhook-Signature", sign(SECRET, body.as_bytes()))
}

async fn sent(service: &Service, delivery: &Delivery) -> Answer {
    let answer = service.send(delivery).await.unwrap();
    assert_eq!(answer.status, 202, "{}", answer.json);
    answer
}

/// The count of conflicts once it is so many: it is noted after the answer.
async fn conflicts(service: &Service, token: &str, at_least: u64) -> u64 {
    for _ in 0..500 {
        let conflicts = service.status(token).await.unwrap()["conflicts"]
            .as_u64()
            .unwrap_or_default();
        if conflicts >= at_least {
            return conflicts;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("no conflict is noted: {}", service.output().unwrap())
}

#[tokio::test]
async fn an_unsigned_id_that_a_stranger_took_first_does_not_displace_the_genuine_webhook() {
    let service = scripted("").await;
    // A captured body with its good signature, sent under the id that the next genuine delivery will have.
    let captured = Delivery::github("push", r#"{"captured":1}"#).with("X-GitHub-Delivery", "next");
    let genuine = Delivery::github("push", r#"{"genuine":1}"#).with("X-GitHub-Delivery", "next");
    let first = sent(&service, &captured).await.token().unwrap();
    let answer = sent(&service, &genuine).await;
    let own = answer.token().unwrap();
    assert_ne!(first, own);
    assert_eq!(
        (&answer.json["conflict"], &answer.json["duplicate"]),
        (&true.into(), &Value::Null)
    );
    for token in [&first, &own] {
        assert_eq!(service.end_of(token).await.unwrap()["status"], "completed");
        assert_eq!(effects(&service, token).len(), 1);
    }
    assert_eq!(conflicts(&service, &first, 1).await, 1);
    // Each of them is known again.
    for (delivery, token) in [(&genuine, &own), (&captured, &first)] {
        let again = sent(&service, delivery).await;
        assert_eq!(
            (&again.token().unwrap(), &again.json["duplicate"]),
            (token, &true.into())
        );
        assert_eq!(effects(&service, token).len(), 1);
    }
    assert_eq!(service.items_of(&first).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_signed_id_with_another_body_is_the_same_webhook_and_its_first_body_stays() {
    let service = shop("id = [\"json:/event/id\", \"hash\"]").await;
    let tries = [
        r#"{"event":{"id":"e-1"},"tries":1}"#,
        r#"{"event":{"id":"e-1"},"tries":2}"#,
    ];
    let first = sent(&service, &to_shop(tries[0])).await;
    let token = first.token().unwrap();
    let before = service.items_of(&token).await.unwrap();
    let again = sent(&service, &to_shop(tries[1])).await;
    assert_eq!(again.token().unwrap(), token);
    assert_eq!(
        (&again.json["duplicate"], &again.json["conflict"]),
        (&true.into(), &true.into())
    );
    assert_eq!(service.end_of(&token).await.unwrap()["status"], "completed");
    assert_eq!(effects(&service, &token).len(), 1);
    assert_eq!(conflicts(&service, &token, 1).await, 1);
    assert_eq!(service.items_of(&token).await.unwrap(), before);
    // Without an id in the body, the same body is the same webhook.
    let silent = sent(&service, &to_shop(r#"{"event":{}}"#)).await;
    let same = sent(&service, &to_shop(r#"{"event":{}}"#)).await;
    assert_eq!(same.json["duplicate"], true);
    assert_eq!(same.token().unwrap(), silent.token().unwrap());
}

#[tokio::test]
async fn a_failed_webhook_that_comes_again_with_its_tries_counted_is_processed_with_the_new_body() {
    let service = shop("id = [\"json:/id\"]").await;
    let body = |then: &str| format!(r#"{{"id":7,"script":{{"then":"{then}"}}}}"#);
    let token = sent(&service, &to_shop(&body("permanent"))).await.token().unwrap();
    assert_eq!(service.end_of(&token).await.unwrap()["status"], "failed");
    service.age_attempt(&token).await.unwrap();
    let again = sent(&service, &to_shop(&body("succeed"))).await;
    assert_eq!(
        (&again.token().unwrap(), &again.json["reopened"]),
        (&token, &true.into())
    );
    let end = service.end_of(&token).await.unwrap();
    assert_eq!((&end["status"], &end["attempt"]), (&"completed".into(), &2.into()));
}

#[tokio::test]
async fn one_event_of_github_for_two_hooks_is_two_webhooks() {
    let service = scripted("").await;
    let to_hook = |hook: &str, body: &str| {
        Delivery::github("push", body)
            .with("X-GitHub-Delivery", "one-guid")
            .with("X-GitHub-Hook-ID", hook)
    };
    let (app, repository) = (
        to_hook("1", r#"{"installation":{"id":1}}"#),
        to_hook("2", r#"{"installation":{"id":2}}"#),
    );
    let one = sent(&service, &app).await;
    let other = sent(&service, &repository).await;
    assert_ne!(one.token().unwrap(), other.token().unwrap());
    assert_eq!(
        (&other.json["conflict"], &other.json["duplicate"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(sent(&service, &app).await.json["duplicate"], true);
}

#[tokio::test]
async fn a_type_is_taken_from_the_signed_body_before_the_unsigned_header() {
    let service = shop("").await;
    let delivery = to_shop(r#"{"type":"order.paid"}"#).with("X-Webhook-Event", "order.refunded");
    let token = sent(&service, &delivery).await.token().unwrap();
    assert_eq!(
        service.status(&token).await.unwrap()["webhookSummary"]["type"],
        "order.paid"
    );
}

#[tokio::test]
async fn handlers_get_the_headers_that_the_source_keeps_and_no_other() {
    let kept = "keep_headers = [\"X-Shop\", \"X-Absent\"]";
    let service = shop(kept).await;
    let delivery = to_shop(r#"{"script":{"then":"headers"}}"#)
        .with("X-Shop", "berlin")
        .with("X-Other", "no")
        .with("Cookie", "session=1");
    let token = sent(&service, &delivery).await.token().unwrap();
    let error = service.end_of(&token).await.unwrap()["error"].clone();
    assert_eq!(error, json!({"code": "scripted_headers", "message": "x-shop=berlin"}));
}

#[tokio::test]
async fn a_source_whose_summary_is_off_shows_nothing_of_the_payload() {
    let service = shop("summary = \"off\"").await;
    let body = r#"{"alice@example.com":1,"type":"card 4111","source":"hunter2"}"#;
    let token = sent(&service, &to_shop(body)).await.token().unwrap();
    let summary = service.end_of(&token).await.unwrap()["webhookSummary"].clone();
    assert_eq!(summary, json!({"type": "unknown", "source": "shop", "keys": []}));
}

#[tokio::test]
async fn a_replay_of_what_failed_changes_neither_its_type_nor_its_headers() {
    let service = scripted("").await;
    let failed = Delivery::github("push", r#"{"script":{"then":"headers"}}"#).with("X-GitHub-Delivery", "d-1");
    let token = sent(&service, &failed).await.token().unwrap();
    let first = service.end_of(&token).await.unwrap();
    service.age_attempt(&token).await.unwrap();
    let again = sent(&service, &failed.clone().with("X-GitHub-Event", "ping")).await;
    assert_eq!(again.json["reopened"], true);
    let end = service.end_of(&token).await.unwrap();
    assert_eq!(end["attempt"], 2);
    assert_eq!(end["webhookSummary"]["type"], "push");
    assert_eq!(
        end["error"], first["error"],
        "the handler got the headers of the first delivery"
    );
}

#[tokio::test]
async fn who_can_choose_an_id_does_not_choose_what_is_processed_under_it() {
    let service = shop("on_conflict = \"duplicate\"").await;
    let failed = to_shop(r#"{"script":{"then":"permanent"}}"#).with("X-Webhook-Id", "w-1");
    let token = sent(&service, &failed).await.token().unwrap();
    assert_eq!(service.end_of(&token).await.unwrap()["status"], "failed");
    service.age_attempt(&token).await.unwrap();
    let captured = to_shop(r#"{"captured":true}"#).with("X-Webhook-Id", "w-1");
    let answer = sent(&service, &captured).await;
    assert_eq!(
        (&answer.json["conflict"], &answer.json["reopened"]),
        (&true.into(), &Value::Null)
    );
    assert_eq!(service.status(&token).await.unwrap()["status"], "failed");
    assert_eq!(sent(&service, &failed).await.json["reopened"], true);
}
