//! The clock of the service: moved on, it makes everything that waits for a time do what it does at that time.

use std::time::Duration;

use serde_json::{Value, json};
use tracehook_core::Timestamp;
use tracehook_test_support::service::{effects, scripted, scripted_alone};
use tracehook_test_support::{Delivery, Service};

/// A second try comes in ten minutes at the earliest and in twenty at the latest, and the tries have a day.
const PATIENT: &str = "[functions.processor.environment]\nSTEP_INITIAL_DELAY_SECONDS = \"1200\"\n\
    STEP_MAX_DELAY_SECONDS = \"1200\"\n[triggers]\nsweep_seconds = 0\n";
const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

async fn accepted(service: &Service, body: &str) -> String {
    let delivery = Delivery::github("push", body);
    service.send(&delivery).await.unwrap().token().unwrap()
}

/// Waits until `holds`. A test that waits this long has failed.
async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..1200 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{what}");
}

fn time(of: &Value) -> Timestamp {
    of.as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_webhook_that_waits_is_tried_when_its_time_has_come_also_after_a_kill() {
    let mut service = scripted_alone(PATIENT).await;
    let token = accepted(&service, r#"{"script":{"failures":2}}"#).await;
    let first = service.at_rest().await.unwrap();
    assert_eq!(effects(&service, &token).len(), 1);
    let due = first.next_timer.unwrap();
    assert!(due.since(first.now) > 9 * MINUTE, "{first:?}");

    service.advance(5 * MINUTE).await.unwrap();
    let early = service.at_rest().await.unwrap();
    assert_eq!((effects(&service, &token).len(), early.next_timer), (1, Some(due)));

    service.advance(due.since(early.now)).await.unwrap();
    let second = service.at_rest().await.unwrap();
    assert_eq!(effects(&service, &token).len(), 2);
    let status = service.status(&token).await.unwrap();
    let step = status["steps"].as_array().unwrap().last().unwrap();
    assert!(
        time(&step["startedAt"]) >= due,
        "{status}: the processor has another clock"
    );
    // The engine counts from the checkpoint, a moment later.
    let (planned, timer) = (time(&step["nextTryAt"]), second.next_timer.unwrap());
    assert!(
        timer.since(planned) < MINUTE && planned.since(timer) < MINUTE,
        "{timer} {status}"
    );

    service.kill().unwrap();
    service.restart().await.unwrap();
    let again = service.clock().await.unwrap();
    assert!(again.now >= second.now, "the clock went back to {again:?}");
    service.advance(20 * MINUTE).await.unwrap();
    let end = service.end_of(&token).await.unwrap();
    assert_eq!(
        (&end["status"], effects(&service, &token).len()),
        (&"completed".into(), 3)
    );
    let took = time(&end["lastUpdated"]).since(time(&end["createdAt"]));
    assert!((20 * MINUTE..HOUR).contains(&took), "{end}");

    // Every line, span and answer of the processes has the same clock.
    let later = accepted(&service, "{}").await;
    let end = service.end_of(&later).await.unwrap();
    assert!(time(&end["createdAt"]) >= second.now, "{end}");
    let output = service.output_with(|output| output.contains(&later)).await.unwrap();
    let line = output
        .lines()
        .find(|line| line.contains(&later) && line.contains("\"timestamp\""));
    let line: Value = serde_json::from_str(
        line.unwrap()
            .split_once('{')
            .map(|(_, rest)| format!("{{{rest}"))
            .unwrap()
            .as_str(),
    )
    .unwrap();
    assert!(time(&line["timestamp"]) >= second.now, "{line}");
    let trace = format!("/local/traces/{}", end["trace"]["traceId"].as_str().unwrap());
    let began = u64::try_from(second.now.epoch_ms()).unwrap() * 1_000_000;
    until("the spans of a webhook lie in its time", async || {
        let trace = service.get(&trace).await.unwrap().json;
        let spans = trace["spans"].as_array().cloned().unwrap_or_default();
        assert!(
            spans.iter().all(|span| span["startNs"].as_u64().unwrap() >= began),
            "{trace}"
        );
        spans.len() > 5
    })
    .await;
}

#[tokio::test]
async fn an_execution_ends_at_its_timeout_and_its_record_says_so() {
    let service = scripted_alone(PATIENT).await;
    let token = accepted(&service, r#"{"script":{"failures":1000}}"#).await;
    service.at_rest().await.unwrap();
    // The engine looks at the timeout of an execution first: it is not invoked again.
    let late = service.advance(26 * HOUR).await.unwrap();
    let end = service.end_of(&token).await.unwrap();
    assert_eq!(
        (&end["status"], &end["error"]["code"]),
        (&"timed_out".into(), &"execution_timed_out".into())
    );
    assert!(time(&end["lastUpdated"]) >= late.now.minus(MINUTE), "{end}");
    assert_eq!(effects(&service, &token).len(), 1);
}

#[tokio::test]
async fn a_payload_a_record_and_its_items_go_when_their_days_are_over() {
    let service = scripted("[triggers]\nsweep_seconds = 0\n").await;
    let failed = Delivery::github("push", r#"{"script":{"then":"permanent"}}"#).with("X-GitHub-Delivery", "d-1");
    let token = service.send(&failed).await.unwrap().token().unwrap();
    assert_eq!(service.end_of(&token).await.unwrap()["status"], "failed");

    service.advance(8 * DAY).await.unwrap();
    let redriven = service
        .reconcile(json!({"action": "redrive", "token": token}))
        .await
        .unwrap();
    assert_eq!(redriven["outcome"], "payload_expired");
    assert_eq!(service.status(&token).await.unwrap()["status"], "failed");

    service.advance(28 * DAY).await.unwrap();
    assert_eq!(service.get(&format!("/status/{token}")).await.unwrap().status, 404);
    until("the table deletes what has expired", async || {
        service.items_of(&token).await.unwrap().is_empty()
    })
    .await;
    let again = service.send(&failed).await.unwrap();
    assert_eq!((again.status, &again.json["duplicate"]), (202, &Value::Null));
    let end = service.end_of(&token).await.unwrap();
    assert_eq!((&end["status"], &end["attempt"]), (&"failed".into(), &1.into()));
}

#[tokio::test]
async fn a_schedule_that_a_move_goes_over_runs_once_and_alarms_judge_every_minute() {
    let service = scripted("[triggers]\nsweep_seconds = 1800\n").await;
    let sweeps = || service.output().unwrap().matches("\"message\":\"swept\"").count();
    service.advance(3 * HOUR).await.unwrap();
    until("the sweep of the schedule", async || sweeps() == 1).await;
    let alarm = async |name: &str| {
        let alarms = service.get("/local/alarms").await.unwrap().json;
        let mut all = alarms["alarms"].as_array().unwrap().clone().into_iter();
        all.find(|alarm| alarm["name"] == name).unwrap()
    };
    // Since ten minutes after the start, in the middle of the move.
    let mut since_ms = Value::Null;
    until("the alarm on missing sweeps", async || {
        let missing = alarm("sweep-missing").await;
        since_ms = missing["sinceMs"].clone();
        missing["state"] == "ALARM"
    })
    .await;
    let now = service.clock().await.unwrap().now;
    let since = Timestamp::from_epoch_ms(since_ms.as_i64().unwrap());
    assert!(now.since(since) > 2 * HOUR, "in alarm since {since}, now {now}");

    service.advance(HOUR / 2).await.unwrap();
    until("the next sweep", async || sweeps() > 1).await;
    assert_eq!(sweeps(), 2, "the six that the first move went over are not made up for");
    until("the end of the alarm", async || {
        service.advance(MINUTE).await.unwrap();
        service.reconcile(json!({"action": "sweep"})).await.unwrap();
        alarm("sweep-missing").await["state"] == "OK"
    })
    .await;
}

#[tokio::test]
async fn a_move_that_is_none_is_refused() {
    let service = scripted("").await;
    let before = service.get("/local/clock").await.unwrap().json;
    assert_eq!(before["ahead_seconds"], 0);
    for (body, status) in [
        (json!({"advance_seconds": 0}), 400),
        (json!({"advance_seconds": 31_622_401}), 400),
        (json!({"advance_seconds": u64::MAX}), 400),
        (json!({"advance_seconds": -1}), 422),
        (json!({"advance_seconds": 0.5}), 422),
        (json!({"advance_seconds": 1, "to": "2030-01-01T00:00:00Z"}), 422),
        (json!({}), 422),
        (json!("tomorrow"), 422),
    ] {
        let answer = service.move_clock(&body).await.unwrap();
        assert_eq!(answer.status, status, "{body}: {}", answer.text);
        for member in ["error", "code", "requestId"] {
            assert!(answer.json[member].is_string(), "{body}: {}", answer.text);
        }
    }
    let form =
        Delivery::new("/local/clock", "advance_seconds=60").with("Content-Type", "application/x-www-form-urlencoded");
    assert_eq!(
        service.send(&form).await.unwrap().status,
        415,
        "a page of another origin can send this"
    );
    assert_eq!(service.get("/local/clock").await.unwrap().json["ahead_seconds"], 0);
}
