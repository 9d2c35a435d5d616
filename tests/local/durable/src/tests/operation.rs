//! The wire form of operations: milliseconds in the envelope, seconds as numbers over HTTP, nothing left out.

use serde_json::json;

use crate::{Details, ErrorObject, Operation, OperationStatus, OperationType, TimeForm};

fn operation(operation_type: OperationType, status: OperationStatus, details: Details) -> Operation {
    Operation {
        id: "a".to_owned(),
        parent_id: Some("p".to_owned()),
        name: Some("n".to_owned()),
        operation_type,
        sub_type: Some("s".to_owned()),
        start_ms: 1_700_000_000_123,
        end_ms: Some(1_700_000_001_000),
        status,
        details,
    }
}

fn pending_step() -> Operation {
    operation(
        OperationType::Step,
        OperationStatus::Pending,
        Details::Step {
            attempt: 2,
            next_attempt_ms: Some(1_700_000_005_250),
            result: Some("1".to_owned()),
            error: Some(ErrorObject {
                error_data: Some("d".to_owned()),
                stack_trace: Some(vec!["f".to_owned()]),
                ..ErrorObject::new("T", "m")
            }),
        },
    )
}

#[test]
fn a_step_is_complete_in_both_forms() {
    let mut expected = json!({
        "Id": "a", "ParentId": "p", "Name": "n", "Type": "STEP", "SubType": "s", "Status": "PENDING",
        "StartTimestamp": 1_700_000_000_123_i64, "EndTimestamp": 1_700_000_001_000_i64,
        "StepDetails": {
            "Attempt": 2, "NextAttemptTimestamp": 1_700_000_005_250_i64, "Result": "1",
            "Error": { "ErrorType": "T", "ErrorMessage": "m", "ErrorData": "d", "StackTrace": ["f"] },
        },
    });
    assert_eq!(pending_step().render(TimeForm::Milliseconds), expected);
    expected["StartTimestamp"] = json!(1_700_000_000.123);
    expected["EndTimestamp"] = json!(1_700_000_001.0);
    expected["StepDetails"]["NextAttemptTimestamp"] = json!(1_700_000_005.25);
    assert_eq!(pending_step().render(TimeForm::Seconds), expected);
}

#[test]
fn each_type_has_its_own_details() {
    let cases = [
        (
            OperationType::Execution,
            Details::Execution { input: "{}".to_owned() },
            json!({ "ExecutionDetails": { "InputPayload": "{}" } }),
        ),
        (
            OperationType::Wait,
            Details::Wait {
                scheduled_end_ms: 1_700_000_001_500,
            },
            json!({ "WaitDetails": { "ScheduledEndTimestamp": 1_700_000_001.5 } }),
        ),
        (
            OperationType::Context,
            Details::Context {
                replay_children: true,
                result: None,
                error: None,
            },
            json!({ "ContextDetails": { "ReplayChildren": true } }),
        ),
    ];
    for (kind, details, expected) in cases {
        let json = operation(kind, OperationStatus::Started, details).render(TimeForm::Seconds);
        let object = json.as_object().unwrap();
        let found: serde_json::Map<_, _> = object
            .iter()
            .filter(|(key, _)| key.ends_with("Details"))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        assert_eq!(json!(found), expected);
        assert_eq!(json["Type"], kind.as_str());
    }
}

#[test]
fn absent_fields_are_left_out() {
    let bare = Operation {
        parent_id: None,
        name: None,
        sub_type: None,
        end_ms: None,
        details: Details::Step {
            attempt: 0,
            next_attempt_ms: None,
            result: None,
            error: None,
        },
        status: OperationStatus::Started,
        ..pending_step()
    };
    assert_eq!(
        bare.render(TimeForm::Milliseconds),
        json!({
            "Id": "a", "Type": "STEP", "Status": "STARTED",
            "StartTimestamp": 1_700_000_000_123_i64, "StepDetails": { "Attempt": 0 },
        })
    );
}

#[test]
fn statuses_have_the_service_names() {
    use OperationStatus::{Cancelled, Failed, Pending, Ready, Started, Stopped, Succeeded, TimedOut};
    let names: Vec<&str> = [Started, Pending, Ready, Succeeded, Failed, Cancelled, TimedOut, Stopped]
        .map(OperationStatus::as_str)
        .into();
    assert_eq!(
        names,
        [
            "STARTED",
            "PENDING",
            "READY",
            "SUCCEEDED",
            "FAILED",
            "CANCELLED",
            "TIMED_OUT",
            "STOPPED"
        ]
    );
}
