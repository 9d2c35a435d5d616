//! An EXECUTION update closes the execution from within: for results that no answer can carry.

use serde_json::{Value, json};

use super::{T0, ids, invoked, policy, refusal, request, send, take_events};
use crate::{ErrorObject, Execution, ExecutionStatus, Fault, NextAction};

fn succeed(result: &str) -> Value {
    json!({ "Id": "execution-result-1", "Type": "EXECUTION", "Action": "SUCCEED", "Payload": result })
}

fn fail() -> Value {
    json!({ "Id": "execution-result-1", "Type": "EXECUTION", "Action": "FAIL",
        "Error": { "ErrorType": "T", "ErrorMessage": "m" } })
}

fn step(id: &str) -> Value {
    json!({ "Id": id, "Type": "STEP", "Action": "SUCCEED" })
}

fn closed_by(updates: &Value) -> (Execution, Value) {
    let mut execution = invoked();
    let answer = send(&mut execution, updates, T0 + 1).unwrap().render();
    (execution, answer)
}

#[test]
fn it_is_the_end_of_the_execution_and_its_answer_has_no_token() {
    let (mut execution, answer) = closed_by(&json!([step("a"), succeed("[1]")]));
    assert_eq!(
        (execution.status(), execution.result(), execution.core().end_ms),
        (ExecutionStatus::Succeeded, Some("[1]"), Some(T0 + 1))
    );
    assert_eq!(answer["CheckpointToken"], Value::Null);
    assert_eq!(answer["NewExecutionState"]["Operations"][0]["Id"], "a");
    assert_eq!(ids(execution.operations()), ["a"], "it is no operation of its own");
    assert_eq!(execution.plan(T0 + 1), NextAction::Closed);
    let events = take_events(&mut execution);
    assert_eq!(
        events.last().unwrap()["ExecutionSucceededDetails"]["Result"]["Payload"],
        "[1]"
    );

    let (execution, answer) = closed_by(&json!([fail()]));
    assert_eq!(execution.status(), ExecutionStatus::Failed);
    assert_eq!(execution.error(), Some(&ErrorObject::new("T", "m")));
    assert_eq!(answer["CheckpointToken"], Value::Null);
}

#[test]
fn the_answer_of_its_invocation_is_ignored_and_no_token_is_current() {
    let (mut execution, _) = closed_by(&json!([succeed("[1]")]));
    execution.finish(br#"{"Status":"SUCCEEDED","Result":""}"#, &policy(), T0 + 2);
    assert_eq!(execution.result(), Some("[1]"));
    let token = execution.current_token();
    let again = execution.checkpoint(&request(&token, None, &json!([])), T0 + 2);
    assert_eq!(again.unwrap_err(), Fault::StaleToken);
}

#[test]
fn a_repeat_of_the_call_gets_the_same_answer() {
    let mut execution = invoked();
    let call = request(&execution.current_token(), Some("c"), &json!([succeed("1")]));
    execution.checkpoint(&call, T0).unwrap();
    assert!(execution.replayed(&call, T0).unwrap().token.is_none());
}

#[test]
fn it_is_the_last_update_and_the_only_one_of_its_kind() {
    for updates in [json!([succeed("1"), step("a")]), json!([succeed("1"), succeed("1")])] {
        assert_eq!(
            refusal(&invoked(), &updates),
            "An EXECUTION must be the last update of a checkpoint."
        );
    }
}

#[test]
fn it_succeeds_with_a_payload_or_fails_with_an_error() {
    let with = |mut update: Value, field: &str, value: Value| {
        update[field] = value;
        json!([update])
    };
    let error = json!({ "ErrorType": "T" });
    for (updates, message) in [
        (
            with(succeed("1"), "Error", error),
            "Cannot provide an Error for SUCCEED action.",
        ),
        (
            with(fail(), "Payload", json!("1")),
            "Cannot provide a Payload for FAIL action.",
        ),
        (
            with(succeed("1"), "Action", json!("START")),
            "Invalid action for the given operation type.",
        ),
        (
            with(succeed("1"), "Payload", json!("x".repeat(6_291_457))),
            "Payload size must be at most 6291456 bytes.",
        ),
    ] {
        assert_eq!(refusal(&invoked(), &updates), message);
    }
    assert!(send(&mut invoked(), &json!([succeed(&"x".repeat(6_291_456))]), T0).is_ok());
}
