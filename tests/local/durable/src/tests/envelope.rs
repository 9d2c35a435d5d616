//! The input of an invocation.

use serde_json::json;

use super::{SECOND, T0, invoked, new_execution, pending, send};
use crate::NextAction;

#[test]
fn the_first_invocation_carries_the_input_as_a_text() {
    let mut execution = new_execution();
    assert_eq!(execution.plan(T0), NextAction::Invoke);
    let envelope = execution.begin_invocation("invocation-1", T0);
    assert_eq!(
        envelope,
        json!({
            "DurableExecutionArn": "arn:aws:lambda:us-east-1:000000000000:function:processor:1/durable-execution/order-7/execution-id",
            "CheckpointToken": execution.current_token(),
            "InitialExecutionState": {
                "Operations": [{
                    "Id": "execution-id", "Name": "order-7", "Type": "EXECUTION", "Status": "STARTED",
                    "StartTimestamp": T0, "ExecutionDetails": { "InputPayload": r#"{"order":7}"# },
                }],
                "NextMarker": "",
            },
            "UpdatedOperationIds": [],
        })
    );
}

#[test]
fn a_later_invocation_carries_the_whole_state_and_what_the_service_moved_on() {
    let mut execution = invoked();
    let updates = json!([
        { "Id": "a", "Type": "STEP", "Action": "SUCCEED", "Payload": "1" },
        { "Id": "b", "Type": "WAIT", "Action": "START", "WaitOptions": { "WaitSeconds": 1 } },
    ]);
    send(&mut execution, &updates, T0).unwrap();
    pending(&mut execution, T0);
    assert_eq!(execution.plan(T0 + SECOND), NextAction::Invoke);
    let envelope = execution.begin_invocation("invocation-2", T0 + SECOND);
    let operations = envelope["InitialExecutionState"]["Operations"].as_array().unwrap();
    let seen: Vec<_> = operations
        .iter()
        .map(|operation| (&operation["Type"], &operation["Status"]))
        .collect();
    assert_eq!(
        json!(seen),
        json!([["EXECUTION", "STARTED"], ["STEP", "SUCCEEDED"], ["WAIT", "SUCCEEDED"]])
    );
    assert_eq!(operations[2]["EndTimestamp"], json!(T0 + SECOND), "milliseconds");
    assert_eq!(envelope["UpdatedOperationIds"], json!(["b"]));
}

#[test]
fn an_invocation_that_was_taken_back_is_owed_again() {
    let mut execution = new_execution();
    execution.begin_invocation("invocation-1", T0);
    execution.postpone(T0 + 2 * SECOND);
    assert_eq!(execution.plan(T0 + SECOND), NextAction::Sleep(T0 + 2 * SECOND));
    assert_eq!(execution.plan(T0 + 2 * SECOND), NextAction::Invoke);
}
