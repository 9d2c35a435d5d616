//! Tries that their process does not survive: counted, visible, and bounded.

use serde_json::{Value, json};
use tracehook_test_support::service::{calls, effects, scripted_with};
use tracehook_test_support::{Delivery, Service};

const PROCESSOR: &str = "tracehook-processor";

/// At most three interrupted tries of a step, and a short delay after a kill. Every step is opened by a write.
async fn service() -> Service {
    service_with("").await
}

async fn service_with(settings: &str) -> Service {
    let environment = "STEP_MAX_INTERRUPTED_TRIES = \"3\"\nSTEP_MARK_AFTER_SECONDS = \"0\"";
    let durable = "[durable]\nfailure_delay_ms = 50\nmax_failure_delay_ms = 100\n";
    scripted_with(settings, &format!("{environment}\n{durable}")).await
}

async fn send(service: &Service, script: Value) -> String {
    let delivery = Delivery::github("push", json!({ "script": script }).to_string());
    service.send(&delivery).await.unwrap().token().unwrap()
}

/// `[status, tries, interrupted]` of a step.
fn step(status: &Value, name: &str) -> Value {
    let steps = status["steps"].as_array().unwrap();
    let step = steps.iter().find(|step| step["name"] == name).unwrap();
    json!([step["status"], step["tries"], step["interrupted"]])
}

fn numbers(service: &Service, token: &str) -> Vec<u32> {
    effects(service, token).into_iter().map(|(number, _)| number).collect()
}

#[tokio::test]
async fn a_handler_that_its_process_survives_at_the_third_try_completes() {
    for (by, settings) in [("abort", ""), ("memory", ""), ("timeout", "timeout_seconds = 5")] {
        let service = service_with(settings).await;
        let token = send(&service, json!({"kills": 2, "by": by})).await;
        let ended = service.end_of(&token).await.unwrap();
        assert_eq!(ended["status"], "completed", "{by}: {ended}");
        assert_eq!(step(&ended, "process"), json!(["completed", 3, 2]), "{by}: {ended}");
        assert_eq!(step(&ended, "validate"), json!(["completed", 1, null]), "{by}: {ended}");
        assert_eq!(numbers(&service, &token), [1, 2, 3], "{by}");
        let told = |log: &str| {
            let lines = log
                .lines()
                .filter(|line| line.contains("try interrupted") && line.contains(&token));
            lines.count() == 2
        };
        service.output_with(told).await.unwrap();
        let metrics = service.get("/local/metrics").await.unwrap().json;
        let metrics = metrics["metrics"].as_array().unwrap().iter();
        let interrupted = metrics
            .filter(|metric| metric["name"] == "StepFailures" && metric["dimensions"]["reason"] == "interrupted")
            .filter_map(|metric| metric["sum"].as_f64());
        assert!((interrupted.sum::<f64>() - 2.0).abs() < 0.5, "{by}");
    }
}

#[tokio::test]
async fn a_handler_that_always_ends_its_process_ends_the_webhook_and_each_redrive() {
    let service = service().await;
    let token = send(&service, json!({"kills": 99})).await;
    for attempt in 1..=2 {
        let ended = service.end_of(&token).await.unwrap();
        assert_eq!(
            (&ended["status"], &ended["attempt"]),
            (&"failed".into(), &attempt.into()),
            "{ended}"
        );
        assert_eq!(ended["error"]["code"], "try_interrupted");
        assert_eq!(step(&ended, "process"), json!(["failed", 3, 3]), "{ended}");
        let attempts = usize::try_from(attempt).unwrap();
        assert_eq!(numbers(&service, &token), [1, 2, 3].repeat(attempts));
        assert_eq!(service.executions_of(&token).await.unwrap(), vec!["FAILED"; attempts]);
        if attempt == 1 {
            service
                .reconcile(json!({"action": "redrive", "token": token}))
                .await
                .unwrap();
        }
    }
}

#[tokio::test]
async fn a_payload_that_always_ends_its_process_is_given_up_before_an_engine_that_repeats_nine_times_gives_up() {
    // With the bound that the function has by default.
    let engine = "[durable]\nmax_recoveries = 9\nfailure_delay_ms = 50\nmax_failure_delay_ms = 100\n";
    let service = scripted_with("", engine).await;
    for by in ["abort", "memory"] {
        let token = send(&service, json!({"kills": 99, "by": by})).await;
        let ended = service.end_of(&token).await.unwrap();
        assert_eq!(
            (&ended["status"], &ended["error"]["code"]),
            (&"failed".into(), &"try_interrupted".into()),
            "{by}: {ended}"
        );
        assert_eq!(step(&ended, "process"), json!(["failed", 5, 5]), "{by}: {ended}");
        assert_eq!(service.executions_of(&token).await.unwrap(), ["FAILED"]);
    }
}

#[tokio::test]
async fn interrupted_and_failed_tries_are_counted_together_and_apart() {
    let service = service().await;
    let token = send(&service, json!({"kills": 1, "failures": 2})).await;
    let ended = service.end_of(&token).await.unwrap();
    assert_eq!(step(&ended, "process"), json!(["completed", 3, 1]), "{ended}");
    assert_eq!(numbers(&service, &token), [1, 2, 3]);
}

/// Kills the processor before its writes of these numbers, from 0, the ones that were not done left out.
async fn kill_at_writes(service: &Service, writes: &[usize]) {
    for write in writes {
        service
            .kill_at(PROCESSOR, "dynamodb:UpdateItem", *write, "before")
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn validate_and_finalize_that_are_killed_are_counted_and_bounded_too() {
    // A try of `validate` opens itself with one write and ends with the next; `process` has one; `finalize` two.
    for (name, writes, expected) in [
        ("validate", &[1, 2][..], json!(["completed", 3, 2])),
        ("finalize", &[4, 5][..], json!(["completed", 3, 2])),
    ] {
        let service = service().await;
        kill_at_writes(&service, writes).await;
        let token = send(&service, json!({})).await;
        let ended = service.end_of(&token).await.unwrap();
        assert_eq!(ended["status"], "completed", "{ended}");
        assert_eq!(step(&ended, name), expected, "{ended}");
        assert_eq!(numbers(&service, &token), [1]);
        assert!(service.all_faults_happened().await.unwrap());
    }
    for (name, writes, code) in [
        ("validate", &[1, 2, 3][..], "try_interrupted"),
        // Nobody is left to write it but the reconciler.
        ("finalize", &[4, 5, 6][..], "execution_failed"),
    ] {
        let service = service().await;
        kill_at_writes(&service, writes).await;
        let token = send(&service, json!({})).await;
        let ended = service.end_of(&token).await.unwrap();
        assert_eq!(
            (&ended["status"], &ended["error"]["code"]),
            (&"failed".into(), &code.into()),
            "{ended}"
        );
        assert_eq!(service.executions_of(&token).await.unwrap(), ["FAILED"]);
        if name == "validate" {
            assert_eq!(step(&ended, name), json!(["failed", 3, 3]), "{ended}");
        }
        assert!(service.all_faults_happened().await.unwrap());
    }
}

#[tokio::test]
async fn a_webhook_that_nothing_interrupts_costs_three_writes_of_the_processor() {
    let service = scripted_with("", "").await;
    let token = send(&service, json!({})).await;
    service.end_of(&token).await.unwrap();
    assert_eq!(service.executions_of(&token).await.unwrap(), ["SUCCEEDED"]);
    let stats = service.get("/local/stats").await.unwrap().json;
    assert_eq!(calls(&stats, PROCESSOR, "dynamodb:UpdateItem"), 3, "{stats}");
}
