//! Event, sweep and dead-letter queue resume stuck webhooks and close those whose execution has ended.

use serde_json::json;
use tracehook_test_support::{Delivery, Service};

use tracehook_test_support::service::{effects, scripted};

/// Ages of a second.
const IMPATIENT: &str = r#"
    [functions.reconciler.environment]
    RECEIVED_AGE_SECONDS = "1"
    STARTED_AGE_SECONDS = "1"
"#;

async fn accepted(service: &Service, body: &str) -> String {
    service
        .send(&Delivery::github("push", body))
        .await
        .unwrap()
        .token()
        .unwrap()
}

#[tokio::test]
async fn a_webhook_whose_start_failed_is_started_by_the_schedule_alone() {
    let service = scripted(&format!("{IMPATIENT}\n[triggers]\nsweep_seconds = 1\n")).await;
    let fails = json!({"operation": "lambda:Invoke", "function": "tracehook-validator", "count": 100, "phase": "before",
        "effect": {"status": 500, "code": "ServiceException"}});
    service.fault(fails).await.unwrap();
    let token = accepted(&service, "{}").await;
    let ended = service.end_of(&token).await.unwrap();
    assert_eq!((&ended["status"], &ended["attempt"]), (&"completed".into(), &1.into()));
    assert_eq!(effects(&service, &token).len(), 1);
}

#[tokio::test]
async fn an_execution_that_times_out_or_is_stopped_closes_its_record_by_event() {
    let quick = "[durable]\nexecution_timeout_seconds = 1\n[triggers]\nsweep_seconds = 0\ndead_letters = false\n";
    let service = scripted(quick).await;
    let token = accepted(&service, r#"{"script":{"hang_ms":5000}}"#).await;
    let ended = service.end_of(&token).await.unwrap();
    assert_eq!(
        (&ended["status"], &ended["error"]["code"]),
        (&"timed_out".into(), &"execution_timed_out".into())
    );
    let service = scripted("[triggers]\nsweep_seconds = 0\ndead_letters = false\n").await;
    let token = accepted(&service, r#"{"script":{"hang_ms":20000}}"#).await;
    service.stop_execution_of(&token).await.unwrap();
    let ended = service.end_of(&token).await.unwrap();
    assert_eq!(
        (&ended["status"], &ended["error"]["code"]),
        (&"stopped".into(), &"execution_stopped".into())
    );
}

#[tokio::test]
async fn an_end_whose_event_is_lost_is_found_by_the_sweep() {
    let deaf = "[durable]\nexecution_timeout_seconds = 1\n[triggers]\nsweep_seconds = 0\nstatus_events = false\n\
        dead_letters = false\n";
    let service = scripted(&format!("{IMPATIENT}{deaf}")).await;
    let token = accepted(&service, r#"{"script":{"hang_ms":5000}}"#).await;
    assert_eq!(service.executions_of(&token).await.unwrap(), ["TIMED_OUT"]);
    assert_eq!(service.swept_to_the_end(&token).await.unwrap()["status"], "timed_out");
}

#[tokio::test]
async fn a_status_event_that_the_reconciler_cannot_take_comes_by_the_dead_letter_queue() {
    let service = scripted(
        "[durable]\nexecution_timeout_seconds = 1\n[asynchronous]\nretry_delay_ms = 10\n[triggers]\nsweep_seconds = 0\n\
         dead_letter_delay_ms = 50\n",
    )
    .await;
    // Three tries of the invocation, three tries of the call in each; the message about the execution itself, which is
    // delivered again and again, takes its share.
    let fails = json!({"operation": "dynamodb:GetItem", "function": "tracehook-reconciler", "count": 60, "phase": "before",
        "effect": {"status": 500, "code": "InternalServerError"}});
    service.fault(fails).await.unwrap();
    let token = accepted(&service, r#"{"script":{"hang_ms":5000}}"#).await;
    assert_eq!(service.end_of(&token).await.unwrap()["status"], "timed_out");
    assert!(service.all_faults_happened().await.unwrap());
    let by_the_queue = |log: &str| log.lines().any(|line| line.contains(r#""outcome":"status_change""#));
    service.output_with(by_the_queue).await.unwrap();
}
