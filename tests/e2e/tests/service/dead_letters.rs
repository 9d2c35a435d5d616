//! The processor's dead-letter queue alone brings a webhook on: no status event, no sweep.

use serde_json::{Value, json};
use tracehook_test_support::{Delivery, Service};

use tracehook_test_support::service::{effects, scripted};

const QUEUE_ALONE: &str = "[triggers]\nsweep_seconds = 0\nstatus_events = false\ndead_letter_delay_ms = 50\n";

async fn accepted(service: &Service, body: &str) -> String {
    let answer = service.send(&Delivery::github("push", body)).await.unwrap();
    answer.token().unwrap()
}

/// The outcomes of the messages, in their order.
async fn outcomes(service: &Service, count: usize) -> Vec<Value> {
    let handled = |log: &str| {
        let lines = log.lines().filter_map(|line| {
            let line: Value = serde_json::from_str(line.get(line.find('{')?..)?).ok()?;
            (line["action"] == "dead_letter" && line["message"] == "handled").then(|| line["outcome"].clone())
        });
        lines.collect::<Vec<_>>()
    };
    let log = service.output_with(|log| handled(log).len() >= count).await.unwrap();
    handled(&log)
}

#[tokio::test]
async fn an_execution_that_ended_badly_closes_its_webhook_and_is_not_repeated() {
    let quick = format!("[durable]\nexecution_timeout_seconds = 1\n{QUEUE_ALONE}");
    let service = scripted(&quick).await;
    let token = accepted(&service, r#"{"script":{"hang_ms":5000}}"#).await;
    let ended = service.end_of(&token).await.unwrap();
    assert_eq!(
        (&ended["status"], &ended["error"]["code"], &ended["attempt"]),
        (&"timed_out".into(), &"execution_timed_out".into(), &1.into())
    );
    assert_eq!(outcomes(&service, 1).await, ["closed"]);
    assert_eq!(service.executions_of(&token).await.unwrap(), ["TIMED_OUT"]);

    // The processor wrote this end itself, so the message finds it.
    let service = scripted(QUEUE_ALONE).await;
    let token = accepted(&service, r#"{"script":{"then":"permanent"}}"#).await;
    assert_eq!(service.end_of(&token).await.unwrap()["error"]["code"], "scripted_end");
    assert_eq!(outcomes(&service, 1).await, ["ended"]);
    let status = service.status(&token).await.unwrap();
    assert_eq!((&status["status"], &status["attempt"]), (&"failed".into(), &1.into()));
    assert_eq!(effects(&service, &token).len(), 1);
}

#[tokio::test]
async fn a_start_that_was_dropped_is_repeated_as_the_next_attempt() {
    let service = scripted(QUEUE_ALONE).await;
    let dropped = json!({"operation": "event:Invoke", "function": "tracehook-processor", "effect": {"give_up": true}});
    service.fault(dropped).await.unwrap();
    let token = accepted(&service, "{}").await;
    let ended = service.end_of(&token).await.unwrap();
    assert_eq!((&ended["status"], &ended["attempt"]), (&"completed".into(), &2.into()));
    assert_eq!(ended["attempts"][0]["error"]["code"], "start_dropped");
    assert_eq!(outcomes(&service, 1).await, ["started"]);
    assert_eq!(service.executions_of(&token).await.unwrap(), ["SUCCEEDED"]);
    assert_eq!(effects(&service, &token).len(), 1);
}

/// A redrive is another attempt: the message about the first one, delivered late, does not touch it.
#[tokio::test]
async fn a_message_that_comes_after_a_redrive_leaves_the_new_attempt_alone() {
    let service = scripted(QUEUE_ALONE).await;
    let away = json!({"operation": "dynamodb:GetItem", "function": "tracehook-reconciler", "count": 3,
        "effect": {"status": 500, "code": "InternalServerError"}});
    service.fault(away).await.unwrap();
    let token = accepted(&service, r#"{"script":{"then":"permanent"}}"#).await;
    service.end_of(&token).await.unwrap();
    // Once the table has been away for the message, it is delivered again and again.
    outcomes(&service, 1).await;
    let redriven = service
        .reconcile(json!({"action": "redrive", "token": token}))
        .await
        .unwrap();
    assert_eq!(redriven["outcome"], "redriven", "{redriven}");
    let ended = service.end_of(&token).await.unwrap();
    assert_eq!((&ended["status"], &ended["attempt"]), (&"failed".into(), &2.into()));
    // Both attempts' messages are handled, and neither opened a third.
    let handled = outcomes(&service, 3).await;
    assert_eq!(handled[0], "error", "{handled:?}");
    let status = service.status(&token).await.unwrap();
    assert_eq!(status["attempt"], 2, "{handled:?}");
    assert_eq!(service.executions_of(&token).await.unwrap().len(), 2);
}
