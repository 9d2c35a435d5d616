//! Decisions of the gateway itself: the stage's throttle, functions that fail or take too long.

use futures_util::future::join_all;
use tracehook_test_support::{Delivery, Options, SECRET, Service};

async fn service(more: &str) -> Service {
    let config = format!("[sources.github]\npreset = \"github\"\nsecret = \"{SECRET}\"\n{more}");
    Service::start_with(Options {
        config: Some(config),
        memory: true,
        ..Options::default()
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn requests_above_the_burst_and_rate_of_the_stage_are_throttled() {
    let service = service("[limits]\nrequests_per_second = 0.001\nburst = 3\n").await;
    let deliveries: Vec<_> = (0..8).map(|_| Delivery::github("push", "{}")).collect();
    let answers = join_all(deliveries.iter().map(|delivery| service.send(delivery))).await;
    let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers.iter().filter(|answer| answer.status == 202).count(), 3);
    let refused: Vec<_> = answers.iter().filter(|answer| answer.status != 202).collect();
    assert_eq!(refused.len(), 5);
    for answer in refused {
        assert_eq!((answer.status, answer.json["code"].as_str()), (429, Some("throttled")));
        assert!(!answer.json["requestId"].as_str().unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_function_that_takes_no_event_or_longer_than_it_may_is_a_json_error() {
    let throttled = service("[functions.status]\nconcurrency = 0\n").await;
    let status = format!("/status/{}", "0".repeat(32));
    let answer = throttled.get(&status).await.unwrap();
    assert_eq!(
        (answer.status, answer.json["code"].as_str()),
        (500, Some("internal_error"))
    );

    let slow = service("[functions.status]\ntimeout_seconds = 1\n").await;
    let hang = serde_json::json!({"operation": "dynamodb:GetItem", "phase": "before", "effect": {"hang": true}});
    slow.fault(hang).await.unwrap();
    let answer = slow.get(&status).await.unwrap();
    assert_eq!(
        (answer.status, answer.json["code"].as_str()),
        (502, Some("bad_gateway"))
    );
    let answer = slow.get(&status).await.unwrap();
    assert_eq!(answer.status, 404, "the next process answers: {}", answer.text);
}

#[tokio::test]
async fn a_fault_rule_that_says_nothing_or_two_things_is_refused() {
    let service = service("").await;
    for rule in [
        serde_json::json!({"operation": "dynamodb:GetItem", "phase": "before", "effect": {}}),
        serde_json::json!({"operation": "dynamodb:GetItem", "phase": "never", "effect": {"drop": true}}),
        serde_json::json!({"phase": "before", "effect": {"drop": true}}),
    ] {
        let problem = service.fault(rule.clone()).await.unwrap_err().to_string();
        assert!(
            problem.contains("400") && problem.contains("fault_rule_invalid"),
            "{rule}: {problem}"
        );
    }
}
