//! One command stops everything that is open, before the deployment is destroyed.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tracehook_test_support::service::{effects, scripted_alone};
use tracehook_test_support::{Delivery, Service};

/// A second try comes in ten minutes at the earliest; nothing but the command moves a record.
const QUIET: &str = "[functions.processor.environment]\nSTEP_INITIAL_DELAY_SECONDS = \"1200\"\n\
    STEP_MAX_DELAY_SECONDS = \"1200\"\n[triggers]\nsweep_seconds = 0\nstatus_events = false\ndead_letters = false\n";
const BROKEN: &str = r#"{"script":{"broken_attempts":1}}"#;
const HANGS: &str = r#"{"script":{"hang_ms":20000}}"#;

async fn accepted(service: &Service, body: &str) -> String {
    service
        .send(&Delivery::github("push", body))
        .await
        .unwrap()
        .token()
        .unwrap()
}

/// Waits until the handler has been called for a webhook.
async fn is_at_work(service: &Service, token: &str) {
    while effects(service, token).is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Repeats the command until it finds nothing, as the operator's tool does. What it found in all.
async fn stop_all(service: &Service) -> u64 {
    let mut found = 0;
    loop {
        let done = service.reconcile(json!({"action": "stop"})).await.unwrap();
        assert_eq!(done["complete"], true, "{done}");
        match done["found"].as_u64().unwrap() {
            0 => return found,
            some => found += some,
        }
    }
}

async fn executions(service: &Service, status: &str) -> usize {
    let executions = service.get("/local/executions").await.unwrap().json;
    let executions = executions.as_array().unwrap();
    executions.iter().filter(|one| one["status"] == status).count()
}

fn stopped(status: &Value) -> bool {
    status["status"] == "stopped" && status["error"]["code"] == "execution_stopped"
}

#[tokio::test]
async fn whatever_is_open_ends_stopped_and_nothing_runs_afterwards() {
    let service = scripted_alone(QUIET).await;
    let done = accepted(&service, "{}").await;
    service.end_of(&done).await.unwrap();
    let (waits, hangs) = (accepted(&service, BROKEN).await, accepted(&service, HANGS).await);
    for token in [&waits, &hangs] {
        is_at_work(&service, token).await;
    }
    // One whose start failed, and one whose start is accepted and waits.
    let failing = json!({"operation": "lambda:Invoke", "function": "tracehook-validator", "count": 9, "phase": "before",
        "effect": {"status": 500, "code": "ServiceException"}});
    service.fault(failing).await.unwrap();
    let deferred = accepted(&service, r#"{"n":1}"#).await;
    service.clear_faults().await.unwrap();
    let held = json!({"operation": "event:Invoke", "function": "tracehook-processor", "effect": {"hang": true}});
    service.fault(held).await.unwrap();
    let queued = accepted(&service, r#"{"n":2}"#).await;
    let open = [&waits, &hangs, &deferred, &queued];

    let told = service
        .reconcile(json!({"action": "stop", "dryRun": true}))
        .await
        .unwrap();
    assert_eq!((&told["found"], &told["outcomes"]), (&4.into(), &json!({"running": 4})));
    for token in open {
        assert!(!stopped(&service.status(token).await.unwrap()));
    }

    assert_eq!(stop_all(&service).await, 4);
    for token in open {
        let status = service.status(token).await.unwrap();
        assert!(stopped(&status), "{status}");
    }
    assert_eq!(service.status(&done).await.unwrap()["status"], "completed");
    // The start that was held back runs, and fails at once: its record has ended.
    assert_eq!(executions(&service, "FAILED").await, 0);
    service.clear_faults().await.unwrap();
    let began = Instant::now();
    while executions(&service, "FAILED").await == 0 {
        assert!(
            began.elapsed() < Duration::from_mins(1),
            "the start that was held back does not run"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(executions(&service, "RUNNING").await, 0);
    // The start that waited came too late: its execution found the record ended.
    for token in [&deferred, &queued] {
        assert!(effects(&service, token).is_empty());
        assert!(stopped(&service.status(token).await.unwrap()));
    }
    // What was stopped by mistake is not lost.
    service
        .reconcile(json!({"action": "redrive", "token": waits}))
        .await
        .unwrap();
    let end = service.end_of(&waits).await.unwrap();
    assert_eq!((&end["status"], &end["attempt"]), (&"completed".into(), &2.into()));
}

#[tokio::test]
async fn a_command_that_is_killed_at_any_call_is_finished_by_the_next_one() {
    for (operation, skip) in [
        ("dynamodb:Query", 0),
        ("dynamodb:GetItem", 0),
        ("lambda:StopDurableExecution", 0),
        ("lambda:StopDurableExecution", 1),
        ("dynamodb:UpdateItem", 0),
    ] {
        for phase in ["before", "after"] {
            let case = format!("{operation} {skip} {phase}");
            let service = scripted_alone(QUIET).await;
            let tokens = [accepted(&service, BROKEN).await, accepted(&service, BROKEN).await];
            for token in &tokens {
                is_at_work(&service, token).await;
            }
            service
                .kill_at("tracehook-reconciler", operation, skip, phase)
                .await
                .unwrap();
            let _ = service.reconcile(json!({"action": "stop"})).await;
            assert!(service.all_faults_happened().await.unwrap(), "{case}");
            stop_all(&service).await;
            for token in &tokens {
                let status = service.status(token).await.unwrap();
                assert!(stopped(&status), "{case}: {status}");
            }
            assert_eq!(executions(&service, "STOPPED").await, 2, "{case}");
        }
    }
}
