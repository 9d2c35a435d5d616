//! Shutting the host down.

use serde_json::json;

use crate::support::{Served, Start, function, invocation::code, runs, soon};

#[tokio::test]
async fn no_process_is_left() {
    let mut options = function("plain");
    options.max_sandboxes = 2;
    let host = Served::start(vec![options]).await;
    let idle = host.invoke("plain", json!({})).await.pid();
    let hold = json!({ "mark": host.files.path("began"), "until": host.files.path("never") });
    for _ in 0..2 {
        host.send("plain", hold.clone()).await.unwrap();
    }
    host.files.until_lines("began", 2).await;
    let pids: Vec<u32> = host.lambda.sandboxes().iter().map(|sandbox| sandbox.pid).collect();
    assert!(pids.len() == 2 && pids.contains(&idle), "{pids:?}");
    let _directory = soon("the shutdown", host.shut_down()).await;
    assert!(pids.iter().all(|pid| !runs(*pid)), "{pids:?}");
}

#[tokio::test]
async fn a_process_that_asked_for_sigterm_gets_it() {
    let directory = tempfile::tempdir().unwrap();
    let left = directory.path().join("left");
    let mut graceful = function("graceful");
    graceful
        .environment
        .insert("LEFT".to_owned(), left.display().to_string());
    let host = Served::start_with(
        tempfile::tempdir().unwrap(),
        crate::support::options(directory.path(), vec![graceful]),
    )
    .await;
    host.invoke("graceful", json!({})).await;
    let _directory = soon("the shutdown", host.shut_down()).await;
    assert_eq!(std::fs::read_to_string(left).unwrap(), "SIGTERM\n");
}

#[tokio::test]
async fn nothing_is_started_afterwards() {
    let host = Served::with("plain").await;
    host.lambda.shutdown().await;
    assert_eq!(host.refused("plain", json!({})).await, "TooManyRequestsException");
    assert_eq!(host.send("plain", json!({})).await.unwrap_err(), "ServiceException");
    assert!(host.lambda.sandboxes().is_empty());
}

/// Otherwise a server that waits for its connections to end would wait for ever.
#[tokio::test]
async fn synchronous_callers_of_executions_hear_of_it() {
    let host = Served::with("durable").await;
    let call = host.client.invoke().function_name("durable:live");
    let call = call
        .payload(aws_sdk_lambda::primitives::Blob::new(
            r#"[{"do":"wait","seconds":3600}]"#,
        ))
        .send();
    let call = tokio::spawn(call);
    crate::support::until("it runs", || !host.lambda.executions(1).is_empty()).await;
    host.lambda.shutdown().await;
    let refused = soon("the answer", call).await.unwrap().unwrap_err();
    assert_eq!(code(&refused), "ServiceException");
}

#[tokio::test]
async fn what_was_running_goes_on_with_the_next_host() {
    let host = Served::with("durable").await;
    let input = json!([{ "do": "step", "name": "a" }, { "do": "step", "name": "b", "until": host.files.path("go") }]);
    let arn = host.begin(Start { name: None, input }).await.unwrap();
    host.files.until_lines("effects", 2).await;
    let host = Served::again(host.shut_down().await, vec![function("durable")]).await;
    host.files.open("go");
    assert_eq!(host.end_of(&arn).await, ("SUCCEEDED".to_owned(), json!([1, 1])));
    assert_eq!(host.files.steps()[..2], ["a 1", "b 1"]);
}
