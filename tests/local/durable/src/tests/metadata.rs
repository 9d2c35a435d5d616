//! An operation keeps its type, kind, name and parent from its first update.

use serde_json::json;

use super::{T0, found, invoked, refusal, send};
use crate::{Execution, OperationUpdate};

fn execution() -> Execution {
    let mut execution = invoked();
    let updates = json!([
        { "Id": "ctx", "Type": "CONTEXT", "Action": "START" },
        { "Id": "other", "Type": "CONTEXT", "Action": "START" },
        { "Id": "a", "ParentId": "ctx", "Type": "STEP", "SubType": "Step", "Name": "charge", "Action": "START" },
        { "Id": "bare", "Type": "STEP", "Action": "START" },
    ]);
    send(&mut execution, &updates, T0).unwrap();
    execution
}

#[test]
fn a_changed_identity_is_refused() {
    let cases = [
        (
            json!({ "Id": "a", "Type": "CONTEXT", "Action": "SUCCEED" }),
            "Inconsistent operation type.",
        ),
        (
            json!({ "Id": "execution-id", "Type": "STEP", "Action": "SUCCEED" }),
            "Inconsistent operation type.",
        ),
        (
            json!({ "Id": "a", "Type": "STEP", "SubType": "Wait", "Action": "SUCCEED" }),
            "Inconsistent operation subtype.",
        ),
        (
            json!({ "Id": "bare", "Type": "STEP", "SubType": "Step", "Action": "SUCCEED" }),
            "Inconsistent operation subtype.",
        ),
        (
            json!({ "Id": "a", "Type": "STEP", "Name": "refund", "Action": "SUCCEED" }),
            "Inconsistent operation name.",
        ),
        (
            json!({ "Id": "bare", "Type": "STEP", "Name": "charge", "Action": "SUCCEED" }),
            "Inconsistent operation name.",
        ),
        (
            json!({ "Id": "a", "Type": "STEP", "ParentId": "other", "Action": "SUCCEED" }),
            "Inconsistent parent operation id.",
        ),
        (
            json!({ "Id": "bare", "Type": "STEP", "ParentId": "ctx", "Action": "SUCCEED" }),
            "Inconsistent parent operation id.",
        ),
    ];
    for (update, message) in cases {
        assert_eq!(refusal(&execution(), &json!([update])), message, "{update}");
    }
}

/// The SDK replaces its record with the answer and takes a missing kind for another program.
#[test]
fn what_an_update_leaves_out_stays() {
    let mut execution = execution();
    send(
        &mut execution,
        &json!([{ "Id": "a", "Type": "STEP", "Action": "SUCCEED" }]),
        T0,
    )
    .unwrap();
    let operation = found(&execution, "a");
    assert_eq!(operation.name.as_deref(), Some("charge"));
    assert_eq!(operation.sub_type.as_deref(), Some("Step"));
    assert_eq!(operation.parent_id.as_deref(), Some("ctx"));
}

#[test]
fn operation_types_that_are_not_run_are_named() {
    for kind in ["CALLBACK", "CHAINED_INVOKE"] {
        let message = refusal(&invoked(), &json!([{ "Id": "a", "Type": kind, "Action": "START" }]));
        assert!(
            message.starts_with(&format!("Unsupported operation type {kind}:")),
            "{message}"
        );
    }
    assert_eq!(
        refusal(&invoked(), &json!([{ "Id": "a", "Type": "LOOP", "Action": "START" }])),
        r#"Unknown operation type "LOOP"."#
    );
    assert_eq!(
        refusal(&invoked(), &json!([{ "Id": "a", "Type": "STEP", "Action": "PAUSE" }])),
        r#"Invalid action "PAUSE" for the given operation type."#
    );
}

#[test]
fn options_of_types_that_are_not_run_can_still_be_read() {
    let update = json!({
        "Id": "a", "Type": "CALLBACK", "Action": "START",
        "CallbackOptions": { "TimeoutSeconds": 5 }, "ChainedInvokeOptions": { "FunctionName": "f" },
    });
    assert!(serde_json::from_value::<OperationUpdate>(update).is_ok());
}
