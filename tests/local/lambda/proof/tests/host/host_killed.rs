//! A host that is killed with SIGKILL: what it had accepted goes on with the next one.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::support::{Files, Served, client, function, runs, soon, until};

/// The binary `fixture-host` on a directory, and its address.
async fn host(directory: &std::path::Path) -> (Child, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_fixture-host"))
        .arg(directory)
        .arg(crate::support::fixture())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let url = soon("the address", lines.next_line()).await.unwrap().unwrap();
    (child, url)
}

async fn send(url: &str, function: &str, payload: Value) {
    let sent = client(url)
        .invoke()
        .function_name(function)
        .invocation_type("Event".into());
    let sent = sent
        .payload(aws_sdk_lambda::primitives::Blob::new(payload.to_string()))
        .send()
        .await
        .unwrap();
    assert_eq!(sent.status_code(), 202);
}

#[tokio::test]
async fn what_was_accepted_goes_on_and_what_was_left_running_is_ended() {
    let directory = tempfile::tempdir().unwrap();
    let files = Files::new(directory.path());
    let (mut killed, url) = host(directory.path()).await;
    let input = json!([{ "do": "step", "name": "a" }, { "do": "step", "name": "b", "until": files.path("go") }]);
    send(&url, "durable:live", input).await;
    send(
        &url,
        "plain",
        json!({ "mark": files.path("tries"), "until": files.path("go") }),
    )
    .await;
    files.until_lines("effects", 2).await;
    files.until_lines("tries", 1).await;
    killed.kill().await.unwrap();

    let left = [files.pids("effects", 2)[1], files.pids("tries", 0)[0]];
    assert!(left.iter().all(|pid| runs(*pid)), "busy processes outlive their host");
    let next = Served::again(directory, vec![function("durable"), function("plain")]).await;
    for pid in left {
        until("it is ended", || !runs(pid)).await;
    }
    files.until_lines("effects", 3).await;
    files.open("go");
    let arn = next.lambda.executions(1).remove(0).arn;
    assert_eq!(next.end_of(&arn).await, ("SUCCEEDED".to_owned(), json!([1, 1])));
    assert_eq!(files.steps(), ["a 1", "b 1", "b 1"]);
    let tries = files.until_lines("tries", 2).await;
    assert_eq!(tries[0][1], tries[1][1], "the same event");
}
