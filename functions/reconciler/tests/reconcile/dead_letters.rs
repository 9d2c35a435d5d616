//! Dropped starts are recorded and repeated within the allowed attempts; dropped events are handled.

use serde_json::json;
use tracehook_core::Status;

use crate::world::{World, ago, dead_letters, start_payload, status_event};

#[tokio::test]
async fn a_dropped_start_opens_the_next_attempt_with_its_cause_and_starts_it() {
    let world = World::new().await;
    let record = world.received(1, 100).await;
    let message = dead_letters(&[start_payload(&record)], ago(1));
    assert_eq!(world.handle(message.clone()).await, json!({"batchItemFailures": []}));
    let second = world.state(&record.token).await;
    assert_eq!((second.status, second.attempt), (Status::Received, 2));
    let past = &second.past_attempts[0];
    assert_eq!(
        (past.status, past.error.as_ref().unwrap().code.as_str()),
        (Status::Failed, "start_dropped")
    );
    assert!(past.error.as_ref().unwrap().message.contains("EventAgeExceeded"));
    assert_eq!(world.engine.starts(), std::slice::from_ref(&second.execution_name));
    // The repeated message belongs to an attempt that has a successor.
    world.handle(message).await;
    assert_eq!(world.state(&record.token).await, second);
    assert_eq!(world.engine.starts().len(), 1);
}

#[tokio::test]
async fn when_the_attempts_are_used_up_the_record_says_why() {
    let world = World::with(&[("MAX_ATTEMPTS", "1")]).await;
    let record = world.received(1, 100).await;
    world.handle(dead_letters(&[start_payload(&record)], ago(1))).await;
    let ended = world.state(&record.token).await;
    assert_eq!(
        (ended.status, ended.error.unwrap().code.as_str()),
        (Status::Failed, "start_dropped")
    );
    assert_eq!(world.engine.starts(), [""; 0]);
}

#[tokio::test]
async fn a_start_that_came_through_after_all_is_left_alone() {
    let world = World::new().await;
    let running = world.received(1, 100).await;
    world.engine.reports(&running.execution_name, "RUNNING");
    let moved = world.at(2, Status::Processing, 100).await;
    let done = world.at(3, Status::Completed, 100).await;
    let payloads = [&running, &moved, &done].map(start_payload);
    assert_eq!(
        world.handle(dead_letters(&payloads, ago(1))).await,
        json!({"batchItemFailures": []})
    );
    for record in [running, moved, done] {
        assert_eq!(world.state(&record.token).await, record);
    }
    assert_eq!(world.engine.starts(), [""; 0]);
}

#[tokio::test]
async fn only_the_messages_that_could_not_be_handled_are_handed_over_again() {
    let world = World::new().await;
    let record = world.received(1, 100).await;
    let failed = world.at(2, Status::Processing, 100).await;
    let payloads = [
        start_payload(&record),
        status_event(&failed.execution_name, "FAILED"),
        json!({"action": "sweep"}),
        json!("not ours"),
    ];
    world.engine.away(true);
    let event = dead_letters(&payloads, ago(1));
    let again = world.handle(event.clone()).await;
    assert_eq!(again, json!({"batchItemFailures": [{"itemIdentifier": "m0"}]}));
    assert_eq!(
        world.state(&failed.token).await.status,
        Status::Failed,
        "the dropped event was handled"
    );
    world.engine.away(false);
    assert_eq!(world.handle(event).await, json!({"batchItemFailures": []}));
    assert_eq!(world.state(&record.token).await.attempt, 2);
}

#[tokio::test]
async fn an_event_that_eventbridge_could_not_hand_over_is_handled() {
    let world = World::new().await;
    let record = world.at(1, Status::Processing, 100).await;
    let event = status_event(&record.execution_name, "TIMED_OUT");
    let queue = json!({"Records": [{"messageId": "m", "body": event.to_string()}]});
    assert_eq!(world.handle(queue).await, json!({"batchItemFailures": []}));
    assert_eq!(world.state(&record.token).await.status, Status::TimedOut);
}

#[tokio::test]
async fn a_message_from_no_destination_is_not_delivered_again_and_again() {
    let world = World::new().await;
    let event = json!({"Records": [{"messageId": "m", "body": "hello"}, {"messageId": "n", "body": "{}"}]});
    assert_eq!(world.handle(event).await, json!({"batchItemFailures": []}));
}
