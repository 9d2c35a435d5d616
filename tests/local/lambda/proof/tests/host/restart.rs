//! Another host on the same directory: what was accepted goes on, and only one host at a time.

use serde_json::{Value, json};
use tracehook_local_lambda::{DurableOptions, FunctionOptions, Lambda};

use crate::support::{Served, Start, function, options};

fn durable() -> Vec<FunctionOptions> {
    vec![function("durable")]
}

async fn begin(host: &Served, input: Value) -> String {
    host.begin(Start {
        name: Some("order-7"),
        input,
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn waits_and_retries_go_on() {
    let host = Served::with("durable").await;
    let input = json!([
        { "do": "step", "name": "a", "failures": 1 },
        { "do": "wait", "seconds": 1 },
        { "do": "step", "name": "b" },
    ]);
    let arn = begin(&host, input).await;
    // Once while the retry is pending, once while the wait runs; where exactly makes no difference to the result.
    host.files.until_lines("effects", 1).await;
    let host = Served::again(host.shut_down().await, durable()).await;
    host.files.until_lines("effects", 2).await;
    let host = Served::again(host.shut_down().await, durable()).await;
    let (status, result) = host.end_of(&arn).await;
    assert_eq!(status, "SUCCEEDED");
    assert_eq!(result[1], "waited");
    assert_eq!(host.files.steps().last().map(String::as_str), Some("b 1"));
}

#[tokio::test]
async fn a_timer_that_came_due_in_between_is_acted_on_at_once() {
    let host = Served::with("durable").await;
    let arn = begin(
        &host,
        json!([{ "do": "wait", "seconds": 1 }, { "do": "step", "name": "a" }]),
    )
    .await;
    let waiting = |host: &Served| {
        let events = host.lambda.history(&arn).unwrap().events;
        events.iter().any(|event| event["EventType"] == "InvocationCompleted")
    };
    crate::support::until("it waits", || waiting(&host)).await;
    let directory = host.shut_down().await;
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    let host = Served::again(directory, durable()).await;
    assert_eq!(host.end_of(&arn).await, ("SUCCEEDED".to_owned(), json!(["waited", 1])));
}

#[tokio::test]
async fn a_host_that_is_dropped_leaves_no_process_and_no_lock() {
    let host = Served::with("durable").await;
    let input = json!([{ "do": "step", "name": "a", "until": host.files.path("go") }]);
    let arn = begin(&host, input).await;
    host.files.until_lines("effects", 1).await;
    let pid = host.files.pids("effects", 2)[0];
    let directory = host.drop_it().await;
    crate::support::until("the process is gone", || !crate::support::runs(pid)).await;
    let host = Served::again(directory, durable()).await;
    host.files.open("go");
    assert_eq!(host.end_of(&arn).await, ("SUCCEEDED".to_owned(), json!([1])));
    assert_eq!(host.files.steps(), ["a 1", "a 1"]);
}

/// The driver of the execution holds the state until the runtime has dropped it, on the only thread there is here.
#[tokio::test]
async fn a_directory_can_be_opened_again_at_once() {
    let host = Served::with("durable").await;
    let arn = begin(&host, json!([{ "do": "wait", "seconds": 3600 }])).await;
    let host = Served::again(host.drop_it().await, durable()).await;
    assert_eq!(host.lambda.executions(1).remove(0).arn, arn);
}

#[tokio::test]
async fn an_interruption_by_the_host_is_no_failure_of_the_function() {
    let mut host = Served::with("durable").await;
    let input = json!([{ "do": "step", "name": "a", "until": host.files.path("go") }]);
    let arn = begin(&host, input).await;
    // More often than failures are allowed.
    for restarts in 1..=6 {
        host.files.until_lines("effects", restarts).await;
        host = Served::again(host.shut_down().await, durable()).await;
    }
    host.files.open("go");
    assert_eq!(host.end_of(&arn).await.0, "SUCCEEDED");
}

#[tokio::test]
async fn a_closed_execution_is_still_there_and_its_name_still_taken() {
    let host = Served::with("durable").await;
    let input = json!([{ "do": "step", "name": "a" }]);
    let arn = begin(&host, input.clone()).await;
    host.end_of(&arn).await;
    let host = Served::again(host.shut_down().await, durable()).await;
    assert_eq!(host.end_of(&arn).await, ("SUCCEEDED".to_owned(), json!([1])));
    assert_eq!(begin(&host, input).await, arn);
    assert_eq!(host.files.steps(), ["a 1"]);
    assert_eq!(host.lambda.executions(5).len(), 1);
    assert_eq!(host.lambda.history(&arn).unwrap().events[0]["EventId"], 1);
}

#[tokio::test]
async fn an_execution_is_deleted_after_its_retention_and_its_name_is_free() {
    let mut brief = function("durable");
    brief.durable = Some(DurableOptions {
        execution_timeout_seconds: 3600,
        retention_days: 0,
    });
    let host = Served::start(vec![brief]).await;
    let first = begin(&host, json!([])).await;
    host.end_of(&first).await;
    let host = Served::again(host.shut_down().await, durable()).await;
    assert!(host.lambda.executions(5).is_empty());
    assert!(host.lambda.history(&first).is_none());
    assert_ne!(begin(&host, json!([{ "do": "step", "name": "a" }])).await, first);
}

/// Two hosts would both drive every execution. The second start does not disturb the first host.
#[tokio::test]
async fn a_second_host_on_the_same_directory_is_refused() {
    let host = Served::with("plain").await;
    let pid = host.invoke("plain", json!({})).await.pid();
    let directory = host.files.path("");
    let second = Lambda::start(options(&directory, vec![function("plain")])).await;
    let message = format!("{:#}", second.err().unwrap());
    assert!(message.contains("is another host using this directory?"), "{message}");
    assert_eq!(host.invoke("plain", json!({})).await.pid(), pid);
}
