//! Failed invocations, fruitless ones, and when they end the execution.

use serde_json::json;

use super::{SECOND, T0, invoked, pending, policy, send};
use crate::{ErrorObject, Execution, ExecutionStatus, NextAction, RetryPolicy};

/// An invocation that begins and fails at that time.
fn fail(execution: &mut Execution, message: &str, policy: &RetryPolicy, now_ms: i64) {
    execution.begin_invocation("again", now_ms);
    execution.fail_invocation(ErrorObject::new("T", message), policy, now_ms);
}

fn recoveries(count: u32) -> RetryPolicy {
    RetryPolicy {
        max_recoveries: Some(count),
        ..RetryPolicy::default()
    }
}

#[test]
fn failures_are_repeated_with_growing_delays_until_the_execution_times_out() {
    let mut execution = invoked();
    let deadline = execution.core().deadline_ms;
    let (mut now, mut delays) = (T0, Vec::new());
    while now < deadline {
        fail(&mut execution, "m", &policy(), now);
        let NextAction::Sleep(until) = execution.plan(now) else {
            panic!("not repeated after {delays:?}")
        };
        delays.push((until - now) / SECOND);
        now = until;
    }
    assert_eq!(delays[..10], [1, 2, 4, 8, 16, 32, 64, 128, 256, 300]);
    assert!(
        delays[10..delays.len() - 1].iter().all(|delay| *delay == 300),
        "{delays:?}"
    );
    assert_eq!((now, execution.plan(now)), (deadline, NextAction::TimeOut));
}

#[test]
fn a_function_that_was_killed_four_times_may_still_succeed() {
    let mut execution = invoked();
    for _ in 0..4 {
        fail(&mut execution, "m", &policy(), T0);
    }
    execution.begin_invocation("well", T0);
    execution.finish(br#"{"Status":"SUCCEEDED","Result":"7"}"#, &policy(), T0);
    assert_eq!(
        (execution.status(), execution.result()),
        (ExecutionStatus::Succeeded, Some("7"))
    );
}

#[test]
fn a_number_of_recoveries_ends_with_the_error_of_the_failure_after_them() {
    let mut execution = invoked();
    for number in 1..=9 {
        fail(&mut execution, &number.to_string(), &recoveries(9), T0);
        assert_eq!(execution.status(), ExecutionStatus::Running, "{number}");
    }
    fail(&mut execution, "10", &recoveries(9), T0);
    assert_eq!(execution.status(), ExecutionStatus::Failed);
    assert_eq!(execution.error(), Some(&ErrorObject::new("T", "10")));
    assert_eq!(execution.plan(T0), NextAction::Closed);

    let mut execution = invoked();
    fail(&mut execution, "only", &recoveries(0), T0);
    assert_eq!(execution.status(), ExecutionStatus::Failed);
}

#[test]
fn a_clean_run_resets_the_count_and_a_checkpoint_does_not() {
    let mut execution = invoked();
    for _ in 0..4 {
        fail(&mut execution, "m", &recoveries(4), T0);
    }
    execution.begin_invocation("clean", T0);
    let wait =
        |id: &str| json!([{ "Id": id, "Type": "WAIT", "Action": "START", "WaitOptions": { "WaitSeconds": 60 } }]);
    send(&mut execution, &wait("a"), T0).unwrap();
    pending(&mut execution, T0);
    for _ in 0..4 {
        fail(&mut execution, "m", &recoveries(4), T0);
    }
    assert_eq!(execution.status(), ExecutionStatus::Running);
    execution.begin_invocation("progress", T0);
    send(&mut execution, &wait("b"), T0).unwrap();
    execution.fail_invocation(ErrorObject::default(), &recoveries(4), T0);
    assert_eq!(execution.status(), ExecutionStatus::Failed);
}

#[test]
fn what_comes_due_does_not_shorten_the_delay_after_a_failure() {
    let mut execution = invoked();
    let wait = json!([{ "Id": "a", "Type": "WAIT", "Action": "START", "WaitOptions": { "WaitSeconds": 1 } }]);
    send(&mut execution, &wait, T0).unwrap();
    for _ in 0..3 {
        fail(&mut execution, "m", &policy(), T0);
    }
    assert_eq!(execution.plan(T0 + 2 * SECOND), NextAction::Sleep(T0 + 4 * SECOND));
}

#[test]
fn the_third_pending_with_nothing_to_wait_for_fails_the_execution() {
    let mut execution = invoked();
    for number in 1..=2 {
        pending(&mut execution, T0);
        assert_eq!(execution.plan(T0), NextAction::Sleep(T0 + number * SECOND), "{number}");
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
        NextAction::Sleep(T0 + SECOND),
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

/// Fruitless answers end at some point, whatever comes between them.
#[test]
fn failures_and_fruitless_answers_do_not_forgive_each_other() {
    let mut execution = invoked();
    for _ in 0..2 {
        pending(&mut execution, T0);
        fail(&mut execution, "m", &policy(), T0);
        execution.begin_invocation("again", T0);
    }
    pending(&mut execution, T0);
    assert_eq!(execution.status(), ExecutionStatus::Failed);
}
