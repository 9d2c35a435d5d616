//! The outputs of a function and their effect on the execution.

use serde_json::json;

use super::{T0, invoked, policy};
use crate::{ErrorObject, ExecutionStatus, InvocationOutput};

#[test]
fn answers_are_read() {
    let error = ErrorObject {
        stack_trace: Some(vec!["f".to_owned()]),
        ..ErrorObject::new("T", "m")
    };
    let cases = [
        (
            json!({ "Status": "SUCCEEDED", "Result": "{\"a\":1}" }),
            InvocationOutput::Succeeded(Some("{\"a\":1}".to_owned())),
        ),
        (json!({ "Status": "SUCCEEDED" }), InvocationOutput::Succeeded(None)),
        (
            json!({ "Status": "SUCCEEDED", "Result": null, "Error": null }),
            InvocationOutput::Succeeded(None),
        ),
        (
            json!({ "Status": "FAILED", "Error": { "ErrorType": "T", "ErrorMessage": "m", "StackTrace": ["f"] } }),
            InvocationOutput::Failed(error),
        ),
        (
            json!({ "Status": "FAILED", "Result": null }),
            InvocationOutput::Failed(ErrorObject::default()),
        ),
        (json!({ "Status": "PENDING" }), InvocationOutput::Pending),
    ];
    for (wire, expected) in cases {
        assert_eq!(
            InvocationOutput::parse(wire.to_string().as_bytes()),
            Ok(expected),
            "{wire}"
        );
    }
}

/// None of these is worth another invocation: the function would answer the same again.
#[test]
fn an_answer_that_breaks_the_rules_fails_the_execution_at_once() {
    let cases: [&[u8]; 12] = [
        b"",
        b"not json",
        b"null",
        b"\"SUCCEEDED\"",
        br#"["PENDING",null,null]"#,
        b"{}",
        br#"{"Status":null}"#,
        br#"{"Status":"DONE"}"#,
        br#"{"Status":"succeeded"}"#,
        br#"{"Status":"FAILED","Result":"1"}"#,
        br#"{"Status":"SUCCEEDED","Error":{"ErrorType":"T"}}"#,
        br#"{"Status":"SUCCEEDED","Result":{"a":1}}"#,
    ];
    for answer in cases {
        let mut execution = invoked();
        execution.finish(answer, &policy(), T0 + 1);
        let text = String::from_utf8_lossy(answer);
        assert_eq!(execution.status(), ExecutionStatus::Failed, "{text}");
        let error = execution.error().unwrap();
        assert_eq!(
            error.error_type.as_deref(),
            Some("InvalidParameterValueException"),
            "{text}"
        );
    }
}

#[test]
fn an_answer_closes_the_execution() {
    let mut execution = invoked();
    execution.finish(br#"{"Status":"SUCCEEDED","Result":"[1]"}"#, &policy(), T0 + 1);
    assert_eq!(
        (execution.status(), execution.result()),
        (ExecutionStatus::Succeeded, Some("[1]"))
    );

    let mut execution = invoked();
    execution.finish(
        br#"{"Status":"FAILED","Error":{"ErrorType":"T","ErrorMessage":"m"}}"#,
        &policy(),
        T0 + 1,
    );
    assert_eq!(execution.status(), ExecutionStatus::Failed);
    assert_eq!(execution.error(), Some(&ErrorObject::new("T", "m")));
}

#[test]
fn an_answer_after_the_end_is_ignored() {
    let mut stopped = invoked();
    stopped.stop(Some(ErrorObject::new("Stop", "enough")), T0 + 1);
    let mut timed_out = invoked();
    timed_out.time_out(T0 + 1);
    for mut execution in [stopped, timed_out] {
        let (status, error) = (execution.status(), execution.error().cloned());
        let ended: [&[u8]; 3] = [br#"{"Status":"SUCCEEDED"}"#, br#"{"Status":"PENDING"}"#, b"nonsense"];
        for answer in ended {
            execution.finish(answer, &policy(), T0 + 2);
            assert_eq!(
                (execution.status(), execution.error().cloned()),
                (status, error.clone())
            );
            assert_eq!(execution.summary().end_ms, Some(T0 + 1));
        }
    }
}
