//! The wire forms of an execution.

use serde_json::json;

use super::{T0, invoked, policy};
use crate::ExecutionStatus;

#[test]
fn a_running_execution_is_shown_without_an_end() {
    assert_eq!(
        invoked().render(true),
        json!({
            "DurableExecutionArn": "arn:aws:lambda:us-east-1:000000000000:function:processor:1/durable-execution/order-7/execution-id",
            "DurableExecutionName": "order-7",
            "FunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:processor:1",
            "Status": "RUNNING",
            "StartTimestamp": 1_700_000_000.0,
            "InputPayload": r#"{"order":7}"#,
            "Version": "1",
            "TraceHeader": { "XAmznTraceId": "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1" },
            "DurableConfig": { "RetentionPeriodInDays": 7, "ExecutionTimeout": 3600 },
        })
    );
}

#[test]
fn a_closed_execution_is_shown_with_its_result_or_error() {
    let mut execution = invoked();
    execution.finish(br#"{"Status":"SUCCEEDED","Result":"7"}"#, &policy(), T0 + 250);
    let shown = execution.render(true);
    assert_eq!(
        (&shown["Result"], &shown["EndTimestamp"]),
        (&json!("7"), &json!(1_700_000_000.25))
    );

    let mut execution = invoked();
    execution.finish(br#"{"Status":"FAILED","Error":{"ErrorType":"T"}}"#, &policy(), T0);
    assert_eq!(execution.render(true)["Error"], json!({ "ErrorType": "T" }));
}

#[test]
fn without_data_there_is_no_input_result_or_error() {
    let mut execution = invoked();
    execution.finish(br#"{"Status":"FAILED","Error":{"ErrorType":"T"}}"#, &policy(), T0);
    let shown = execution.render(false);
    for key in ["InputPayload", "Result", "Error"] {
        assert_eq!(shown.get(key), None, "{key}");
    }
}

#[test]
fn a_row_of_a_list_is_short() {
    let row = invoked().summary().render();
    let keys: Vec<_> = row.as_object().unwrap().keys().cloned().collect();
    let expected = [
        "DurableExecutionArn",
        "DurableExecutionName",
        "FunctionArn",
        "StartTimestamp",
        "Status",
    ];
    assert_eq!(keys, expected);
}

#[test]
fn statuses_are_read_by_their_names() {
    for name in ["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "STOPPED"] {
        assert_eq!(ExecutionStatus::parse(name).map(ExecutionStatus::as_str), Some(name));
    }
    assert_eq!(ExecutionStatus::parse("PENDING"), None);
}
