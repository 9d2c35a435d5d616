//! Asynchronous invocations: kept until they succeed or run out of tries.

use std::time::Duration;

use serde_json::json;
use tracehook_local_lambda::{LogStream, OnFailure, SandboxState};

use crate::support::{NEVER, Served, function, options, soon, until};

#[tokio::test]
async fn an_event_that_fails_is_tried_again_with_the_same_request_id() {
    let host = Served::with("plain").await;
    host.send("plain", json!({ "mark": host.files.path("tries"), "failures": 2 }))
        .await
        .unwrap();
    let tries = host.files.until_lines("tries", 3).await;
    until("it is idle", || host.lambda.sandboxes()[0].state == SandboxState::Idle).await;
    assert!(tries.iter().all(|line| line == &tries[0]), "{tries:?}");
    assert_eq!(host.lambda.sandboxes()[0].invocations, 3);
}

#[tokio::test]
async fn an_event_is_given_up_after_three_tries() {
    let host = Served::with("plain").await;
    let mut log = host.lambda.log_lines();
    host.send("plain", json!({ "mark": host.files.path("tries"), "failures": 99 }))
        .await
        .unwrap();
    let discarded = async {
        loop {
            let line = log.recv().await.unwrap();
            if line.stream == LogStream::Platform && line.line.ends_with("is discarded: RetriesExhausted") {
                return;
            }
        }
    };
    soon("the event is discarded", discarded).await;
    assert_eq!(host.files.lines("tries").len(), 3);
}

#[tokio::test]
async fn a_crash_is_a_try_like_any_other() {
    let host = Served::with("plain").await;
    host.send("plain", json!({ "mark": host.files.path("tries"), "then": "exit" }))
        .await
        .unwrap();
    let tries = host.files.until_lines("tries", 3).await;
    assert_ne!(tries[0][0], tries[1][0], "each in a process of its own");
}

#[tokio::test]
async fn an_event_that_nobody_takes_is_kept_over_a_restart() {
    let mut nobody = function("plain");
    nobody.max_sandboxes = 0;
    let host = Served::start(vec![nobody]).await;
    let file = host.files.path("tries");
    host.send("plain", json!({ "mark": file })).await.unwrap();
    let directory = host.shut_down().await;
    let host = Served::again(directory, vec![function("plain")]).await;
    host.files.until_lines("tries", 1).await;
    // Done and forgotten: the next host does not see it.
    until("it is idle", || host.lambda.sandboxes()[0].state == SandboxState::Idle).await;
    host.invoke("plain", json!({})).await;
    let host = Served::again(host.shut_down().await, vec![function("plain")]).await;
    host.invoke("plain", json!({})).await;
    assert_eq!(host.files.lines("tries").len(), 1);
}

#[tokio::test]
async fn the_delay_of_a_retry_goes_on_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let mut slow = options(directory.path(), vec![function("plain")]);
    slow.async_retry.delays = vec![NEVER];
    let host = Served::start_with(directory, slow).await;
    host.send("plain", json!({ "mark": host.files.path("tries"), "failures": 1 }))
        .await
        .unwrap();
    host.files.until_lines("tries", 1).await;
    until("it is idle", || host.lambda.sandboxes()[0].state == SandboxState::Idle).await;
    let host = Served::again(host.shut_down().await, vec![function("plain")]).await;
    host.invoke("plain", json!({})).await;
    assert_eq!(host.files.lines("tries").len(), 1, "its second try is an hour away");
}

#[tokio::test]
async fn an_event_that_is_too_old_goes_to_the_destination_of_its_function() {
    let directory = tempfile::tempdir().unwrap();
    let mut nobody = function("plain");
    nobody.max_sandboxes = 0;
    nobody.on_failure = OnFailure::Destination;
    let mut short = options(directory.path(), vec![nobody]);
    short.async_retry.max_age = Duration::from_millis(100);
    let host = Served::start_with(directory, short).await;
    let mut log = host.lambda.log_lines();
    host.send("plain", json!({})).await.unwrap();
    let line = soon("the event is discarded", log.recv()).await.unwrap();
    assert!(line.line.ends_with("is discarded: EventAgeExceeded"), "{}", line.line);
    soon("the dead letter arrives", host.lambda.dead_letter_arrived()).await;
    let dead_letters = host.lambda.dead_letters(10).await;
    let body: serde_json::Value = serde_json::from_str(&dead_letters[0].body).unwrap();
    assert_eq!(dead_letters.len(), 1);
    assert_eq!(body["requestContext"]["condition"], "EventAgeExceeded");
    assert_eq!(body["requestPayload"], json!({}));
    host.lambda.delete_dead_letter(dead_letters[0].id.clone()).await;
    assert!(host.lambda.dead_letters(10).await.is_empty());
}
