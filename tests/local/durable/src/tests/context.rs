//! Child contexts: folded when closed, unless their children are needed to rebuild the result.

use serde_json::{Value, json};

use super::{T0, found, ids, invoked, send, update};
use crate::{Details, Execution};

fn start(id: &str, parent: Option<&str>) -> Value {
    json!({ "Id": id, "ParentId": parent, "Type": "CONTEXT", "SubType": "RunInChildContext", "Action": "START" })
}

fn close(id: &str, action: &str, replay_children: Option<bool>) -> Value {
    let mut update = json!({ "Id": id, "Type": "CONTEXT", "Action": action });
    if let Some(flag) = replay_children {
        update["ContextOptions"] = json!({ "ReplayChildren": flag });
    }
    update
}

/// `outer` holds `in-outer` and `inner`, which holds `in-inner`; `beside` is at the root.
fn nested() -> Execution {
    let mut execution = invoked();
    let step =
        |id: &str, parent: Option<&str>| json!({ "Id": id, "ParentId": parent, "Type": "STEP", "Action": "SUCCEED" });
    let updates = json!([
        start("outer", None),
        step("in-outer", Some("outer")),
        start("inner", Some("outer")),
        step("in-inner", Some("inner")),
        step("beside", None),
    ]);
    send(&mut execution, &updates, T0).unwrap();
    execution
}

fn visible(execution: &Execution) -> Vec<String> {
    let page = execution.state_page(&execution.current_token(), None, None).unwrap();
    ids(&page.operations).into_iter().map(str::to_owned).collect()
}

#[test]
fn the_children_of_an_open_context_are_delivered() {
    assert_eq!(visible(&nested()), ["outer", "in-outer", "inner", "in-inner", "beside"]);
}

#[test]
fn a_closed_context_hides_everything_below_it() {
    for action in ["SUCCEED", "FAIL"] {
        let mut execution = nested();
        update(&mut execution, &close("inner", action, None), T0);
        assert_eq!(
            visible(&execution),
            ["outer", "in-outer", "inner", "beside"],
            "{action}"
        );
        update(&mut execution, &close("outer", action, Some(false)), T0);
        assert_eq!(visible(&execution), ["outer", "beside"], "{action}");
    }
}

#[test]
fn a_context_that_asks_for_its_children_keeps_them() {
    let mut execution = nested();
    update(&mut execution, &close("outer", "SUCCEED", Some(true)), T0);
    assert_eq!(
        visible(&execution),
        ["outer", "in-outer", "inner", "in-inner", "beside"]
    );
    let Details::Context {
        replay_children,
        result,
        ..
    } = &found(&execution, "outer").details
    else {
        panic!("not a context");
    };
    assert_eq!(
        (*replay_children, result),
        (true, &None),
        "the flag is echoed, the result is not there"
    );
}

#[test]
fn a_folded_context_inside_a_replayed_one_stays_folded() {
    let mut execution = nested();
    update(&mut execution, &close("inner", "SUCCEED", None), T0);
    update(&mut execution, &close("outer", "SUCCEED", Some(true)), T0);
    assert_eq!(visible(&execution), ["outer", "in-outer", "inner", "beside"]);
}

/// A result that was small enough to keep makes its children unnecessary, whatever is below.
#[test]
fn a_replayed_context_inside_a_folded_one_is_hidden() {
    let mut execution = nested();
    update(&mut execution, &close("inner", "SUCCEED", Some(true)), T0);
    update(&mut execution, &close("outer", "SUCCEED", None), T0);
    assert_eq!(visible(&execution), ["outer", "beside"]);
}

#[test]
fn a_context_carries_its_result_or_its_error() {
    let mut execution = nested();
    let mut done = close("inner", "SUCCEED", None);
    done["Payload"] = json!("7");
    update(&mut execution, &done, T0);
    let mut failed = close("outer", "FAIL", None);
    failed["Error"] = json!({ "ErrorType": "T" });
    update(&mut execution, &failed, T0);
    let Details::Context { result, error, .. } = &found(&execution, "inner").details else {
        panic!("not a context")
    };
    assert_eq!((result.as_deref(), error), (Some("7"), &None));
    let Details::Context { result, error, .. } = &found(&execution, "outer").details else {
        panic!("not a context")
    };
    assert_eq!(
        (result, error.as_ref().and_then(|error| error.error_type.as_deref())),
        (&None, Some("T"))
    );
}

#[test]
fn a_waiting_operation_below_a_closed_context_is_still_completed() {
    let mut execution = nested();
    let wait = json!({ "Id": "w", "ParentId": "outer", "Type": "WAIT", "Action": "START", "WaitOptions": { "WaitSeconds": 1 } });
    update(&mut execution, &wait, T0);
    update(&mut execution, &close("outer", "SUCCEED", None), T0);
    assert_eq!(execution.next_due_ms(), Some(T0 + 1000));
}
