//! Waits and retries: when they come due, which answer delivers them, and when the function is invoked.

use serde_json::{Value, json};

use super::{SECOND, T0, ids, invoked, new_execution, pending, send, status, take_events, update};
use crate::{Details, Execution, ExecutionStatus, NextAction, OperationStatus};

fn wait(id: &str, seconds: i64) -> Value {
    json!({ "Id": id, "Type": "WAIT", "Action": "START", "WaitOptions": { "WaitSeconds": seconds } })
}

fn retry(id: &str, seconds: i64) -> Value {
    json!({ "Id": id, "Type": "STEP", "Action": "RETRY", "StepOptions": { "NextAttemptDelaySeconds": seconds } })
}

fn suspended(updates: &Value) -> Execution {
    let mut execution = invoked();
    send(&mut execution, updates, T0).unwrap();
    pending(&mut execution, T0);
    execution
}

#[test]
fn a_new_execution_is_invoked_at_once() {
    assert_eq!(new_execution().plan(T0), NextAction::Invoke);
}

#[test]
fn the_earliest_timer_is_slept_for() {
    let mut execution = suspended(&json!([wait("a", 9), retry("b", 4), wait("c", 7)]));
    assert_eq!(execution.plan(T0), NextAction::Sleep(T0 + 4 * SECOND));
    assert_eq!(execution.plan(T0 + 4 * SECOND - 1), NextAction::Sleep(T0 + 4 * SECOND));
    assert_eq!(execution.plan(T0 + 4 * SECOND), NextAction::Invoke);
    assert_eq!(status(&execution, "b"), Some(OperationStatus::Ready));
    assert_eq!(status(&execution, "c"), Some(OperationStatus::Started));
}

#[test]
fn everything_that_is_due_is_completed_before_the_invocation() {
    let mut execution = suspended(&json!([wait("a", 1), retry("b", 2), wait("c", 60)]));
    assert_eq!(execution.plan(T0 + 3 * SECOND), NextAction::Invoke);
    assert_eq!(status(&execution, "a"), Some(OperationStatus::Succeeded));
    assert_eq!(status(&execution, "b"), Some(OperationStatus::Ready));
    assert_eq!(status(&execution, "c"), Some(OperationStatus::Started));
    let Details::Step {
        attempt,
        next_attempt_ms,
        ..
    } = &super::found(&execution, "b").details
    else {
        panic!("not a step");
    };
    assert_eq!((*attempt, *next_attempt_ms), (1, None));
}

#[test]
fn a_timer_that_comes_due_during_an_invocation_is_in_the_next_checkpoint_answer() {
    let mut execution = invoked();
    update(&mut execution, &wait("a", 1), T0);
    let step = json!({ "Id": "s", "Type": "STEP", "Action": "SUCCEED" });
    let answer = update(&mut execution, &step, T0 + 2 * SECOND);
    assert_eq!(ids(&answer.operations), ["a", "s"]);
    assert_eq!(status(&execution, "a"), Some(OperationStatus::Succeeded));
    let more = json!({ "Id": "t", "Type": "STEP", "Action": "SUCCEED" });
    assert_eq!(
        ids(&update(&mut execution, &more, T0 + 2 * SECOND).operations),
        ["t"],
        "told once"
    );
}

/// The SDK never wakes a parked operation, so a completion in an answer takes effect in the next invocation only.
#[test]
fn a_completion_that_an_answer_delivered_makes_the_next_invocation_due_at_once() {
    let cases: [fn(i64) -> Value; 2] = [|seconds| wait("a", seconds), |seconds| retry("a", seconds)];
    for timer in cases {
        let mut execution = invoked();
        update(&mut execution, &timer(1), T0);
        let step = json!({ "Id": "s", "Type": "STEP", "Action": "SUCCEED" });
        update(&mut execution, &step, T0 + 2 * SECOND);
        pending(&mut execution, T0 + 3 * SECOND);
        assert_eq!(execution.plan(T0 + 3 * SECOND), NextAction::Invoke);
        // The new invocation knows all. If it parks with nothing to wait for, that is fruitless.
        execution.begin_invocation("invocation-2", T0 + 3 * SECOND);
        pending(&mut execution, T0 + 3 * SECOND);
        assert_eq!(execution.plan(T0 + 3 * SECOND), NextAction::Sleep(T0 + 4 * SECOND));
    }
}

#[test]
fn a_timer_that_comes_due_unnoticed_during_an_invocation_is_acted_on_at_its_end() {
    let mut execution = invoked();
    update(&mut execution, &wait("a", 1), T0);
    pending(&mut execution, T0 + SECOND);
    assert_eq!(execution.plan(T0 + SECOND), NextAction::Invoke);
    assert_eq!(status(&execution, "a"), Some(OperationStatus::Succeeded));
}

#[test]
fn a_wait_that_is_due_is_recorded_with_its_duration() {
    let mut execution = suspended(&json!([wait("a", 3)]));
    take_events(&mut execution);
    execution.plan(T0 + 4 * SECOND);
    let events = take_events(&mut execution);
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["EventType"], "WaitSucceeded");
    assert_eq!(events[0]["WaitSucceededDetails"], json!({ "Duration": 3 }));
}

#[test]
fn the_execution_timeout_comes_before_a_later_timer() {
    let mut execution = suspended(&json!([wait("a", 7200)]));
    let deadline_ms = T0 + 3600 * SECOND;
    assert_eq!(execution.plan(T0), NextAction::Sleep(deadline_ms));
    assert_eq!(execution.plan(deadline_ms), NextAction::TimeOut);
    execution.time_out(deadline_ms);
    assert_eq!(
        (execution.status(), execution.plan(deadline_ms)),
        (ExecutionStatus::TimedOut, NextAction::Closed)
    );
    assert_eq!(status(&execution, "execution-id"), Some(OperationStatus::TimedOut));
    assert!(execution.error().is_some());
}

#[test]
fn the_execution_timeout_bounds_the_wait_for_the_next_try() {
    let mut execution = new_execution();
    let deadline_ms = T0 + 3600 * SECOND;
    execution.postpone(deadline_ms + SECOND);
    assert_eq!(execution.plan(T0), NextAction::Sleep(deadline_ms));
}
