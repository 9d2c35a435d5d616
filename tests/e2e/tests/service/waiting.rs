//! A webhook whose handler fails for a cause that may pass waits, says so, and can be redriven while it waits.

use std::time::Duration;

use serde_json::{Value, json};
use tracehook_core::Timestamp;
use tracehook_test_support::service::{effects, scripted, scripted_alone};
use tracehook_test_support::{Delivery, Service};

/// A second try comes in ten minutes at the earliest, and the tries have a day.
const PATIENT: &str = "[functions.processor.environment]\nSTEP_INITIAL_DELAY_SECONDS = \"1200\"\n\
    STEP_MAX_DELAY_SECONDS = \"1200\"\n[triggers]\nsweep_seconds = 0\n";
const BROKEN: &str = r#"{"script":{"broken_attempts":1}}"#;

async fn accepted(service: &Service, delivery: &Delivery) -> String {
    service.send(delivery).await.unwrap().token().unwrap()
}

/// The status of a webhook once its step waits.
async fn waits(service: &Service, token: &str) -> Value {
    loop {
        let status = service.status(token).await.unwrap();
        let steps = status["steps"].as_array().unwrap();
        if steps.last().is_some_and(|step| step["status"] == "waiting") {
            return status;
        }
        assert_ne!(status["status"], "failed", "{status}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn the_status_says_the_last_error_and_the_next_try() {
    let service = scripted_alone(PATIENT).await;
    let token = accepted(&service, &Delivery::github("push", BROKEN)).await;
    let status = waits(&service, &token).await;
    assert_eq!(status["status"], "processing");
    let step = status["steps"].as_array().unwrap().last().unwrap();
    assert_eq!((&step["name"], &step["tries"]), (&"process".into(), &1.into()));
    assert_eq!(
        step["error"],
        json!({"code": "scripted_failure", "message": "the script says so"})
    );
    let time = |name: &str| step[name].as_str().unwrap().parse::<Timestamp>().unwrap();
    assert!(
        time("nextTryAt").since(time("startedAt")) >= Duration::from_mins(10),
        "{step}"
    );
    let answer = service.get(&format!("/status/{token}")).await.unwrap();
    assert_eq!(answer.header("retry-after"), "60");
}

#[tokio::test]
async fn a_kill_of_the_reconciler_at_any_call_of_a_redrive_loses_nothing() {
    for (operation, skip) in [
        ("dynamodb:GetItem", 0),
        ("dynamodb:GetItem", 1),
        ("dynamodb:PutItem", 0),
        ("lambda:Invoke", 0),
        ("lambda:StopDurableExecution", 0),
    ] {
        for phase in ["before", "after"] {
            let case = format!("{operation} {skip} {phase}");
            let service = scripted_alone(PATIENT).await;
            let token = accepted(&service, &Delivery::github("push", BROKEN)).await;
            waits(&service, &token).await;
            service
                .kill_at("tracehook-reconciler", operation, skip, phase)
                .await
                .unwrap();
            let command = json!({"action": "redrive", "token": token});
            let _ = service.reconcile(command.clone()).await;
            assert!(service.all_faults_happened().await.unwrap(), "{case}");
            let _ = service.reconcile(command).await;
            let end = service.end_of(&token).await.unwrap();
            assert_eq!(
                (&end["status"], &end["attempt"]),
                (&"completed".into(), &2.into()),
                "{case}: {end}"
            );
            assert_eq!(effects(&service, &token).len(), 2, "{case}");
        }
    }
}

#[tokio::test]
async fn what_is_ended_while_it_waits_waits_no_more() {
    let short = "[durable]\nexecution_timeout_seconds = 3\n";
    for (more, expected) in [("", "stopped"), (short, "timed_out")] {
        let service = scripted_alone(&format!("{PATIENT}{more}")).await;
        let token = accepted(&service, &Delivery::github("push", BROKEN)).await;
        if expected == "stopped" {
            waits(&service, &token).await;
            service.stop_execution_of(&token).await.unwrap();
        }
        let end = service.end_of(&token).await.unwrap();
        assert_eq!(end["status"], expected, "{end}");
        let step = &end["steps"][1];
        assert_eq!((&step["name"], &step["status"]), (&"process".into(), &"failed".into()));
        assert_eq!(
            (&step["error"]["code"], &step["nextTryAt"]),
            (&"scripted_failure".into(), &Value::Null),
            "{expected}: {step}"
        );
    }
}

#[tokio::test]
async fn a_step_that_waits_keeps_its_interrupted_tries_until_the_next_attempt() {
    let service = scripted_alone(&format!("{PATIENT}[durable]\nfailure_delay_ms = 50\n")).await;
    let script = r#"{"script":{"kills":1,"broken_attempts":1}}"#;
    let token = accepted(&service, &Delivery::github("push", script)).await;
    let tries = |status: &Value| json!([status["steps"][1]["tries"], status["steps"][1]["interrupted"]]);
    assert_eq!(tries(&waits(&service, &token).await), json!([2, 1]));
    let command = json!({"action": "redrive", "token": token});
    service.reconcile(command).await.unwrap();
    let end = service.end_of(&token).await.unwrap();
    assert_eq!(
        (&end["status"], &end["attempt"], tries(&end)),
        (&"completed".into(), &2.into(), json!([2, 1])),
        "{end}"
    );
    let numbers: Vec<_> = effects(&service, &token)
        .into_iter()
        .map(|(number, _)| number)
        .collect();
    assert_eq!(numbers, [1, 2, 1, 2]);
}

#[tokio::test]
async fn a_permanent_failure_ends_at_once_and_tries_end_with_their_time() {
    let service = scripted("").await;
    let permanent = Delivery::github("push", r#"{"script":{"then":"permanent"}}"#);
    let token = accepted(&service, &permanent).await;
    let end = service.end_of(&token).await.unwrap();
    assert_eq!(
        (&end["status"], &end["steps"][1]["tries"]),
        (&"failed".into(), &1.into())
    );

    let short = "[functions.processor.environment]\nSTEP_RETRY_SECONDS = \"3\"\nSTEP_INITIAL_DELAY_SECONDS = \"1\"\n\
        STEP_MAX_DELAY_SECONDS = \"1\"\n";
    let service = scripted_alone(short).await;
    let token = accepted(&service, &Delivery::github("push", BROKEN)).await;
    let end = service.end_of(&token).await.unwrap();
    assert_eq!(
        (&end["status"], &end["error"]["code"]),
        (&"failed".into(), &"scripted_failure".into())
    );
    let step = &end["steps"][1];
    assert_eq!((&step["status"], &step["nextTryAt"]), (&"failed".into(), &Value::Null));
}
