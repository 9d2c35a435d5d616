//! Reading executions through the SDK: one, its history, lists.

use aws_sdk_lambda::primitives::DateTime;
use aws_sdk_lambda::types::ExecutionStatus;
use serde_json::{Value, json};

use crate::support::{Served, Start, function, invocation::code};

async fn begin(host: &Served, name: &str, input: Value) -> String {
    host.begin(Start {
        name: Some(name),
        input,
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn an_execution_is_read_with_its_data() {
    let host = Served::with("durable").await;
    let input = json!([{ "do": "step", "name": "a" }]);
    let arn = begin(&host, "order-7", input.clone()).await;
    host.end_of(&arn).await;
    let shown = host
        .client
        .get_durable_execution()
        .durable_execution_arn(&arn)
        .send()
        .await
        .unwrap();
    assert_eq!(shown.durable_execution_arn(), arn);
    assert_eq!(shown.durable_execution_name(), "order-7");
    assert_eq!(
        shown.function_arn(),
        "arn:aws:lambda:us-east-1:000000000000:function:durable:1"
    );
    assert_eq!(shown.input_payload(), Some(input.to_string().as_str()));
    assert_eq!((shown.result(), shown.version()), (Some("[1]"), Some("1")));
    assert!(shown.start_timestamp() <= shown.end_timestamp().unwrap());
    assert!(shown.trace_header().and_then(|trace| trace.x_amzn_trace_id()).is_some());
    // This century: seconds, not milliseconds.
    assert!((1_500_000_000..4_000_000_000).contains(&shown.start_timestamp().secs()));
}

#[tokio::test]
async fn the_history_tells_everything_in_order() {
    let host = Served::with("durable").await;
    let arn = begin(
        &host,
        "order-7",
        json!([{ "do": "step", "name": "a", "failures": 1 }, { "do": "wait", "seconds": 1 }]),
    )
    .await;
    host.end_of(&arn).await;
    let history = host
        .client
        .get_durable_execution_history()
        .durable_execution_arn(&arn)
        .send()
        .await
        .unwrap();
    let kinds: Vec<_> = history
        .events()
        .iter()
        .map(|event| event.event_type().unwrap().as_str())
        .collect();
    assert_eq!(
        kinds,
        [
            "ExecutionStarted",
            "StepStarted",
            "StepFailed",
            "InvocationCompleted",
            "StepStarted",
            "StepSucceeded",
            "WaitStarted",
            "InvocationCompleted",
            "WaitSucceeded",
            "InvocationCompleted",
            "ExecutionSucceeded",
        ]
    );
    let failed = history.events()[2].step_failed_details().unwrap();
    let retry = failed.retry_details().unwrap();
    assert_eq!(
        (retry.current_attempt(), retry.next_attempt_delay_seconds()),
        (1, Some(1))
    );
    let succeeded = history.events()[5].step_succeeded_details().unwrap();
    assert_eq!(succeeded.retry_details().unwrap().current_attempt(), 2);
    assert_eq!(succeeded.result().unwrap().payload(), Some("2"));
    let wait = history.events()[6].wait_started_details().unwrap();
    assert_eq!(wait.duration(), 1);
    let input = history.events()[0]
        .execution_started_details()
        .unwrap()
        .input()
        .unwrap();
    assert!(input.payload().is_some());
    let bare = host
        .client
        .get_durable_execution_history()
        .durable_execution_arn(&arn)
        .include_execution_data(false);
    let bare = bare.send().await.unwrap();
    let input = bare.events()[0].execution_started_details().unwrap().input().unwrap();
    assert_eq!(input.payload(), None);
}

#[tokio::test]
async fn the_history_is_read_in_pages_in_both_directions() {
    let host = Served::with("durable").await;
    let arn = begin(
        &host,
        "order-7",
        json!([{ "do": "step", "name": "a" }, { "do": "step", "name": "b" }]),
    )
    .await;
    host.end_of(&arn).await;
    for reverse in [false, true] {
        let pages = host
            .client
            .get_durable_execution_history()
            .durable_execution_arn(&arn)
            .reverse_order(reverse);
        let mut pages = pages.max_items(3).into_paginator().send();
        let mut numbers = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.unwrap();
            assert!((1..=3).contains(&page.events().len()));
            numbers.extend(page.events().iter().map(aws_sdk_lambda::types::Event::event_id));
        }
        let mut expected: Vec<Option<i32>> = (1..=7).map(Some).collect();
        if reverse {
            expected.reverse();
        }
        assert_eq!(
            json!(numbers.iter().map(|id| format!("{id:?}")).collect::<Vec<_>>()),
            json!(
                expected
                    .iter()
                    .map(|id| format!("{:?}", id.unwrap()))
                    .collect::<Vec<_>>()
            )
        );
    }
}

async fn names(
    host: &Served,
    pages: aws_sdk_lambda::operation::list_durable_executions_by_function::builders::ListDurableExecutionsByFunctionFluentBuilder,
) -> Vec<String> {
    let _ = host;
    let mut pages = pages.max_items(2).into_paginator().send();
    let mut names = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        let executions = page.durable_executions();
        assert!(executions.len() <= 2);
        names.extend(
            executions
                .iter()
                .map(|execution| execution.durable_execution_name().to_owned()),
        );
    }
    names
}

#[tokio::test]
async fn executions_are_listed_filtered_and_in_pages() {
    let mut other = function("durable");
    other.name = "other".to_owned();
    let host = Served::start(vec![function("durable"), other]).await;
    for name in ["a", "b", "c"] {
        let arn = begin(&host, name, json!([])).await;
        host.end_of(&arn).await;
    }
    let failed = begin(&host, "failed", json!([{ "do": "fail" }])).await;
    host.end_of(&failed).await;
    begin(&host, "running", json!([{ "do": "wait", "seconds": 3600 }])).await;
    host.client
        .invoke()
        .function_name("other:live")
        .payload(aws_sdk_lambda::primitives::Blob::new("[]"))
        .send()
        .await
        .unwrap();

    let list = || {
        host.client
            .list_durable_executions_by_function()
            .function_name("durable")
    };
    assert_eq!(names(&host, list()).await, ["a", "b", "c", "failed", "running"]);
    assert_eq!(
        names(&host, list().reverse_order(true)).await,
        ["running", "failed", "c", "b", "a"]
    );
    assert_eq!(names(&host, list().durable_execution_name("b")).await, ["b"]);
    let statuses = list()
        .statuses(ExecutionStatus::Failed)
        .statuses(ExecutionStatus::Running);
    assert_eq!(names(&host, statuses).await, ["failed", "running"]);
    assert_eq!(names(&host, list().qualifier("live")).await.len(), 5);
    assert_eq!(names(&host, list().qualifier("$LATEST")).await, [""; 0]);
    assert_eq!(
        names(&host, list().started_before(DateTime::from_secs(1))).await,
        [""; 0]
    );
    assert_eq!(
        names(&host, list().started_after(DateTime::from_secs(1))).await.len(),
        5
    );
    let unknown = host
        .client
        .list_durable_executions_by_function()
        .function_name("nobody")
        .send()
        .await
        .unwrap_err();
    assert_eq!(code(&unknown), "ResourceNotFoundException");
}
