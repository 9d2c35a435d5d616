//! Stopping an execution.

use super::{SECOND, T0, invoked, new_execution, policy, status, take_events};
use crate::{ErrorObject, ExecutionStatus, NextAction, OperationStatus};

#[test]
fn a_stop_closes_with_the_given_error() {
    let mut execution = invoked();
    let error = ErrorObject::new("Operator", "enough");
    assert_eq!(execution.stop(Some(error.clone()), T0 + SECOND), T0 + SECOND);
    assert_eq!(execution.status(), ExecutionStatus::Stopped);
    assert_eq!(execution.error(), Some(&error));
    assert_eq!(status(&execution, "execution-id"), Some(OperationStatus::Stopped));
    assert_eq!(execution.plan(T0 + SECOND), NextAction::Closed);
}

#[test]
fn a_stop_without_an_error_says_so() {
    let mut execution = new_execution();
    execution.stop(None, T0);
    assert_eq!(
        execution.error().and_then(|error| error.error_message.as_deref()),
        Some("Execution stopped by user request")
    );
}

#[test]
fn a_closed_execution_stays_as_it_is_and_tells_its_end() {
    let mut execution = invoked();
    execution.finish(br#"{"Status":"SUCCEEDED","Result":"1"}"#, &policy(), T0 + 1);
    take_events(&mut execution);
    assert_eq!(execution.stop(Some(ErrorObject::default()), T0 + SECOND), T0 + 1);
    assert_eq!(
        (execution.status(), execution.result()),
        (ExecutionStatus::Succeeded, Some("1"))
    );
    assert_eq!(execution.error(), None);
    assert_eq!(take_events(&mut execution), [""; 0]);
}
