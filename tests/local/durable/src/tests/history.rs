//! The events of an execution.

use serde_json::{Value, json};

use super::{SECOND, T0, invoked, new_execution, pending, policy, send, take_events};
use crate::{ErrorObject, Event};

fn kinds(events: &[Value]) -> Vec<&str> {
    events
        .iter()
        .map(|event| event["EventType"].as_str().unwrap())
        .collect()
}

#[test]
fn an_execution_begins_with_its_input() {
    let events = take_events(&mut new_execution());
    assert_eq!(
        json!(events),
        json!([{
            "EventType": "ExecutionStarted", "EventId": 1, "EventTimestamp": 1_700_000_000.0,
            "Id": "execution-id", "Name": "order-7",
            "ExecutionStartedDetails": {
                "Input": { "Payload": r#"{"order":7}"#, "Truncated": false }, "ExecutionTimeout": 3600,
            },
        }])
    );
}

#[test]
fn each_update_is_one_event_with_its_details() {
    let error = json!({ "ErrorType": "T", "ErrorMessage": "m" });
    let failed = json!({ "Payload": error, "Truncated": false });
    let result = json!({ "Payload": "1", "Truncated": false });
    let nothing = json!({ "Truncated": false });
    let cases = [
        (json!({ "Type": "STEP", "Action": "START" }), "StepStarted", json!({})),
        (
            json!({ "Type": "STEP", "Action": "SUCCEED", "Payload": "1" }),
            "StepSucceeded",
            json!({ "Result": result, "RetryDetails": { "CurrentAttempt": 1 } }),
        ),
        (
            json!({ "Type": "STEP", "Action": "FAIL", "Error": error }),
            "StepFailed",
            json!({ "Error": failed, "RetryDetails": { "CurrentAttempt": 1 } }),
        ),
        (
            json!({ "Type": "STEP", "Action": "RETRY", "Error": error, "StepOptions": { "NextAttemptDelaySeconds": 9 } }),
            "StepFailed",
            json!({ "Error": failed, "RetryDetails": { "CurrentAttempt": 1, "NextAttemptDelaySeconds": 9 } }),
        ),
        (
            json!({ "Type": "STEP", "Action": "RETRY", "Payload": "1", "StepOptions": { "NextAttemptDelaySeconds": 9 } }),
            "StepSucceeded",
            json!({ "Result": result, "RetryDetails": { "CurrentAttempt": 1, "NextAttemptDelaySeconds": 9 } }),
        ),
        (
            json!({ "Type": "WAIT", "Action": "START", "WaitOptions": { "WaitSeconds": 9 } }),
            "WaitStarted",
            json!({ "Duration": 9, "ScheduledEndTimestamp": 1_700_000_009.0 }),
        ),
        (
            json!({ "Type": "CONTEXT", "Action": "START" }),
            "ContextStarted",
            json!({}),
        ),
        (
            json!({ "Type": "CONTEXT", "Action": "SUCCEED", "Payload": "1" }),
            "ContextSucceeded",
            json!({ "Result": result }),
        ),
        (
            json!({ "Type": "CONTEXT", "Action": "SUCCEED" }),
            "ContextSucceeded",
            json!({ "Result": nothing }),
        ),
        (
            json!({ "Type": "CONTEXT", "Action": "FAIL", "Error": error }),
            "ContextFailed",
            json!({ "Error": failed }),
        ),
    ];
    for (mut update, kind, details) in cases {
        let mut execution = invoked();
        take_events(&mut execution);
        update["Id"] = json!("a");
        update["Name"] = json!("n");
        update["SubType"] = json!("s");
        send(&mut execution, &json!([update]), T0).unwrap();
        let events = take_events(&mut execution);
        let mut expected = json!({
            "EventType": kind, "EventId": 2, "EventTimestamp": 1_700_000_000.0,
            "Id": "a", "Name": "n", "SubType": "s",
        });
        expected[format!("{kind}Details")] = details;
        assert_eq!(json!(events), json!([expected]), "{update}");
    }
}

#[test]
fn tries_are_counted_from_one() {
    let mut execution = invoked();
    let retry =
        json!([{ "Id": "a", "Type": "STEP", "Action": "RETRY", "StepOptions": { "NextAttemptDelaySeconds": 1 } }]);
    send(&mut execution, &retry, T0).unwrap();
    execution.complete_due(T0 + SECOND);
    send(
        &mut execution,
        &json!([{ "Id": "a", "Type": "STEP", "Action": "FAIL" }]),
        T0 + SECOND,
    )
    .unwrap();
    let tries: Vec<_> = take_events(&mut execution)
        .iter()
        .filter_map(|event| {
            event
                .pointer("/StepSucceededDetails/RetryDetails/CurrentAttempt")
                .or(event.pointer("/StepFailedDetails/RetryDetails/CurrentAttempt"))
                .cloned()
        })
        .collect();
    assert_eq!(tries, [json!(1), json!(2)]);
}

#[test]
fn a_cancelled_wait_is_an_event() {
    let mut execution = invoked();
    let wait = json!([{ "Id": "a", "Type": "WAIT", "Action": "START", "WaitOptions": { "WaitSeconds": 9 } }]);
    send(&mut execution, &wait, T0).unwrap();
    take_events(&mut execution);
    send(
        &mut execution,
        &json!([{ "Id": "a", "Type": "WAIT", "Action": "CANCEL" }]),
        T0,
    )
    .unwrap();
    assert_eq!(kinds(&take_events(&mut execution)), ["WaitCancelled"]);
}

#[test]
fn each_invocation_that_ends_is_an_event_with_its_times() {
    let mut execution = invoked();
    take_events(&mut execution);
    execution.fail_invocation(ErrorObject::new("T", "m"), &policy(), T0 + 1500);
    let events = take_events(&mut execution);
    assert_eq!(
        events[0]["InvocationCompletedDetails"],
        json!({
            "StartTimestamp": 1_700_000_000.0, "EndTimestamp": 1_700_000_001.5, "RequestId": "invocation-1",
            "Error": { "Payload": { "ErrorType": "T", "ErrorMessage": "m" }, "Truncated": false },
        })
    );
    execution.begin_invocation("invocation-2", T0);
    pending(&mut execution, T0);
    let events = take_events(&mut execution);
    assert_eq!(events[0]["InvocationCompletedDetails"]["RequestId"], "invocation-2");
    assert_eq!(events[0]["InvocationCompletedDetails"]["Error"], Value::Null);
}

#[test]
fn the_end_is_the_last_event_and_says_why() {
    let error = json!({ "Error": { "Payload": { "ErrorType": "T", "ErrorMessage": "m" }, "Truncated": false } });
    let mut succeeded = invoked();
    succeeded.finish(br#"{"Status":"SUCCEEDED","Result":"7"}"#, &policy(), T0);
    let mut failed = invoked();
    failed.finish(
        br#"{"Status":"FAILED","Error":{"ErrorType":"T","ErrorMessage":"m"}}"#,
        &policy(),
        T0,
    );
    let mut stopped = invoked();
    stopped.stop(Some(ErrorObject::new("T", "m")), T0);
    let cases = [
        (
            succeeded,
            "ExecutionSucceeded",
            json!({ "Result": { "Payload": "7", "Truncated": false } }),
        ),
        (failed, "ExecutionFailed", error.clone()),
        (stopped, "ExecutionStopped", error),
    ];
    for (mut execution, kind, details) in cases {
        let events = take_events(&mut execution);
        let last = events.last().unwrap();
        assert_eq!(last["EventType"], kind);
        assert_eq!(last[format!("{kind}Details")], details);
    }
    let mut timed_out = invoked();
    timed_out.time_out(T0);
    assert_eq!(kinds(&take_events(&mut timed_out)).last(), Some(&"ExecutionTimedOut"));
}

#[test]
fn events_are_numbered_without_gaps() {
    let mut execution = invoked();
    let steps =
        json!([{ "Id": "a", "Type": "STEP", "Action": "START" }, { "Id": "a", "Type": "STEP", "Action": "SUCCEED" }]);
    send(&mut execution, &steps, T0).unwrap();
    // A refused update leaves no event.
    assert!(send(&mut execution, &steps, T0).is_err());
    execution.finish(br#"{"Status":"SUCCEEDED"}"#, &policy(), T0);
    let numbers: Vec<_> = take_events(&mut execution)
        .iter()
        .map(|event| event["EventId"].clone())
        .collect();
    assert_eq!(json!(numbers), json!([1, 2, 3, 4, 5]));
}

#[test]
fn without_data_the_payloads_are_left_out() {
    let mut execution = invoked();
    execution.finish(
        br#"{"Status":"FAILED","Error":{"ErrorType":"T","ErrorMessage":"m"}}"#,
        &policy(),
        T0,
    );
    for event in execution.take_changes().events {
        let shown = Event::render(event.number, event.body, false);
        assert!(!shown.to_string().contains("Payload"), "{shown}");
    }
}
