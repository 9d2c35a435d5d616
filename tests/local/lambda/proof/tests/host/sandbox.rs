//! The processes of a function: how many there are, how they are used again, how they end.

use std::time::Duration;

use serde_json::json;
use tracehook_local_lambda::{InvokeOutcome, SandboxState};

use crate::support::{Served, function, options, runs, soon, until};

#[tokio::test]
async fn a_process_is_used_again() {
    let host = Served::with("plain").await;
    let first = host.invoke("plain", json!({})).await;
    let second = host.invoke("plain", json!({})).await;
    assert_eq!(first.pid(), second.pid());
    assert_eq!(second.body["count"], 2);
    until("it is idle", || host.lambda.sandboxes()[0].state == SandboxState::Idle).await;
    let sandboxes = host.lambda.sandboxes();
    assert_eq!(
        (sandboxes.len(), sandboxes[0].pid, sandboxes[0].invocations),
        (1, first.pid(), 2)
    );
    assert!(sandboxes[0].init_us.is_some());
}

#[tokio::test]
async fn nothing_is_spawned_before_it_is_needed() {
    let host = Served::with("plain").await;
    assert!(host.lambda.sandboxes().is_empty());
}

/// Events wait in line for a process, in the order of their arrival.
#[tokio::test]
async fn there_are_never_more_processes_than_allowed() {
    let mut options = function("plain");
    options.max_sandboxes = 2;
    let host = Served::start(vec![options]).await;
    let hold = json!({ "mark": host.files.path("began"), "until": host.files.path("go") });
    for _ in 0..6 {
        host.send("plain", hold.clone()).await.unwrap();
    }
    host.files.until_lines("began", 2).await;
    assert_eq!(host.lambda.sandboxes().len(), 2);
    assert!(
        host.lambda
            .sandboxes()
            .iter()
            .all(|sandbox| sandbox.state == SandboxState::Busy)
    );
    host.files.open("go");
    host.files.until_lines("began", 6).await;
    let mut pids = host.files.pids("began", 0);
    pids.sort_unstable();
    pids.dedup();
    assert_eq!(pids.len(), 2, "{pids:?}");
}

#[tokio::test]
async fn a_synchronous_call_is_throttled_when_every_process_stays_busy() {
    let directory = tempfile::tempdir().unwrap();
    let mut options = options(directory.path(), vec![function("plain")]);
    options.line_patience = Duration::from_millis(50);
    let host = Served::start_with(directory, options).await;
    let hold = json!({ "mark": host.files.path("began"), "until": host.files.path("go") });
    host.send("plain", hold).await.unwrap();
    host.files.until_lines("began", 1).await;
    assert_eq!(host.refused("plain", json!({})).await, "TooManyRequestsException");
    host.files.open("go");
    until("it is idle", || host.lambda.sandboxes()[0].state == SandboxState::Idle).await;
    assert_eq!(host.invoke("plain", json!({})).await.function_error, None);
}

#[tokio::test]
async fn a_function_without_processes_throttles_everything() {
    let mut options = function("plain");
    options.max_sandboxes = 0;
    let host = Served::start(vec![options]).await;
    assert_eq!(host.refused("plain", json!({})).await, "TooManyRequestsException");
    assert_eq!(
        host.lambda.invoke("plain", "{}".into(), None).await,
        InvokeOutcome::Throttled
    );
    assert!(host.lambda.sandboxes().is_empty());
}

#[tokio::test]
async fn a_process_that_outlives_the_timeout_is_killed() {
    let mut options = function("plain");
    options.timeout = Duration::from_secs(1);
    let host = Served::start(vec![options]).await;
    let hold = json!({ "mark": host.files.path("began"), "until": host.files.path("never") });
    let answer = host.invoke("plain", hold).await;
    assert_eq!(answer.error_type(), "Sandbox.Timedout");
    assert!(
        answer.error_message().ends_with("Task timed out after 1.00 seconds"),
        "{}",
        answer.error_message()
    );
    let pid = host.files.pids("began", 0)[0];
    until("the process is gone", || !runs(pid)).await;
    assert!(host.lambda.sandboxes().iter().all(|sandbox| sandbox.pid != pid));
    let hold = json!({ "until": host.files.path("never") }).to_string();
    assert_eq!(
        host.lambda.invoke("plain", hold.into(), None).await,
        InvokeOutcome::TimedOut
    );
}

#[tokio::test]
async fn a_process_that_ends_fails_its_event_at_once() {
    let host = Served::with("plain").await;
    for (script, how) in [
        (
            json!({ "then": "exit", "code": 5 }),
            "Runtime exited with error: exit status 5",
        ),
        (
            json!({ "then": "exit", "code": 0 }),
            "Runtime exited without providing a reason",
        ),
        (json!({ "then": "abort" }), "Runtime exited with error: signal: 6"),
    ] {
        let answer = host.invoke("plain", script).await;
        assert_eq!(answer.error_type(), "Runtime.ExitError");
        assert!(answer.error_message().ends_with(how), "{}", answer.error_message());
        // The next event gets a new process.
        assert_eq!(host.invoke("plain", json!({})).await.body["count"], 1);
    }
}

#[tokio::test]
async fn a_panic_is_an_error_and_the_process_lives() {
    let host = Served::with("plain").await;
    let pid = host.invoke("plain", json!({})).await.pid();
    let answer = host.invoke("plain", json!({ "then": "panic" })).await;
    assert!(answer.function_error.is_some());
    assert_eq!(host.invoke("plain", json!({})).await.pid(), pid);
}

#[tokio::test]
async fn a_process_that_cannot_start_fails_one_event_for_each_try() {
    let mut missing = function("plain");
    missing.name = "missing".to_owned();
    missing.binary = "no-such-binary".into();
    let host = Served::start(vec![function("cannot-start"), missing]).await;
    for _ in 0..2 {
        let answer = host.invoke("cannot-start", json!({})).await;
        assert_eq!(answer.error_type(), "Runtime.ExitError");
        let message = answer.error_message();
        assert!(
            message.ends_with("exit status 3 before it asked for an event"),
            "{message}"
        );
        let answer = host.invoke("missing", json!({})).await;
        assert!(
            answer.error_message().contains("could not be started"),
            "{}",
            answer.error_message()
        );
    }
    until("nothing is left", || host.lambda.sandboxes().is_empty()).await;
}

#[tokio::test]
async fn a_sandbox_that_is_killed_fails_its_event() {
    let host = Served::with("plain").await;
    let hold = json!({ "mark": host.files.path("began"), "until": host.files.path("never") });
    let invoked = host.invoke("plain", hold);
    tokio::pin!(invoked);
    let sandbox = tokio::select! {
        answer = &mut invoked => panic!("answered: {answer:?}"),
        _ = host.files.until_lines("began", 1) => host.lambda.sandboxes().remove(0),
    };
    assert!(host.lambda.kill_sandbox(&sandbox.access_key_id));
    let answer = invoked.await;
    assert!(
        answer.error_message().ends_with("signal: 9"),
        "{}",
        answer.error_message()
    );
    until("the process is gone", || !runs(sandbox.pid)).await;
    assert!(!host.lambda.kill_sandbox(&sandbox.access_key_id));
}

#[tokio::test]
async fn an_idle_process_that_dies_is_replaced() {
    let host = Served::with("plain").await;
    let first = host.invoke("plain", json!({})).await.pid();
    assert!(host.lambda.kill_sandbox(&host.lambda.sandboxes()[0].access_key_id));
    until("it is noticed", || host.lambda.sandboxes().is_empty()).await;
    let second = soon("another process", host.invoke("plain", json!({}))).await;
    assert_ne!(second.pid(), first);
}
