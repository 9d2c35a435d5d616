//! An execution from the store goes on where it was.

use serde_json::{Value, json};

use super::{SECOND, T0, ids, invoked, pending, send, take_events};
use crate::{Core, Details, Execution, NextAction};

/// Through JSON, as the store keeps it.
fn stored(execution: &mut Execution) -> Execution {
    let changes = execution.take_changes();
    let core: Core = serde_json::from_str(&serde_json::to_string(&changes.core).unwrap()).unwrap();
    let operations = changes.operations.iter().map(|(_, touched, operation)| {
        let json = serde_json::to_string(operation.as_ref()).unwrap();
        (*touched, serde_json::from_str(&json).unwrap())
    });
    Execution::restore(core, operations.collect())
}

fn wait(seconds: i64) -> Value {
    json!([{ "Id": "w", "Type": "WAIT", "Action": "START", "WaitOptions": { "WaitSeconds": seconds } }])
}

#[test]
fn a_timer_goes_on_where_it_was() {
    let mut execution = invoked();
    send(&mut execution, &wait(60), T0).unwrap();
    pending(&mut execution, T0);
    let mut again = stored(&mut execution);
    assert_eq!(again.plan(T0 + 10 * SECOND), NextAction::Sleep(T0 + 60 * SECOND));
    let mut late = stored_clone(&again);
    assert_eq!(
        late.plan(T0 + 3000 * SECOND),
        NextAction::Invoke,
        "due while nobody ran"
    );
}

pub(super) fn stored_clone(execution: &Execution) -> Execution {
    let operations = execution
        .operations()
        .map(|operation| (0, operation.as_ref().clone()))
        .collect();
    Execution::restore(execution.core.clone(), operations)
}

#[test]
fn an_invocation_that_was_running_is_void_and_owed_again_at_once() {
    let mut execution = invoked();
    let start = json!([{ "Id": "a", "Type": "STEP", "Action": "START" }]);
    let token = send(&mut execution, &start, T0).unwrap().token.unwrap();
    let mut again = stored(&mut execution);
    assert!(!again.is_current_token(&token));
    assert_eq!(again.plan(T0), NextAction::Invoke);
    // The try that was cut off does not count: the SDK runs the recorded number plus one.
    let Details::Step { attempt, .. } = again.operation("a").unwrap().details else {
        panic!("not a step")
    };
    assert_eq!(attempt, 0);
}

#[test]
fn an_execution_that_was_never_invoked_is_invoked() {
    let mut again = stored(&mut super::new_execution());
    assert_eq!(again.plan(T0), NextAction::Invoke);
}

#[test]
fn numbers_go_on() {
    let mut execution = invoked();
    let step = |id: &str| json!([{ "Id": id, "Type": "STEP", "Action": "SUCCEED" }]);
    send(&mut execution, &step("a"), T0).unwrap();
    let mut again = stored(&mut execution);
    again.begin_invocation("invocation-2", T0);
    let answer = send(&mut again, &step("b"), T0).unwrap();
    assert_eq!(ids(&answer.operations), ["b"]);
    assert_eq!(ids(again.operations()), ["a", "b"]);
    assert_eq!(take_events(&mut again)[0]["EventId"], 3);
}

#[test]
fn only_what_changed_is_to_be_stored() {
    let mut execution = invoked();
    let step = |id: &str| json!([{ "Id": id, "Type": "STEP", "Action": "SUCCEED" }]);
    send(&mut execution, &step("a"), T0).unwrap();
    let positions = |execution: &mut Execution| {
        execution
            .take_changes()
            .operations
            .iter()
            .map(|(position, ..)| *position)
            .collect::<Vec<_>>()
    };
    assert_eq!(positions(&mut execution), [0, 1]);
    send(&mut execution, &step("b"), T0).unwrap();
    assert_eq!(positions(&mut execution), [2]);
    assert_eq!(positions(&mut execution), [0; 0]);
}
