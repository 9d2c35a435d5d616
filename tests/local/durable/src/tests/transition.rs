//! The actions allowed in each state, and their effect on the operation.

use serde_json::{Value, json};

use super::{SECOND, T0, found, invoked, refusal, send, update};
use crate::{Details, Execution, OperationStatus};

/// A state of operation `x` of that type, and how it is reached.
fn execution_with(kind: &str, state: &str) -> Execution {
    let mut execution = invoked();
    let base = |action: &str| json!({ "Id": "x", "Type": kind, "Action": action });
    let retry =
        || json!({ "Id": "x", "Type": kind, "Action": "RETRY", "StepOptions": { "NextAttemptDelaySeconds": 5 } });
    let wait = || json!({ "Id": "x", "Type": kind, "Action": "START", "WaitOptions": { "WaitSeconds": 5 } });
    let updates = match state {
        "new" => return execution,
        "STARTED" if kind == "WAIT" => vec![wait()],
        "STARTED" => vec![base("START")],
        "PENDING" | "READY" => vec![retry()],
        "SUCCEEDED" if kind == "WAIT" => vec![wait()],
        "SUCCEEDED" => vec![base("SUCCEED")],
        "CANCELLED" => vec![wait(), base("CANCEL")],
        "FAILED" => vec![base("FAIL")],
        other => panic!("{other}"),
    };
    for one in &updates {
        update(&mut execution, one, T0);
    }
    if state == "READY" || (kind == "WAIT" && state == "SUCCEEDED") {
        assert!(execution.complete_due(T0 + 5 * SECOND));
    }
    assert_eq!(found(&execution, "x").status.as_str(), state);
    execution
}

fn action(kind: &str, action: &str) -> Value {
    let mut update = json!({ "Id": "x", "Type": kind, "Action": action });
    match (kind, action) {
        ("STEP", "RETRY") => update["StepOptions"] = json!({ "NextAttemptDelaySeconds": 5 }),
        ("WAIT", "START") => update["WaitOptions"] = json!({ "WaitSeconds": 5 }),
        _ => {}
    }
    update
}

const ACTIONS: [&str; 5] = ["START", "SUCCEED", "FAIL", "RETRY", "CANCEL"];

/// Every allowed transition: type, from, action, to. What is not here is refused.
const ALLOWED: &[(&str, &str, &str, &str)] = &[
    ("STEP", "new", "START", "STARTED"),
    ("STEP", "READY", "START", "STARTED"),
    ("STEP", "new", "RETRY", "PENDING"),
    ("STEP", "STARTED", "RETRY", "PENDING"),
    ("STEP", "READY", "RETRY", "PENDING"),
    ("STEP", "new", "SUCCEED", "SUCCEEDED"),
    ("STEP", "STARTED", "SUCCEED", "SUCCEEDED"),
    ("STEP", "READY", "SUCCEED", "SUCCEEDED"),
    ("STEP", "new", "FAIL", "FAILED"),
    ("STEP", "STARTED", "FAIL", "FAILED"),
    ("STEP", "READY", "FAIL", "FAILED"),
    ("WAIT", "new", "START", "STARTED"),
    ("WAIT", "STARTED", "CANCEL", "CANCELLED"),
    ("CONTEXT", "new", "START", "STARTED"),
    ("CONTEXT", "new", "SUCCEED", "SUCCEEDED"),
    ("CONTEXT", "STARTED", "SUCCEED", "SUCCEEDED"),
    ("CONTEXT", "new", "FAIL", "FAILED"),
    ("CONTEXT", "STARTED", "FAIL", "FAILED"),
];

#[test]
fn every_transition_of_the_table_and_no_other_is_accepted() {
    let states: [(&str, &[&str]); 3] = [
        ("STEP", &["new", "STARTED", "PENDING", "READY", "SUCCEEDED", "FAILED"]),
        ("WAIT", &["new", "STARTED", "SUCCEEDED", "CANCELLED"]),
        ("CONTEXT", &["new", "STARTED", "SUCCEEDED", "FAILED"]),
    ];
    for (kind, froms) in states {
        for from in froms {
            for name in ACTIONS {
                let mut execution = execution_with(kind, from);
                let allowed = ALLOWED.iter().find(|row| (row.0, row.1, row.2) == (kind, *from, name));
                match (send(&mut execution, &json!([action(kind, name)]), T0), allowed) {
                    (Ok(_), Some((.., to))) => assert_eq!(found(&execution, "x").status.as_str(), *to),
                    (Err(_), None) => {}
                    (result, _) => panic!("{kind} {from} {name}: {result:?}"),
                }
            }
        }
    }
}

#[test]
fn refusals_say_which_rule_was_broken() {
    let cases = [
        ("STEP", "STARTED", "START", "Invalid current STEP state to start."),
        ("STEP", "PENDING", "SUCCEED", "Invalid current STEP state to close."),
        (
            "STEP",
            "SUCCEEDED",
            "RETRY",
            "Invalid current STEP state to re-attempt.",
        ),
        ("STEP", "new", "CANCEL", "Invalid action for the given operation type."),
        ("WAIT", "STARTED", "START", "Cannot start a WAIT that already exist."),
        (
            "WAIT",
            "new",
            "CANCEL",
            "Cannot cancel a WAIT that does not exist or has already completed.",
        ),
        (
            "CONTEXT",
            "STARTED",
            "START",
            "Cannot start a CONTEXT that already exist.",
        ),
        (
            "CONTEXT",
            "SUCCEEDED",
            "FAIL",
            "Invalid current CONTEXT state to close.",
        ),
    ];
    for (kind, from, name, message) in cases {
        let execution = execution_with(kind, from);
        assert_eq!(
            refusal(&execution, &json!([action(kind, name)])),
            message,
            "{kind} {from} {name}"
        );
    }
}

/// The step's details after each action.
fn step(execution: &Execution) -> (u32, Option<i64>, Option<&str>, Option<&str>) {
    match &found(execution, "x").details {
        Details::Step {
            attempt,
            next_attempt_ms,
            result,
            error,
        } => (
            *attempt,
            *next_attempt_ms,
            result.as_deref(),
            error.as_ref().and_then(|error| error.error_message.as_deref()),
        ),
        other => panic!("{other:?}"),
    }
}

#[test]
fn only_the_end_of_a_try_counts_it() {
    let mut execution = invoked();
    update(&mut execution, &action("STEP", "START"), T0);
    assert_eq!(step(&execution), (0, None, None, None));

    let mut failed = action("STEP", "RETRY");
    failed["Error"] = json!({ "ErrorMessage": "no" });
    update(&mut execution, &failed, T0 + 10);
    assert_eq!(step(&execution), (1, Some(T0 + 10 + 5 * SECOND), None, Some("no")));

    assert!(execution.complete_due(T0 + 10 + 5 * SECOND));
    assert_eq!(step(&execution), (1, None, None, Some("no")));

    update(&mut execution, &action("STEP", "START"), T0 + 6 * SECOND);
    assert_eq!(
        step(&execution),
        (1, None, None, None),
        "a start clears the error and keeps the count"
    );

    let mut done = action("STEP", "SUCCEED");
    done["Payload"] = json!("\"yes\"");
    update(&mut execution, &done, T0 + 7 * SECOND);
    assert_eq!(step(&execution), (2, None, Some("\"yes\""), None));
    assert_eq!(found(&execution, "x").start_ms, T0);
    assert_eq!(found(&execution, "x").end_ms, Some(T0 + 7 * SECOND));
}

#[test]
fn a_retry_carries_state_or_an_error_on_but_not_both() {
    let mut execution = invoked();
    let mut carried = action("STEP", "RETRY");
    carried["Payload"] = json!("[1]");
    update(&mut execution, &carried, T0);
    assert_eq!(step(&execution), (1, Some(T0 + 5 * SECOND), Some("[1]"), None));

    carried["Error"] = json!({ "ErrorMessage": "no" });
    let message = refusal(&invoked(), &json!([carried]));
    assert_eq!(message, "Cannot provide both error and payload to RETRY a STEP.");
}

#[test]
fn a_start_takes_no_result_and_no_error_over() {
    for kind in ["STEP", "CONTEXT"] {
        let mut execution = invoked();
        let mut start = action(kind, "START");
        start["Payload"] = json!("1");
        start["Error"] = json!({ "ErrorMessage": "no" });
        update(&mut execution, &start, T0);
        match &found(&execution, "x").details {
            Details::Step { result, error, .. } | Details::Context { result, error, .. } => {
                assert_eq!((result, error), (&None, &None), "{kind}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn success_has_no_error_and_failure_no_result() {
    for kind in ["STEP", "CONTEXT"] {
        for from in ["new", "STARTED"] {
            let execution = execution_with(kind, from);
            let mut succeed = action(kind, "SUCCEED");
            succeed["Error"] = json!({});
            assert_eq!(
                refusal(&execution, &json!([succeed])),
                "Cannot provide an Error for SUCCEED action."
            );
            let mut fail = action(kind, "FAIL");
            fail["Payload"] = json!("1");
            assert_eq!(
                refusal(&execution, &json!([fail])),
                "Cannot provide a Payload for FAIL action."
            );
        }
    }
}

#[test]
fn a_wait_keeps_its_end_when_it_is_cancelled() {
    let mut execution = execution_with("WAIT", "STARTED");
    let end = Details::Wait {
        scheduled_end_ms: T0 + 5 * SECOND,
    };
    assert_eq!(found(&execution, "x").details, end);
    update(&mut execution, &action("WAIT", "CANCEL"), T0 + SECOND);
    let cancelled = found(&execution, "x");
    assert_eq!(
        (&cancelled.details, cancelled.status),
        (&end, OperationStatus::Cancelled)
    );
    assert_eq!(cancelled.end_ms, Some(T0 + SECOND));
    assert_eq!(execution.next_due_ms(), None);
}
