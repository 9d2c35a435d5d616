//! The effect on a webhook of each fault of the local service.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use tracehook_test_support::{Delivery, Options, SECRET, Service, is_open};

use tracehook_test_support::service::{effects, scripted};

/// Ages of a second; only the engine's events and the test invoke the reconciler.
const IMPATIENT: &str = "[functions.reconciler.environment]\nRECEIVED_AGE_SECONDS = \"1\"\nSTARTED_AGE_SECONDS = \"1\"\n\
    [durable]\nfailure_delay_ms = 50\n[triggers]\nsweep_seconds = 0\n";

const HOUR_MS: i64 = 3_600_000;

async fn accepted(service: &Service, body: &str) -> String {
    let answer = service.send(&Delivery::github("push", body)).await.unwrap();
    answer.token().unwrap()
}

async fn swept_to_the_end(service: &Service, token: &str) -> Value {
    for _ in 0..1200 {
        let status = service.status(token).await.unwrap();
        if !is_open(&status) {
            return status;
        }
        service.reconcile(json!({"action": "sweep"})).await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{token} did not end: {}", service.output().unwrap())
}

#[tokio::test]
async fn a_plan_in_a_file_is_in_force_from_the_start_and_another_takes_its_place() {
    let away = json!({"seed": 7, "rules": [
        {"operation": "dynamodb:*", "ratio": 1, "effect": {"status": 500, "code": "InternalServerError"}}]});
    let options = Options {
        config: Some(format!(
            "[sources.github]\npreset = \"github\"\nsecret = \"{SECRET}\"\n"
        )),
        faults: Some(away.clone()),
        ..Options::default()
    };
    let service = Service::start_with(options).await.unwrap();
    let delivery = Delivery::github("push", "{}");
    assert_eq!(service.send(&delivery).await.unwrap().status, 503);
    let seed = |rules: &[Value]| rules[0]["seed"].clone();
    let first = seed(&service.faults().await.unwrap());
    service.plan(&away).await.unwrap();
    let again = service.faults().await.unwrap();
    assert_eq!(
        (again.len(), seed(&again)),
        (1, first),
        "a plan has the same chances again"
    );
    service.plan(&json!({"rules": []})).await.unwrap();
    let token = service.send(&delivery).await.unwrap().token().unwrap();
    assert_eq!(service.end_of(&token).await.unwrap()["status"], "completed");
}

#[tokio::test]
async fn the_process_that_writes_the_checkpoint_of_a_chosen_step_is_killed() {
    for (step, phase, calls) in [
        ("validate", "after", 1),
        ("process", "before", 2),
        ("finalize", "before", 1),
    ] {
        let service = scripted(IMPATIENT).await;
        let rule = json!({"operation": "lambda:CheckpointDurableExecution", "step": step, "phase": phase,
            "effect": {"kill": true}});
        service.fault(rule).await.unwrap();
        let token = accepted(&service, "{}").await;
        assert_eq!(service.end_of(&token).await.unwrap()["status"], "completed", "{step}");
        assert_eq!(service.executions_of(&token).await.unwrap(), ["SUCCEEDED"], "{step}");
        assert!(service.all_faults_happened().await.unwrap(), "{step}");
        assert_eq!(
            effects(&service, &token).len(),
            calls,
            "{step}: only a lost result runs again"
        );
    }
}

#[tokio::test]
async fn a_stopped_durable_service_starts_and_continues_nothing_until_it_is_back() {
    let service = scripted(IMPATIENT).await;
    // Its second try is due after the stop.
    let running = accepted(&service, r#"{"script":{"failures":1}}"#).await;
    while effects(&service, &running).is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    service
        .fault(json!({"operation": "durable", "effect": {"stop": true}}))
        .await
        .unwrap();
    let waiting = accepted(&service, "{}").await;
    assert_eq!(service.status(&waiting).await.unwrap()["status"], "received");
    tokio::time::sleep(Duration::from_millis(2500)).await;
    let swept = service.reconcile(json!({"action": "sweep"})).await.unwrap();
    assert_eq!(swept["outcomes"]["error"], 2, "it can neither start nor ask: {swept}");
    assert_eq!(effects(&service, &running).len(), 1);
    service.clear_faults().await.unwrap();
    for token in [&running, &waiting] {
        assert_eq!(swept_to_the_end(&service, token).await["status"], "completed");
        assert_eq!(service.executions_of(token).await.unwrap(), ["SUCCEEDED"]);
    }
}

#[tokio::test]
async fn a_start_that_is_lost_doubled_or_late_is_one_execution_in_the_end() {
    for effect in [
        json!({"drop": true}),
        json!({"duplicate": true}),
        json!({"delay_ms": 300}),
        json!({"reorder": true}),
    ] {
        let service = scripted(IMPATIENT).await;
        let rule = json!({"operation": "event:Invoke", "function": "tracehook-processor", "effect": effect});
        service.fault(rule).await.unwrap();
        let token = accepted(&service, "{}").await;
        assert_eq!(
            swept_to_the_end(&service, &token).await["status"],
            "completed",
            "{effect}"
        );
        assert_eq!(service.executions_of(&token).await.unwrap(), ["SUCCEEDED"], "{effect}");
        assert!(service.all_faults_happened().await.unwrap(), "{effect}");
        assert_eq!(effects(&service, &token).len(), 1, "{effect}");
    }
}

#[tokio::test]
async fn an_event_of_the_engine_that_is_lost_doubled_or_late_closes_the_record_once() {
    let quick = format!("{IMPATIENT}dead_letters = false\n").replace(
        "failure_delay_ms = 50",
        "failure_delay_ms = 50\nexecution_timeout_seconds = 1",
    );
    let service = scripted(&quick).await;
    for effect in [
        json!({"drop": true}),
        json!({"duplicate": true}),
        json!({"delay_ms": 300}),
        json!({"reorder": true}),
    ] {
        let rule = json!({"operation": "event:StatusChange", "effect": effect});
        service.plan(&json!({"rules": [rule]})).await.unwrap();
        let token = accepted(&service, r#"{"script":{"hang_ms":2000}}"#).await;
        assert_eq!(service.executions_of(&token).await.unwrap(), ["TIMED_OUT"], "{effect}");
        let ended = swept_to_the_end(&service, &token).await;
        assert_eq!(
            (&ended["status"], &ended["attempt"]),
            (&"timed_out".into(), &1.into()),
            "{effect}"
        );
        assert!(service.all_faults_happened().await.unwrap(), "{effect}");
        // A late event finds the end and leaves it.
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert_eq!(service.status(&token).await.unwrap(), ended, "{effect}");
    }
}

#[tokio::test]
async fn a_host_whose_clock_is_an_hour_wrong_loses_nothing_and_ends_nothing_early() {
    for skew_ms in [HOUR_MS, -HOUR_MS] {
        let service = scripted(IMPATIENT).await;
        service
            .fault(json!({"operation": "clock", "effect": {"skew_ms": skew_ms}}))
            .await
            .unwrap();
        let lost = json!({"operation": "event:Invoke", "function": "tracehook-processor", "effect": {"drop": true}});
        service.fault(lost).await.unwrap();
        let unstarted = accepted(&service, "{}").await;
        let token = accepted(&service, r#"{"script":{"failures":1}}"#).await;
        for token in [&unstarted, &token] {
            assert_eq!(
                swept_to_the_end(&service, token).await["status"],
                "completed",
                "{skew_ms}"
            );
            assert_eq!(service.executions_of(token).await.unwrap(), ["SUCCEEDED"], "{skew_ms}");
        }
        let executions = service
            .get(&format!("/local/executions?token={token}"))
            .await
            .unwrap()
            .json;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let off = executions[0]["startMs"].as_i64().unwrap() - i64::try_from(now.as_millis()).unwrap();
        assert!(
            (off - skew_ms).abs() < HOUR_MS / 2,
            "{skew_ms}: the host is off by {off} ms"
        );
    }
}
