//! The operations of the durable SDK, run by this host: what is recorded, what is run again, what is waited for.

use serde_json::{Value, json};

use crate::support::{Served, Start, function};

/// Runs an execution to its end.
async fn run(host: &Served, input: Value) -> (String, Value) {
    let arn = host.begin(Start { name: None, input }).await.unwrap();
    host.end_of(&arn).await
}

fn succeeded(result: Value) -> (String, Value) {
    ("SUCCEEDED".to_owned(), result)
}

#[tokio::test]
async fn steps_run_once_each_and_in_order() {
    let host = Served::with("durable").await;
    let result = run(
        &host,
        json!([{ "do": "step", "name": "a" }, { "do": "step", "name": "b" }]),
    )
    .await;
    assert_eq!(result, succeeded(json!([1, 1])));
    assert_eq!(host.files.steps(), ["a 1", "b 1"]);
}

#[tokio::test]
async fn a_step_that_fails_is_tried_again_later_and_nothing_before_it() {
    let host = Served::with("durable").await;
    let input = json!([{ "do": "step", "name": "a" }, { "do": "step", "name": "b", "failures": 2 }]);
    assert_eq!(run(&host, input).await, succeeded(json!([1, 3])));
    assert_eq!(host.files.steps(), ["a 1", "b 1", "b 2", "b 3"]);
}

#[tokio::test]
async fn a_wait_holds_no_invocation_open() {
    let host = Served::with("durable").await;
    let input = json!([{ "do": "step", "name": "a" }, { "do": "wait", "seconds": 1 }, { "do": "step", "name": "b" }]);
    assert_eq!(run(&host, input).await, succeeded(json!([1, "waited", 1])));
    assert_eq!(host.files.steps(), ["a 1", "b 1"]);
    assert_eq!(host.lambda.sandboxes()[0].invocations, 2);
}

#[tokio::test]
async fn child_contexts_are_replayed_from_their_results() {
    let host = Served::with("durable").await;
    let inner = json!([{ "do": "step", "name": "inner" }]);
    let input = json!([
        { "do": "child", "name": "outer", "operations": [
            { "do": "step", "name": "a" },
            { "do": "child", "name": "inner", "operations": inner },
            { "do": "wait", "seconds": 1 },
        ]},
        { "do": "wait", "seconds": 1 },
        { "do": "step", "name": "b" },
    ]);
    assert_eq!(
        run(&host, input).await,
        succeeded(json!([[1, [1], "waited"], "waited", 1]))
    );
    assert_eq!(host.files.steps(), ["a 1", "inner 1", "b 1"]);
}

/// A result above 256 KiB is not kept; the SDK rebuilds it from the children, which must be delivered.
#[tokio::test]
async fn a_large_child_context_is_rebuilt_from_its_children() {
    let host = Served::with("durable").await;
    let large = json!({ "do": "step", "name": "large", "bytes": 200_000 });
    let again = json!({ "do": "step", "name": "again", "bytes": 200_000 });
    let input = json!([
        { "do": "child", "name": "big", "operations": [large, again] },
        { "do": "wait", "seconds": 1 },
        { "do": "step", "name": "b" },
    ]);
    let (status, result) = run(&host, input).await;
    assert_eq!(status, "SUCCEEDED");
    assert_eq!(result[0][1].as_str().map(str::len), Some(200_000));
    assert_eq!(host.files.steps(), ["large 1", "again 1", "b 1"]);
}

/// The SDK does not check it: the engine refuses the result, and the execution fails with the refusal.
#[tokio::test]
async fn a_step_whose_result_is_above_256_kilobytes_fails_the_execution() {
    let host = Served::with("durable").await;
    // A JSON text has two quotes.
    let step = |bytes: usize| json!([{ "do": "step", "name": "a", "bytes": bytes - 2 }]);
    assert_eq!(run(&host, step(262_144)).await.0, "SUCCEEDED");
    let refused = host.invoke("durable:live", step(262_145)).await;
    assert!(
        refused.error_message().contains("at most 262144 bytes"),
        "{}",
        refused.error_message()
    );
}

/// More than an invocation carries: the SDK reads the state in pages, from the start, with the envelope's token.
#[tokio::test]
async fn a_state_of_many_mebibytes_is_read_in_pages() {
    let host = Served::with("durable").await;
    let steps = 0..24;
    let mut input: Vec<Value> = steps
        .clone()
        .map(|number| json!({ "do": "step", "name": format!("s{number}"), "bytes": 250_000 }))
        .collect();
    input.push(json!({ "do": "wait", "seconds": 1 }));
    input.push(json!({ "do": "child", "name": "after", "operations": [{ "do": "step", "name": "z" }] }));
    // The result of it all would be too large for an answer; the failure shows that everything before was known.
    input.push(json!({ "do": "fail" }));
    assert_eq!(
        run(&host, json!(input)).await,
        ("FAILED".to_owned(), json!("ScriptedError"))
    );
    let expected: Vec<String> = steps
        .map(|number| format!("s{number} 1"))
        .chain(["z 1".to_owned()])
        .collect();
    assert_eq!(host.files.steps(), expected);
}

#[tokio::test]
async fn many_small_steps_are_replayed() {
    for kind in ["durable", "durable-batching"] {
        let mut options = function(kind);
        options.name = "durable".to_owned();
        let host = Served::start(vec![options]).await;
        let steps: Vec<Value> = (0..40)
            .map(|number| json!({ "do": "step", "name": format!("s{number}") }))
            .collect();
        let input = json!([
            { "do": "child", "name": "many", "operations": steps },
            { "do": "step", "name": "retried", "failures": 1 },
        ]);
        assert_eq!(run(&host, input).await.0, "SUCCEEDED", "{kind}");
        assert_eq!(host.files.steps().len(), 42, "{kind}");
    }
}

/// The wait of one branch comes due while a step of the other runs; the SDK parks all the same and must be invoked again.
#[tokio::test]
async fn a_timer_that_comes_due_while_another_branch_runs_is_acted_on() {
    let host = Served::with("durable").await;
    let input = json!([{ "do": "parallel", "branches": [
        [{ "do": "wait", "seconds": 1 }, { "do": "step", "name": "waited" }],
        [{ "do": "step", "name": "a", "until": host.files.path("go") }, { "do": "step", "name": "b" }],
    ]}]);
    let arn = host.begin(Start { name: None, input }).await.unwrap();
    host.files.until_lines("effects", 1).await;
    // Long enough for the wait to be over when the step ends; nothing depends on it but which path is taken.
    tokio::time::sleep(std::time::Duration::from_millis(1300)).await;
    host.files.open("go");
    assert_eq!(host.end_of(&arn).await, succeeded(json!([[["waited", 1], [1, 1]]])));
    let mut steps = host.files.steps();
    steps.sort();
    assert_eq!(steps, ["a 1", "b 1", "waited 1"]);
}

#[tokio::test]
async fn a_condition_is_checked_until_it_holds() {
    let host = Served::with("durable").await;
    assert_eq!(
        run(&host, json!([{ "do": "condition", "checks": 2 }])).await,
        succeeded(json!([2]))
    );
}

#[tokio::test]
async fn an_execution_that_fails_keeps_its_error() {
    let host = Served::with("durable").await;
    assert_eq!(
        run(&host, json!([{ "do": "fail" }])).await,
        ("FAILED".to_owned(), json!("ScriptedError"))
    );
    let answer = host.invoke("durable:live", json!([{ "do": "fail" }])).await;
    assert_eq!(answer.error_type(), "ScriptedError");
    assert!(
        answer.error_message().ends_with("the script says so"),
        "{}",
        answer.error_message()
    );
    assert!(answer.execution_arn.is_some());
}

#[tokio::test]
async fn a_synchronous_start_waits_for_the_result() {
    let host = Served::with("durable").await;
    let answer = host
        .invoke(
            "durable:live",
            json!([{ "do": "wait", "seconds": 1 }, { "do": "step", "name": "a" }]),
        )
        .await;
    assert_eq!(answer.body, json!(["waited", 1]));
    assert_eq!(answer.version.as_deref(), Some("1"));
}

#[tokio::test]
async fn operations_that_are_not_run_are_refused_by_name() {
    let host = Served::with("durable").await;
    for (operation, name) in [("callback", "CALLBACK"), ("invoke", "CHAINED_INVOKE")] {
        let answer = host.invoke("durable:live", json!([{ "do": operation }])).await;
        let message = answer.error_message();
        assert!(
            message.contains(&format!("Unsupported operation type {name}")),
            "{message}"
        );
    }
    let refused = host
        .client
        .send_durable_execution_callback_success()
        .callback_id("c-1")
        .send()
        .await
        .unwrap_err();
    assert!(
        format!("{refused:?}").contains("this host runs no CALLBACK operations"),
        "{refused:?}"
    );
}
