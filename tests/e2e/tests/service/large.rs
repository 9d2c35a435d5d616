//! Large bodies: they are taken, kept as objects, and handed to the handler as small ones are.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::routing::post;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tracehook_test_support::service::{binaries, calls, effects, scripted};
use tracehook_test_support::{Answer, Delivery, Options, SECRET, Service};

/// The largest body that reaches the function whatever its headers.
const LARGEST: usize = 4_669_440;
/// A body above the threshold of 32 KiB.
const LARGE: usize = 40_000;
/// Only the sweep starts what was not started, and it meets every open webhook that is older than a second.
const IMPATIENT: &str = "[functions.reconciler.environment]\nRECEIVED_AGE_SECONDS = \"1\"\nSTARTED_AGE_SECONDS = \"1\"\n\
    [triggers]\nsweep_seconds = 0\n";
/// Tries of one call by the client.
const TRIES: u64 = 3;

fn body(bytes: usize) -> String {
    let around = r#"{"filler":""}"#.len();
    format!(r#"{{"filler":"{}"}}"#, "x".repeat(bytes - around))
}

fn digest(body: &[u8]) -> String {
    hex::encode(Sha256::digest(body))
}

/// The digests of the bodies that an endpoint was sent.
#[derive(Clone, Default)]
struct Received(Arc<Mutex<Vec<String>>>);

async fn endpoint() -> (Received, String) {
    let received = Received::default();
    let take = |State(received): State<Received>, body: Bytes| async move {
        received.0.lock().unwrap().push(digest(&body));
    };
    let router = Router::new()
        .route("/hooks", post(take))
        .layer(DefaultBodyLimit::disable());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hooks", listener.local_addr().unwrap());
    let router = router.with_state(received.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (received, url)
}

/// The answer to a delivery. A machine that is busy enough may not upload a large body in the time that a producer waits; a
/// producer then sends it again.
async fn answered(service: &Service, delivery: &Delivery) -> Answer {
    let mut answer = service.send(delivery).await.unwrap();
    for _ in 0..10 {
        if answer.status != 503 {
            break;
        }
        answer = service.send(delivery).await.unwrap();
    }
    answer
}

/// The token of a webhook that is accepted.
async fn accepted(service: &Service, delivery: &Delivery) -> String {
    answered(service, delivery).await.token().unwrap()
}

/// The files of the bucket's objects.
fn objects(service: &Service) -> Vec<PathBuf> {
    let bucket = service.path("state/objects/tracehook-payloads");
    std::fs::read_dir(bucket)
        .unwrap()
        .map(|object| object.unwrap().path())
        .collect()
}

fn of_validator(service: &Value, operation: &str) -> u64 {
    calls(service, "tracehook-validator", operation)
}

async fn stats(service: &Service) -> Value {
    service.get("/local/stats").await.unwrap().json
}

#[tokio::test]
async fn a_handler_gets_the_bytes_that_were_sent_whatever_their_number() {
    let (received, forward_to) = endpoint().await;
    let config = format!(
        "[sources.github]\npreset = \"github\"\nsecret = \"{SECRET}\"\n[functions.processor]\nbinary = \"{}\"\n\
         [functions.processor.environment]\nFORWARD_URL = \"{forward_to}\"\n",
        binaries().unwrap().join("forwarding-processor").display()
    );
    let service = Service::start_with(Options {
        config: Some(config),
        ..Default::default()
    })
    .await
    .unwrap();
    for (bytes, objects_so_far) in [(32 * 1024, 0), (33_000, 1), (400_000, 2), (1_500_000, 3), (LARGEST, 4)] {
        let body = body(bytes);
        let token = accepted(&service, &Delivery::github("push", body.clone())).await;
        let ended = service.end_of(&token).await.unwrap();
        assert_eq!(ended["status"], "completed", "{bytes}: {ended}");
        assert_eq!(
            received.0.lock().unwrap().last(),
            Some(&digest(body.as_bytes())),
            "{bytes}"
        );
        assert_eq!(objects(&service).len(), objects_so_far, "{bytes}");
    }
    assert_eq!(received.0.lock().unwrap().len(), 5);

    let over = service
        .send(&Delivery::github("push", body(LARGEST + 1)))
        .await
        .unwrap();
    assert_eq!(
        (over.status, over.json["code"].as_str()),
        (413, Some("payload_too_large"))
    );
    assert!(
        over.json["error"].as_str().unwrap().contains("4669440"),
        "{}",
        over.text
    );

    // The event of this one is more than Lambda takes: no function sees it.
    let over = service
        .send(&Delivery::github("push", vec![b' '; 4_718_592]))
        .await
        .unwrap();
    assert_eq!(
        (over.status, over.json["code"].as_str()),
        (413, Some("payload_too_large"))
    );
    assert!(
        !over.json["error"].as_str().unwrap().contains("4669440"),
        "{}",
        over.text
    );
    assert_eq!(objects(&service).len(), 4);
}

#[tokio::test]
async fn without_a_bucket_the_table_takes_what_an_item_holds() {
    let config = format!(
        "[sources.github]\npreset = \"github\"\nsecret = \"{SECRET}\"\n\
         [functions.validator.environment]\nPAYLOAD_BUCKET = \"\"\n[functions.processor.environment]\nPAYLOAD_BUCKET = \"\"\n"
    );
    let service = Service::start_with(Options {
        config: Some(config),
        ..Default::default()
    })
    .await
    .unwrap();
    let token = service
        .send(&Delivery::github("push", body(358_400)))
        .await
        .unwrap()
        .token()
        .unwrap();
    assert_eq!(service.end_of(&token).await.unwrap()["status"], "completed");
    let over = service.send(&Delivery::github("push", body(358_401))).await.unwrap();
    assert_eq!(
        (over.status, over.json["code"].as_str()),
        (413, Some("payload_too_large"))
    );
    assert!(over.json["error"].as_str().unwrap().contains("358400"), "{}", over.text);
    assert!(objects(&service).is_empty());
}

#[tokio::test]
async fn a_payload_that_was_changed_or_is_gone_ends_the_webhook_under_its_own_code() {
    let service = scripted(IMPATIENT).await;
    let rule = json!({"operation": "lambda:Invoke", "function": "tracehook-validator", "count": 1000,
        "effect": {"status": 500, "code": "ServiceException"}});
    service.fault(rule).await.unwrap();
    let mut webhooks = Vec::new();
    for code in ["payload_damaged", "payload_expired", ""] {
        let before = objects(&service);
        let token = service
            .send(&Delivery::github("push", body(LARGE)))
            .await
            .unwrap()
            .token()
            .unwrap();
        let object = objects(&service)
            .into_iter()
            .find(|object| !before.contains(object))
            .unwrap();
        match code {
            "payload_damaged" => std::fs::write(object, body(LARGE).replacen('x', "y", 1)).unwrap(),
            "payload_expired" => std::fs::remove_file(object).unwrap(),
            _ => {}
        }
        webhooks.push((token, code));
    }
    service.clear_faults().await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    service.reconcile(json!({"action": "sweep"})).await.unwrap();
    for (token, code) in webhooks {
        let ended = service.end_of(&token).await.unwrap();
        let expected = if code.is_empty() { "completed" } else { "failed" };
        assert_eq!(ended["status"], expected, "{ended}");
        assert_eq!(ended["error"]["code"].as_str().unwrap_or_default(), code, "{ended}");
        // Another try would not help.
        assert_eq!(ended["steps"][0]["tries"], 1, "{ended}");
        assert_eq!(effects(&service, &token).len(), usize::from(code.is_empty()));
    }
}

#[tokio::test]
async fn a_bucket_that_is_away_is_503_nothing_is_there_and_the_next_delivery_is_accepted_once() {
    let service = scripted(IMPATIENT).await;
    // The first process writes, too: it keeps the configuration.
    service.send(&Delivery::new("/webhook/nobody", "{}")).await.unwrap();
    for effect in [
        json!({"throttle": true}),
        json!({"status": 500, "code": "InternalError"}),
        json!({"status": 403, "code": "AccessDenied"}),
        json!({"status": 404, "code": "NoSuchBucket"}),
        json!({"drop": true}),
        json!({"hang": true}),
    ] {
        let rule =
            json!({"operation": "s3:PutObject", "function": "tracehook-validator", "count": 1000, "effect": effect});
        service.fault(rule).await.unwrap();
        let before = stats(&service).await;
        let delivery = Delivery::github("push", body(LARGE));
        let refused = service.send(&delivery).await.unwrap();
        assert_eq!(
            (refused.status, refused.json["code"].as_str()),
            (503, Some("store_unavailable")),
            "{effect}"
        );
        assert_ne!(refused.header("retry-after"), "");
        let after = stats(&service).await;
        for operation in ["dynamodb:PutItem", "lambda:Invoke"] {
            assert_eq!(
                of_validator(&after, operation),
                of_validator(&before, operation),
                "{effect}: {operation}"
            );
        }
        service.clear_faults().await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
        let swept = service.reconcile(json!({"action": "sweep"})).await.unwrap();
        assert_eq!(swept["seen"], 0, "{effect}: {swept}");
        let accepted = service.send(&delivery).await.unwrap();
        assert_eq!(
            (accepted.status, &accepted.json["duplicate"]),
            (202, &Value::Null),
            "{effect}"
        );
        let token = accepted.token().unwrap();
        assert_eq!(service.end_of(&token).await.unwrap()["status"], "completed", "{effect}");
        assert_eq!(effects(&service, &token).len(), 1, "{effect}");
    }
}

#[tokio::test]
async fn a_call_of_the_bucket_that_fails_once_is_repeated_and_changes_nothing() {
    for (function, operation) in [
        ("tracehook-validator", "s3:PutObject"),
        ("tracehook-processor", "s3:GetObject"),
    ] {
        for phase in ["before", "after"] {
            for effect in [json!({"throttle": true}), json!({"drop": true})] {
                let case = format!("{operation} {phase} {effect}");
                let service = scripted("").await;
                let rule = json!({"operation": operation, "function": function, "phase": phase, "effect": effect});
                service.fault(rule).await.unwrap();
                let answer = service.send(&Delivery::github("push", body(LARGE))).await.unwrap();
                let token = answer.token().unwrap_or_else(|error| panic!("{case}: {error}"));
                let ended = service.end_of(&token).await.unwrap();
                assert_eq!(
                    (&ended["status"], &ended["steps"][0]["tries"]),
                    (&"completed".into(), &1.into()),
                    "{case}"
                );
                assert!(service.all_faults_happened().await.unwrap(), "{case}");
                assert_eq!(effects(&service, &token).len(), 1, "{case}");
            }
        }
    }
}

#[tokio::test]
async fn the_same_delivery_with_the_same_large_body_is_a_duplicate() {
    let service = scripted("").await;
    let delivery = Delivery::github("push", body(LARGE));
    let first = service.send(&delivery).await.unwrap();
    let again = service.send(&delivery).await.unwrap();
    assert_eq!(first.token().unwrap(), again.token().unwrap());
    assert_eq!(
        (&first.json["duplicate"], &again.json["duplicate"]),
        (&Value::Null, &true.into())
    );
    let token = first.token().unwrap();
    assert_eq!(service.end_of(&token).await.unwrap()["status"], "completed");
    assert_eq!((effects(&service, &token).len(), objects(&service).len()), (1, 1));
}

/// `ACCEPT_KILLS` sets the number of kills at each boundary (1 when unset).
#[tokio::test]
async fn the_validator_killed_before_or_after_any_call_of_a_large_webhook_promises_nothing() {
    let kills = std::env::var("ACCEPT_KILLS").map_or(1, |kills| kills.parse().unwrap());
    let service = scripted(IMPATIENT).await;
    for (operation, skip, phase, is_stored) in [
        ("s3:PutObject", 0, "before", false),
        ("s3:PutObject", 0, "after", false),
        ("dynamodb:PutItem", 0, "before", false),
        ("dynamodb:PutItem", 0, "after", false),
        ("dynamodb:PutItem", 1, "before", false),
        ("dynamodb:PutItem", 1, "after", true),
        ("lambda:Invoke", 0, "before", true),
        ("lambda:Invoke", 0, "after", true),
    ] {
        for kill in 1..=kills {
            let case = format!("{phase} {operation} {skip}, kill {kill}");
            service
                .kill_at("tracehook-validator", operation, skip, phase)
                .await
                .unwrap();
            let delivery = Delivery::github("push", body(LARGE));
            let killed = answered(&service, &delivery).await;
            // A start that takes longer than the validator waits for is killed after the answer.
            let is_promised = operation == "lambda:Invoke" && killed.status == 202;
            assert!(killed.status == 502 || is_promised, "{case}: {}", killed.status);
            while is_promised && !service.all_faults_happened().await.unwrap() {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
            assert!(service.all_faults_happened().await.unwrap(), "{case}");
            service.clear_faults().await.unwrap();
            let again = answered(&service, &delivery).await;
            assert_eq!(again.json["duplicate"] == true, is_stored, "{case}");
            let token = again.token().unwrap();
            assert_eq!(service.end_of(&token).await.unwrap()["status"], "completed", "{case}");
            assert_eq!(effects(&service, &token).len(), 1, "{case}");
        }
    }
}

#[tokio::test]
async fn a_large_webhook_outlives_the_whole_service() {
    let mut service = scripted("").await;
    // No try of it ends before the kill.
    let rule = json!({"operation": "s3:GetObject", "count": 1000, "effect": {"throttle": true}});
    service.fault(rule).await.unwrap();
    let token = accepted(&service, &Delivery::github("push", body(LARGEST))).await;
    while calls(&stats(&service).await, "tracehook-processor", "s3:GetObject") < TRIES {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    service.kill().unwrap();
    service.restart().await.unwrap();
    assert_eq!(service.end_of(&token).await.unwrap()["status"], "completed");
    assert_eq!(effects(&service, &token).len(), 1);
}

#[tokio::test]
async fn a_redrive_near_the_end_of_the_retention_makes_the_object_young_and_is_refused_where_it_is_gone() {
    // An execution may take longer by now than when the payloads were stored.
    let service = scripted(
        "[functions.validator.environment]\nRETENTION_DAYS = \"3\"\n\
         [functions.reconciler.environment]\nEXECUTION_TIMEOUT_SECONDS = \"259200\"\n",
    )
    .await;
    for is_gone in [false, true] {
        let filler = "x".repeat(LARGE);
        let body = format!(r#"{{"script":{{"then":"permanent"}},"filler":"{filler}"}}"#);
        let before = objects(&service);
        let token = accepted(&service, &Delivery::github("push", body)).await;
        service.end_of(&token).await.unwrap();
        let object = objects(&service)
            .into_iter()
            .find(|object| !before.contains(object))
            .unwrap();
        let old = std::fs::metadata(&object).unwrap().modified().unwrap();
        if is_gone {
            std::fs::remove_file(&object).unwrap();
        }
        let redrive = json!({"action": "redrive", "token": token});
        let answer = service.reconcile(redrive).await.unwrap();
        let ended = service.end_of(&token).await.unwrap();
        let expected = if is_gone {
            ("payload_expired", 1)
        } else {
            ("redriven", 2)
        };
        assert_eq!(
            (answer["outcome"].as_str(), ended["attempt"].as_u64()),
            (Some(expected.0), Some(expected.1))
        );
        assert_eq!(effects(&service, &token).len() as u64, expected.1);
        let young = std::fs::metadata(&object).and_then(|metadata| metadata.modified());
        assert_eq!(young.is_ok_and(|young| young > old), !is_gone);
    }
}
