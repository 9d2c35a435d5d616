//! Dropped starts are recorded and repeated within the allowed attempts; dropped events are handled.

use serde_json::json;
use tracehook_core::Status;

use crate::world::{World, ago, dead_letters, in_vain, start_payload, status_event};

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

#[tokio::test]
async fn an_execution_that_ended_badly_closes_its_record_and_is_not_repeated() {
    for (state, status) in [
        ("FAILED", Status::Failed),
        ("TIMED_OUT", Status::TimedOut),
        ("STOPPED", Status::Stopped),
    ] {
        let world = World::new().await;
        // One that the processor never wrote about, and one that it did.
        for record in [world.received(1, 100).await, world.at(2, Status::Processing, 100).await] {
            world.engine.reports(&record.execution_name, state);
            let message = in_vain(&record, ago(1));
            for _ in 0..2 {
                assert_eq!(world.handle(message.clone()).await, json!({"batchItemFailures": []}));
                let closed = world.state(&record.token).await;
                assert_eq!((closed.status, closed.attempt), (status, 1), "{state}");
            }
        }
        assert_eq!(world.engine.starts(), [""; 0]);
    }
}

#[tokio::test]
async fn a_start_that_never_became_an_execution_opens_the_next_attempt_once() {
    let world = World::new().await;
    let record = world.received(1, 100).await;
    let message = in_vain(&record, ago(1));
    assert_eq!(world.handle(message.clone()).await, json!({"batchItemFailures": []}));
    let second = world.state(&record.token).await;
    assert_eq!((second.status, second.attempt), (Status::Received, 2));
    let error = second.past_attempts[0].error.clone().unwrap();
    assert_eq!(
        (error.code.as_str(), error.message.as_str()),
        ("start_dropped", "the start was dropped")
    );
    assert_eq!(world.engine.starts(), std::slice::from_ref(&second.execution_name));
    world.handle(message).await;
    assert_eq!(world.state(&record.token).await, second);
}

/// The message names no attempt: the sweep may have repeated the first start, and each repeat is dropped by itself.
#[tokio::test]
async fn a_second_message_about_an_earlier_attempt_does_not_end_the_present_one() {
    let world = World::new().await;
    let first = world.received(1, 100).await;
    world.handle(in_vain(&first, ago(50))).await;
    // Its start waits in the queue.
    world.engine.forget();
    let second = world.state(&first.token).await;
    assert_eq!(second.attempt, 2);
    let began = second.attempt_started_at;
    let later = |seconds: i64| tracehook_core::Timestamp::from_epoch_ms(began.epoch_ms() + seconds * 1000);
    for sent_at in [ago(60), later(0), later(6 * 3600 - 1)] {
        world.handle(in_vain(&second, sent_at)).await;
        assert_eq!(world.state(&first.token).await, second, "{sent_at:?}");
    }
    let mut undated = in_vain(&second, ago(0));
    undated["Records"][0].as_object_mut().unwrap().remove("attributes");
    world.handle(undated).await;
    assert_eq!(world.state(&first.token).await, second);
    // A start of this attempt that waited as long as one may.
    world.handle(in_vain(&second, later(6 * 3600))).await;
    assert_eq!(world.state(&first.token).await.attempt, 3);
}

#[tokio::test]
async fn the_engine_s_word_about_the_present_attempt_counts_whenever_the_message_was_sent() {
    let world = World::new().await;
    let first = world.received(1, 100).await;
    world.handle(in_vain(&first, ago(50))).await;
    let second = world.state(&first.token).await;
    world.engine.reports(&second.execution_name, "RUNNING");
    world.handle(in_vain(&second, ago(60))).await;
    assert_eq!(world.state(&first.token).await, second);
    world.engine.reports(&second.execution_name, "FAILED");
    world.handle(in_vain(&second, ago(60))).await;
    let closed = world.state(&first.token).await;
    assert_eq!((closed.status, closed.attempt), (Status::Failed, 2));
}

#[tokio::test]
async fn what_has_ended_or_runs_is_left_alone_by_a_message_about_its_start() {
    let world = World::new().await;
    let moved = world.at(1, Status::Processing, 100).await;
    let done = world.at(2, Status::Completed, 100).await;
    let failed = world.at(3, Status::Failed, 100).await;
    for record in [&moved, &done, &failed] {
        world.handle(in_vain(record, ago(1))).await;
        assert_eq!(&world.state(&record.token).await, record);
    }
    assert_eq!(world.engine.starts(), [""; 0]);
}

#[tokio::test]
async fn a_message_about_a_start_waits_for_an_engine_that_is_away() {
    let world = World::new().await;
    let record = world.received(1, 100).await;
    world.engine.away(true);
    let again = world.handle(in_vain(&record, ago(1))).await;
    assert_eq!(again, json!({"batchItemFailures": [{"itemIdentifier": "m"}]}));
    assert_eq!(world.state(&record.token).await, record);
}
