//! Failed invocations, fruitless ones, and when they end the execution.

use serde_json::json;

use super::{SECOND, T0, invoked, pending, policy, send};
use crate::{ErrorObject, Execution, ExecutionStatus, FailureKind, NextAction};

fn fail(execution: &mut Execution, kind: FailureKind, message: &str, now_ms: i64) {
    execution.begin_invocation("again", now_ms);
    execution.fail_invocation(kind, ErrorObject::new("T", message), &policy(), now_ms);
}

#[test]
fn the_fifth_failure_in_a_row_fails_the_execution_with_the_last_error() {
    let mut execution = invoked();
    for number in 1..=4 {
        fail(&mut execution, FailureKind::Error, &number.to_string(), T0);
        assert_eq!(execution.status(), ExecutionStatus::Running, "{number}");
        assert_eq!(execution.plan(T0), NextAction::Sleep(T0 + 5 * SECOND), "{number}");
    }
    fail(&mut execution, FailureKind::Timeout, "5", T0);
    assert_eq!(execution.status(), ExecutionStatus::Failed);
    assert_eq!(execution.error(), Some(&ErrorObject::new("T", "5")));
    assert_eq!(execution.plan(T0), NextAction::Closed);
}

#[test]
fn each_kind_of_failure_has_its_delay() {
    let delays = [
        (FailureKind::Error, 5 * SECOND),
        (FailureKind::Timeout, 5 * SECOND),
        (FailureKind::Crash, SECOND),
    ];
    for (kind, delay) in delays {
        let mut execution = invoked();
        fail(&mut execution, kind, "m", T0);
        assert_eq!(
            execution.plan(T0 + delay - 1),
            NextAction::Sleep(T0 + delay),
            "{kind:?}"
        );
        assert_eq!(execution.plan(T0 + delay), NextAction::Invoke, "{kind:?}");
    }
}

#[test]
fn a_clean_run_resets_the_count_and_a_checkpoint_does_not() {
    let mut execution = invoked();
    for _ in 0..4 {
        fail(&mut execution, FailureKind::Error, "m", T0);
    }
    execution.begin_invocation("clean", T0);
    let wait =
        |id: &str| json!([{ "Id": id, "Type": "WAIT", "Action": "START", "WaitOptions": { "WaitSeconds": 60 } }]);
    send(&mut execution, &wait("a"), T0).unwrap();
    pending(&mut execution, T0);
    for _ in 0..4 {
        fail(&mut execution, FailureKind::Error, "m", T0);
    }
    assert_eq!(execution.status(), ExecutionStatus::Running);
    execution.begin_invocation("progress", T0);
    send(&mut execution, &wait("b"), T0).unwrap();
    execution.fail_invocation(FailureKind::Error, ErrorObject::default(), &policy(), T0);
    assert_eq!(execution.status(), ExecutionStatus::Failed);
}

#[test]
fn what_comes_due_does_not_shorten_the_delay_after_a_failure() {
    let mut execution = invoked();
    let wait = json!([{ "Id": "a", "Type": "WAIT", "Action": "START", "WaitOptions": { "WaitSeconds": 1 } }]);
    send(&mut execution, &wait, T0).unwrap();
    execution.fail_invocation(FailureKind::Error, ErrorObject::default(), &policy(), T0);
    assert_eq!(execution.plan(T0 + 2 * SECOND), NextAction::Sleep(T0 + 5 * SECOND));
}

#[test]
fn the_third_pending_with_nothing_to_wait_for_fails_the_execution() {
    let mut execution = invoked();
    for number in 1..=2 {
        pending(&mut execution, T0);
        assert_eq!(execution.plan(T0), NextAction::Sleep(T0 + 5 * SECOND), "{number}");
        execution.begin_invocation("again", T0);
    }
    pending(&mut execution, T0);
    assert_eq!(execution.status(), ExecutionStatus::Failed);
    let error = execution.error().unwrap();
    assert_eq!(error.error_type.as_deref(), Some("InvalidParameterValueException"));
    assert_eq!(
        error.error_message.as_deref(),
        Some("Cannot return PENDING status with no pending operations.")
    );
}

#[test]
fn a_started_step_is_nothing_to_wait_for() {
    let mut execution = invoked();
    let start = json!([{ "Id": "a", "Type": "STEP", "Action": "START" }]);
    send(&mut execution, &start, T0).unwrap();
    pending(&mut execution, T0);
    assert_eq!(
        execution.plan(T0),
        NextAction::Sleep(T0 + 5 * SECOND),
        "a fruitless answer's delay"
    );
}

#[test]
fn a_fruitful_answer_in_between_resets_the_count_of_fruitless_ones() {
    let mut execution = invoked();
    for round in 0..3 {
        for _ in 0..2 {
            pending(&mut execution, T0);
            execution.begin_invocation("again", T0);
        }
        let wait = json!([{ "Id": format!("w{round}"), "Type": "WAIT", "Action": "START", "WaitOptions": { "WaitSeconds": 1 } }]);
        send(&mut execution, &wait, T0).unwrap();
        pending(&mut execution, T0);
        execution.complete_due(T0 + SECOND);
        execution.begin_invocation("again", T0);
        assert_eq!(execution.status(), ExecutionStatus::Running, "{round}");
    }
}

/// Whatever order they come in, failures and fruitless answers end at some point.
#[test]
fn failures_and_fruitless_answers_do_not_forgive_each_other() {
    let mut execution = invoked();
    for _ in 0..2 {
        pending(&mut execution, T0);
        fail(&mut execution, FailureKind::Crash, "m", T0);
        execution.begin_invocation("again", T0);
    }
    pending(&mut execution, T0);
    assert_eq!(execution.status(), ExecutionStatus::Failed);
}
