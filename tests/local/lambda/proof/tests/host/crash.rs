//! Functions that die in the middle of an execution.

use serde_json::{Value, json};
use tracehook_local_lambda::FunctionOptions;

use crate::support::{Served, Start, function, options, runs, until};

/// Starts an execution, waits until `steps` bodies have begun, and kills the process.
async fn kill_in(host: &Served, input: Value, steps: usize) -> String {
    let arn = host.begin(Start { name: None, input }).await.unwrap();
    host.files.until_lines("effects", steps).await;
    assert!(host.lambda.kill_sandbox(&host.lambda.sandboxes()[0].access_key_id));
    arn
}

/// The try that was cut off counts for nothing: it is the first one again, and no retry is spent.
#[tokio::test]
async fn a_step_that_was_cut_off_runs_again_as_the_same_try() {
    let host = Served::with("durable").await;
    let input = json!([{ "do": "step", "name": "a" }, { "do": "step", "name": "b", "until": host.files.path("go") }]);
    let arn = kill_in(&host, input, 2).await;
    host.files.until_lines("effects", 3).await;
    host.files.open("go");
    assert_eq!(host.end_of(&arn).await, ("SUCCEEDED".to_owned(), json!([1, 1])));
    assert_eq!(host.files.steps(), ["a 1", "b 1", "b 1"]);
    let pids = host.files.pids("effects", 2);
    assert!(pids[0] == pids[1] && pids[1] != pids[2] && !runs(pids[0]), "{pids:?}");
}

#[tokio::test]
async fn an_at_most_once_step_that_was_cut_off_is_a_failed_try() {
    let host = Served::with("durable").await;
    let step = json!({ "do": "step", "name": "a", "at_most_once": true, "until": host.files.path("go") });
    let arn = kill_in(&host, json!([step]), 1).await;
    host.files.open("go");
    assert_eq!(host.end_of(&arn).await, ("SUCCEEDED".to_owned(), json!([2])));
    assert_eq!(host.files.steps(), ["a 1", "a 2"]);
}

/// The number of invocations that ended.
fn invocations(host: &Served, arn: &str) -> usize {
    let history = host.lambda.history(arn).unwrap();
    let ended = |event: &&Value| event["EventType"] == "InvocationCompleted";
    history.events.iter().filter(ended).count()
}

/// A host whose function is repeated so many times in a row.
async fn with_recoveries(recoveries: u32, durable: FunctionOptions) -> Served {
    let directory = tempfile::tempdir().unwrap();
    let mut options = options(directory.path(), vec![durable]);
    options.driver.max_recoveries = Some(recoveries);
    Served::start_with(directory, options).await
}

#[tokio::test]
async fn a_function_that_is_killed_four_times_goes_on_and_succeeds() {
    let host = Served::with("durable").await;
    let input = json!([{ "do": "step", "name": "a" }, { "do": "step", "name": "b", "until": host.files.path("go") }]);
    let arn = kill_in(&host, input, 2).await;
    for killed in 2..=4 {
        host.files.until_lines("effects", killed + 1).await;
        assert!(host.lambda.kill_sandbox(&host.lambda.sandboxes()[0].access_key_id));
    }
    host.files.until_lines("effects", 6).await;
    host.files.open("go");
    assert_eq!(host.end_of(&arn).await, ("SUCCEEDED".to_owned(), json!([1, 1])));
    assert_eq!(invocations(&host, &arn), 5);
}

#[tokio::test]
async fn a_function_that_always_dies_fails_the_execution_after_the_configured_recoveries() {
    let host = with_recoveries(9, function("durable")).await;
    let input = json!([{ "do": "step", "name": "a" }, { "do": "exit" }]);
    let arn = host.begin(Start { name: None, input }).await.unwrap();
    assert_eq!(
        host.end_of(&arn).await,
        ("FAILED".to_owned(), json!("Runtime.ExitError"))
    );
    assert_eq!(host.files.steps(), ["a 1"], "what was recorded is not run again");
    assert_eq!(invocations(&host, &arn), 10);
}

/// The emulator's number, 5, is not the service's.
#[tokio::test]
async fn a_function_that_always_dies_is_repeated_as_long_as_the_execution_may_run() {
    let host = Served::with("durable").await;
    let input = json!([{ "do": "exit" }]);
    let arn = host.begin(Start { name: None, input }).await.unwrap();
    until("more than 5 invocations", || invocations(&host, &arn) > 5).await;
    let shown = host.client.get_durable_execution().durable_execution_arn(&arn).send();
    assert_eq!(shown.await.unwrap().status().as_str(), "RUNNING");
}

#[tokio::test]
async fn a_function_that_always_panics_fails_the_execution_and_its_process_lives_on() {
    let host = with_recoveries(2, function("durable")).await;
    let arn = host
        .begin(Start {
            name: None,
            input: json!([{ "do": "panic" }]),
        })
        .await
        .unwrap();
    assert_eq!(host.end_of(&arn).await.0, "FAILED");
    assert_eq!(host.lambda.sandboxes()[0].invocations, 3);
}

#[tokio::test]
async fn a_function_that_always_times_out_fails_the_execution() {
    let mut short = function("durable");
    short.timeout = std::time::Duration::from_millis(500);
    let host = with_recoveries(1, short).await;
    let input = json!([{ "do": "step", "name": "a", "until": host.files.path("never") }]);
    let arn = host.begin(Start { name: None, input }).await.unwrap();
    assert_eq!(
        host.end_of(&arn).await,
        ("FAILED".to_owned(), json!("Sandbox.Timedout"))
    );
    assert_eq!(invocations(&host, &arn), 2);
}

#[tokio::test]
async fn a_function_that_is_not_durable_fails_an_execution_at_once() {
    let mut plain = function("durable");
    plain.environment.insert("FIXTURE".to_owned(), "plain".to_owned());
    let host = Served::start(vec![plain]).await;
    let arn = host
        .begin(Start {
            name: None,
            input: json!({}),
        })
        .await
        .unwrap();
    assert_eq!(
        host.end_of(&arn).await,
        ("FAILED".to_owned(), json!("InvalidParameterValueException"))
    );
    assert_eq!(host.lambda.sandboxes()[0].invocations, 1);
}
