//! Every call of AWS that a function makes fails once, before and after its effect: the answer is right either way.

use serde_json::json;
use tracehook_core::record::StepName;
use tracehook_test_support::{Delivery, Service};

use tracehook_test_support::service::{effects, scripted};

async fn fails_once(
    service: &Service,
    function: &str,
    operation: &str,
    skip: usize,
    phase: &str,
    effect: serde_json::Value,
) {
    let rule = json!({"operation": operation, "function": function, "skip": skip, "count": 1, "phase": phase, "effect": effect});
    service.fault(rule).await.unwrap();
}

#[tokio::test]
async fn a_call_of_the_validator_that_fails_once_is_repeated_within_the_request() {
    for (operation, skip) in [
        ("secretsmanager:GetSecretValue", 0),
        ("dynamodb:PutItem", 0),
        ("dynamodb:PutItem", 1),
        ("lambda:Invoke", 0),
    ] {
        for phase in ["before", "after"] {
            for effect in [
                json!({"status": 500, "code": "InternalServerError"}),
                json!({"drop": true}),
            ] {
                let case = format!("{operation} {skip} {phase} {effect}");
                let service = scripted("").await;
                fails_once(&service, "tracehook-validator", operation, skip, phase, effect).await;
                let answer = service.send(&Delivery::github("push", "{}")).await.unwrap();
                let token = answer.token().unwrap_or_else(|error| panic!("{case}: {error}"));
                assert!(
                    answer.json.get("duplicate").is_none(),
                    "{case}: its own write is no duplicate"
                );
                assert_eq!(service.end_of(&token).await.unwrap()["status"], "completed", "{case}");
                assert!(service.all_faults_happened().await.unwrap(), "{case}");
                assert_eq!(effects(&service, &token).len(), 1, "{case}");
            }
        }
    }
}

#[tokio::test]
async fn a_call_of_the_processor_that_fails_once_changes_nothing() {
    for (operation, calls) in [
        ("dynamodb:Query", 1),
        ("dynamodb:UpdateItem", StepName::ALL.len()),
        ("lambda:CheckpointDurableExecution", StepName::ALL.len()),
    ] {
        for skip in 0..calls {
            for phase in ["before", "after"] {
                let case = format!("{operation} {skip} {phase}");
                let service = scripted("").await;
                let effect = json!({"status": 500, "code": "ServiceException"});
                fails_once(&service, "tracehook-processor", operation, skip, phase, effect).await;
                let token = service
                    .send(&Delivery::github("push", "{}"))
                    .await
                    .unwrap()
                    .token()
                    .unwrap();
                assert_eq!(service.end_of(&token).await.unwrap()["status"], "completed", "{case}");
                // The record is completed before the last checkpoint is written.
                assert_eq!(service.executions_of(&token).await.unwrap(), ["SUCCEEDED"], "{case}");
                assert!(service.all_faults_happened().await.unwrap(), "{case}");
                assert_eq!(effects(&service, &token).len(), 1, "{case}");
            }
        }
    }
}

#[tokio::test]
async fn a_table_that_stays_away_is_503_with_a_time_to_try_again_and_nothing_is_promised() {
    let service = scripted("").await;
    let rule = json!({"operation": "dynamodb:PutItem", "count": 1000, "phase": "before",
        "effect": {"status": 500, "code": "InternalServerError"}});
    service.fault(rule).await.unwrap();
    let delivery = Delivery::github("push", "{}");
    let answer = service.send(&delivery).await.unwrap();
    assert_eq!(
        (answer.status, answer.json["code"].as_str()),
        (503, Some("store_unavailable"))
    );
    assert_ne!(answer.header("retry-after"), "");
    service.clear_faults().await.unwrap();
    let token = service.send(&delivery).await.unwrap().token().unwrap();
    assert_eq!(service.end_of(&token).await.unwrap()["status"], "completed");
}

#[tokio::test]
async fn a_start_that_fails_is_202_all_the_same_and_a_later_delivery_starts_it() {
    let service = scripted("").await;
    let rule = json!({"operation": "lambda:Invoke", "count": 1000, "phase": "before",
        "effect": {"status": 500, "code": "ServiceException"}});
    service.fault(rule).await.unwrap();
    let delivery = Delivery::github("push", "{}");
    let token = service.send(&delivery).await.unwrap().token().unwrap();
    assert_eq!(service.status(&token).await.unwrap()["status"], "received");
    service.clear_faults().await.unwrap();
    assert_eq!(service.send(&delivery).await.unwrap().json["duplicate"], true);
    assert_eq!(service.end_of(&token).await.unwrap()["status"], "completed");
}
