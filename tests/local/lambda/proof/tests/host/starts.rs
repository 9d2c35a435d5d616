//! Starts beyond the account's quota wait in the queue.

use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;
use tracehook_local_lambda::{Invoked, OnFailure};

use crate::support::{Served, Start, function, options, soon};

/// A host whose account may start one execution a second.
async fn slow(directory: TempDir, max_age: Duration) -> Served {
    let mut durable = function("durable");
    durable.on_failure = OnFailure::DeadLetterQueue;
    let mut options = options(directory.path(), vec![durable]);
    options.starts_per_second = 1;
    options.async_retry.max_age = max_age;
    Served::start_with(directory, options).await
}

async fn begin(host: &Served, name: &str) -> Option<String> {
    let input = json!([{ "do": "step", "name": name }]);
    let start = Start {
        name: Some(name),
        input,
    };
    host.begin_or_wait(start).await.unwrap()
}

/// The names of the steps that ran, in order.
fn ran(host: &Served) -> Vec<String> {
    let mut steps = host.files.steps();
    steps.sort();
    steps
}

#[tokio::test]
async fn what_is_above_the_quota_is_accepted_and_starts_later_once() {
    let host = slow(tempfile::tempdir().unwrap(), Duration::from_hours(6)).await;
    let mut events = host.lambda.invoked();
    assert!(begin(&host, "a").await.is_some());
    for name in ["b", "c"] {
        assert_eq!(begin(&host, name).await, None, "{name} waits");
    }
    // The same start again waits beside the first one, and finds its execution later.
    assert_eq!(begin(&host, "b").await, None);
    host.files.until_lines("effects", 3).await;
    let mut waits = Vec::new();
    while waits.len() < 4 {
        if let Invoked::TakenFromQueue { waited, .. } = soon("a start leaves the queue", events.recv()).await.unwrap() {
            waits.push(waited);
        }
    }
    assert_eq!(ran(&host), ["a 1", "b 1", "c 1"]);
    assert!(
        waits[1..].iter().all(|waited| *waited >= Duration::from_secs(1)),
        "{waits:?}"
    );
}

#[tokio::test]
async fn a_start_that_waits_is_kept_over_a_restart() {
    let host = slow(tempfile::tempdir().unwrap(), Duration::from_hours(6)).await;
    let first = begin(&host, "a").await.unwrap();
    assert_eq!(begin(&host, "b").await, None);
    host.end_of(&first).await;
    let host = Served::again(host.shut_down().await, vec![function("durable")]).await;
    host.files.until_lines("effects", 2).await;
    assert_eq!(ran(&host), ["a 1", "b 1"]);
}

#[tokio::test]
async fn a_start_that_waits_too_long_goes_to_the_dead_letter_queue() {
    let host = slow(tempfile::tempdir().unwrap(), Duration::from_millis(500)).await;
    assert!(begin(&host, "a").await.is_some());
    assert_eq!(begin(&host, "b").await, None);
    soon("the dead letter arrives", host.lambda.dead_letter_arrived()).await;
    let letters = host.lambda.dead_letters(10).await;
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].body, json!([{ "do": "step", "name": "b" }]).to_string());
}
