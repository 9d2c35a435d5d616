//! Execution names: one execution for each name, which every caller with the same input gets.

use aws_sdk_lambda::primitives::Blob;
use serde_json::{Value, json};

use crate::support::{Served, Start, function, until};

fn step(name: &str) -> Value {
    json!([{ "do": "step", "name": name }])
}

fn named(name: &str, input: Value) -> Start<'_> {
    Start {
        name: Some(name),
        input,
    }
}

#[tokio::test]
async fn the_same_name_and_payload_is_the_same_execution() {
    let host = Served::with("durable").await;
    let input = json!([{ "do": "step", "name": "a", "until": host.files.path("go") }]);
    let first = host.begin(named("order-7", input.clone())).await.unwrap();
    assert_eq!(
        host.begin(named("order-7", input.clone())).await.unwrap(),
        first,
        "while it runs"
    );
    host.files.open("go");
    assert_eq!(host.end_of(&first).await, ("SUCCEEDED".to_owned(), json!([1])));
    assert_eq!(
        host.begin(named("order-7", input)).await.unwrap(),
        first,
        "after its end"
    );
    assert_eq!(host.files.steps(), ["a 1"]);
}

#[tokio::test]
async fn another_payload_under_the_same_name_is_a_conflict() {
    let host = Served::with("durable").await;
    let first = host.begin(named("order-7", step("a"))).await.unwrap();
    for _ in 0..2 {
        let refused = host.begin(named("order-7", step("b"))).await.unwrap_err();
        assert_eq!(refused, "DurableExecutionAlreadyStartedException");
        host.end_of(&first).await;
    }
    assert_eq!(host.files.steps(), ["a 1"]);
}

#[tokio::test]
async fn many_starts_at_once_are_one_execution() {
    let host = Served::with("durable").await;
    let starts = (0..8).map(|_| {
        let start = host
            .client
            .invoke()
            .function_name("durable:live")
            .durable_execution_name("order-7");
        let start = start.payload(Blob::new(step("a").to_string())).send();
        tokio::spawn(start)
    });
    let mut arns = Vec::new();
    for start in starts.collect::<Vec<_>>() {
        let answer = start.await.unwrap().unwrap();
        assert_eq!(answer.payload().unwrap().as_ref(), b"[1]");
        arns.push(answer.durable_execution_arn().unwrap().to_owned());
    }
    arns.dedup();
    assert_eq!(arns.len(), 1);
    assert_eq!(host.files.steps(), ["a 1"]);
}

#[tokio::test]
async fn a_synchronous_caller_joins_the_running_execution() {
    let host = Served::with("durable").await;
    let input = json!([{ "do": "step", "name": "a", "until": host.files.path("go") }]);
    let arn = host.begin(named("order-7", input.clone())).await.unwrap();
    host.files.until_lines("effects", 1).await;
    let joined = host
        .client
        .invoke()
        .function_name("durable:live")
        .durable_execution_name("order-7");
    let joined = tokio::spawn(joined.payload(Blob::new(input.to_string())).send());
    host.files.open("go");
    let answer = joined.await.unwrap().unwrap();
    assert_eq!(answer.durable_execution_arn(), Some(arn.as_str()));
    assert_eq!(answer.payload().unwrap().as_ref(), b"[1]");
}

#[tokio::test]
async fn without_a_name_each_start_is_its_own() {
    let host = Served::with("durable").await;
    let first = host
        .begin(Start {
            name: None,
            input: step("a"),
        })
        .await
        .unwrap();
    let second = host
        .begin(Start {
            name: None,
            input: step("a"),
        })
        .await
        .unwrap();
    assert_ne!(first, second);
}

#[tokio::test]
async fn an_arn_tells_function_version_name_and_id() {
    let host = Served::with("durable").await;
    let arn = host.begin(named("order-7", step("a"))).await.unwrap();
    let (prefix, id) = arn.rsplit_once('/').unwrap();
    assert_eq!(
        prefix,
        "arn:aws:lambda:us-east-1:000000000000:function:durable:1/durable-execution/order-7"
    );
    assert!(!id.is_empty());
}

#[tokio::test]
async fn a_name_has_up_to_64_letters_digits_dashes_and_underscores() {
    let host = Served::with("durable").await;
    assert!(host.begin(named(&"x".repeat(64), json!([]))).await.is_ok());
    for wrong in ["a b", "a.b", &"x".repeat(65)] {
        assert_eq!(
            host.begin(named(wrong, json!([]))).await.unwrap_err(),
            "InvalidParameterValueException",
            "{wrong}"
        );
    }
}

/// An execution stays on the version that it began with.
#[tokio::test]
async fn a_durable_function_is_invoked_by_a_version_or_an_alias() {
    let host = Served::with("durable").await;
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:durable";
    for unqualified in ["durable", arn] {
        assert_eq!(
            host.refused(unqualified, step("a")).await,
            "InvalidParameterValueException",
            "{unqualified}"
        );
        assert_eq!(
            host.send(unqualified, step("a")).await.unwrap_err(),
            "InvalidParameterValueException",
            "{unqualified}"
        );
    }
    assert!(!host.lambda.send("durable", "[]".into()).await);
    for qualifier in ["live", "1", "$LATEST"] {
        let answer = host.invoke(&format!("{arn}:{qualifier}"), step("a")).await;
        assert_eq!(answer.body, json!([1]), "{qualifier}");
    }
    assert_eq!(host.lambda.executions(10).len(), 3);
}

/// A caller that hangs up in the middle of a start leaves an execution that runs, or none.
#[tokio::test]
async fn an_execution_whose_caller_has_gone_runs_all_the_same() {
    let host = Served::start(vec![function("durable")]).await;
    let invocation = host.lambda.invoke("durable:live", step("a").to_string().into(), None);
    // Looked at once, so that the start is on its way to the store, and given up.
    tokio::select! {
        biased;
        outcome = invocation => panic!("it was over at once: {outcome:?}"),
        () = std::future::ready(()) => {}
    }
    until("the execution is stored", || !host.lambda.executions(1).is_empty()).await;
    let arn = host.lambda.executions(1).remove(0).arn;
    assert_eq!(host.end_of(&arn).await.0, "SUCCEEDED");
}
