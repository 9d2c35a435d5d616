//! Batches: applied in order, all or none.

use serde_json::{Value, json};

use super::{T0, found, ids, invoked, refusal, send, status};
use crate::{Details, OperationStatus};

fn step(id: &str, action: &str) -> Value {
    let mut update = json!({ "Id": id, "Type": "STEP", "Action": action });
    if action == "RETRY" {
        update["StepOptions"] = json!({ "NextAttemptDelaySeconds": 1 });
    }
    update
}

fn context(id: &str, action: &str) -> Value {
    json!({ "Id": id, "Type": "CONTEXT", "Action": action })
}

fn wait(id: &str) -> Value {
    json!({ "Id": id, "Type": "WAIT", "Action": "START", "WaitOptions": { "WaitSeconds": 1 } })
}

fn within(mut update: Value, parent: &str) -> Value {
    update["ParentId"] = json!(parent);
    update
}

#[test]
fn one_broken_rule_refuses_the_whole_batch() {
    let broken = [
        json!({ "Id": "b", "Type": "WAIT", "Action": "START" }),
        json!({ "Id": "b", "Type": "STEP", "Action": "CANCEL" }),
        json!({ "Id": "b", "Type": "CALLBACK", "Action": "START" }),
        within(step("b", "START"), "nobody"),
    ];
    for bad in broken {
        let mut execution = invoked();
        let before = execution.current_token();
        assert!(
            send(
                &mut execution,
                &json!([step("a", "START"), bad, step("c", "START")]),
                T0
            )
            .is_err(),
            "{bad}"
        );
        assert_eq!(ids(execution.operations()), [""; 0], "{bad}");
        assert_eq!(execution.current_token(), before, "{bad}");
    }
}

#[test]
fn a_start_and_one_more_action_of_a_step_or_context_may_share_a_batch() {
    let cases = [
        (step("a", "START"), step("a", "SUCCEED"), OperationStatus::Succeeded),
        (step("a", "START"), step("a", "FAIL"), OperationStatus::Failed),
        (step("a", "START"), step("a", "RETRY"), OperationStatus::Pending),
        (
            context("a", "START"),
            context("a", "SUCCEED"),
            OperationStatus::Succeeded,
        ),
        (context("a", "START"), context("a", "FAIL"), OperationStatus::Failed),
    ];
    for (first, second, expected) in cases {
        let mut execution = invoked();
        let answer = send(&mut execution, &json!([first, second]), T0).unwrap();
        assert_eq!(status(&execution, "a"), Some(expected));
        assert_eq!(ids(&answer.operations), ["a"], "once, as it stands in the end");
        if let Details::Step { attempt, .. } = found(&execution, "a").details {
            assert_eq!(attempt, 1);
        }
    }
}

#[test]
fn any_other_repetition_of_an_id_is_refused() {
    let cases = [
        vec![step("a", "START"), step("a", "START")],
        vec![step("a", "SUCCEED"), step("a", "START")],
        vec![step("a", "RETRY"), step("a", "SUCCEED")],
        vec![step("a", "START"), step("a", "RETRY"), step("a", "START")],
        vec![
            step("a", "START"),
            step("b", "START"),
            step("a", "RETRY"),
            step("a", "SUCCEED"),
        ],
        vec![context("a", "SUCCEED"), context("a", "FAIL")],
        vec![wait("a"), json!({ "Id": "a", "Type": "WAIT", "Action": "CANCEL" })],
    ];
    for updates in cases {
        let message = refusal(&invoked(), &json!(updates));
        assert_eq!(
            message, "Cannot checkpoint multiple operations with the same ID.",
            "{updates:?}"
        );
    }
}

#[test]
fn a_parent_is_a_context_that_is_stored_or_started_earlier_in_the_batch() {
    let mut execution = invoked();
    send(
        &mut execution,
        &json!([context("ctx", "START"), step("step", "START"), wait("wait")]),
        T0,
    )
    .unwrap();
    let accepted = [
        json!([within(step("a", "START"), "ctx")]),
        json!([context("new", "START"), within(wait("a"), "new")]),
        json!([
            context("new", "START"),
            within(step("a", "SUCCEED"), "new"),
            context("new", "SUCCEED")
        ]),
    ];
    for updates in accepted {
        assert!(send(&mut execution.clone(), &updates, T0).is_ok(), "{updates}");
    }
    let refused = [
        json!([within(step("a", "START"), "nobody")]),
        json!([within(step("a", "START"), "step")]),
        json!([within(step("a", "START"), "wait")]),
        json!([within(step("a", "START"), "execution-id")]),
        json!([within(step("a", "START"), "later"), context("later", "START")]),
        json!([step("new", "START"), within(step("a", "START"), "new")]),
    ];
    for updates in refused {
        assert_eq!(
            refusal(&execution, &updates),
            "Invalid parent operation id.",
            "{updates}"
        );
    }
}

#[test]
fn a_batch_of_nothing_is_accepted_and_moves_the_token_on() {
    let mut execution = invoked();
    let before = execution.current_token();
    let answer = send(&mut execution, &json!([]), T0).unwrap();
    assert_eq!(answer.operations, []);
    assert_ne!(answer.token.unwrap(), before);
}

#[test]
fn operations_keep_the_order_in_which_they_were_first_seen() {
    let mut execution = invoked();
    send(&mut execution, &json!([step("b", "START"), step("a", "START")]), T0).unwrap();
    send(&mut execution, &json!([step("c", "START"), step("b", "SUCCEED")]), T0).unwrap();
    assert_eq!(ids(execution.operations()), ["b", "a", "c"]);
}

/// The answer holds the changes only, nothing that the function has seen before.
#[test]
fn an_answer_holds_whole_operations_that_changed() {
    let mut execution = invoked();
    let start = json!({ "Id": "a", "Type": "STEP", "SubType": "Step", "Name": "validate", "Action": "START" });
    send(&mut execution, &json!([start]), T0).unwrap();
    let answer = send(&mut execution, &json!([step("a", "SUCCEED")]), T0 + 500)
        .unwrap()
        .render();
    assert_eq!(
        answer["NewExecutionState"]["Operations"],
        json!([{
            "Id": "a", "Type": "STEP", "SubType": "Step", "Name": "validate", "Status": "SUCCEEDED",
            "StartTimestamp": 1_700_000_000.0, "EndTimestamp": 1_700_000_000.5,
            "StepDetails": { "Attempt": 1 },
        }])
    );
    let answer = send(&mut execution, &json!([step("b", "START")]), T0).unwrap();
    assert_eq!(ids(&answer.operations), ["b"]);
}
