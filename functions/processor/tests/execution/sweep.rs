//! Every checkpoint write fails once, in turn; every call of the table fails once, in turn.

use aws_durable_execution_sdk::test_util::LocalRunner;
use serde_json::json;
use tracehook_core::Status;
use tracehook_core::record::{StepName, StepStatus};
use tracehook_test_support::table::Fault;

use crate::world::{CHECKPOINTS, Outcome, World, outcome_of, succeed};

fn assert_completed(outcome: &Outcome, case: &str) {
    assert_eq!(
        outcome.result.output(),
        Some(&json!({"done": true})),
        "{case}: {:?}",
        outcome.result.error_message()
    );
    assert_eq!(outcome.record.status, Status::Completed, "{case}");
    assert_eq!(outcome.record.current_step, Some(StepName::Finalize), "{case}");
    assert!(outcome.record.steps.keys().eq(&StepName::ALL), "{case}");
    for step in outcome.record.steps.values() {
        assert_eq!(step.status, StepStatus::Completed, "{case}");
        assert!(step.completed_at.unwrap() >= step.started_at, "{case}");
    }
}

#[tokio::test]
async fn an_undisturbed_execution_completes_in_one_invocation_and_one_call_of_the_handler() {
    let outcome = World::new().await.run(LocalRunner::new(), succeed).await;
    assert_completed(&outcome, "undisturbed");
    assert_eq!((outcome.calls, outcome.result.invocation_count()), (1, 1));
    let names: Vec<_> = outcome
        .result
        .operations()
        .iter()
        .filter_map(|operation| operation.name())
        .collect();
    assert_eq!(names, StepName::ALL.map(StepName::as_str));
}

#[tokio::test]
async fn a_checkpoint_write_that_fails_once_changes_nothing_wherever_it_is() {
    let mut interrupted = 0;
    for skip in 0..CHECKPOINTS {
        let world = World::new().await;
        let outcome = world
            .run(LocalRunner::new().fail_checkpoints_after_retryable(skip, 1), succeed)
            .await;
        assert_completed(&outcome, &format!("checkpoint {skip}"));
        // Only where the outcome of `process` is lost, its effect is done: that body alone runs twice.
        let repeated = skip == outcome_of(StepName::Process);
        assert_eq!(outcome.calls, if repeated { 2 } else { 1 }, "checkpoint {skip}");
        let process = &outcome.record.steps[&StepName::Process];
        assert_eq!(
            (process.tries, process.interrupted),
            (outcome.calls, outcome.calls - 1),
            "checkpoint {skip}"
        );
        interrupted += outcome.result.invocation_count() - 1;
    }
    assert_eq!(interrupted, CHECKPOINTS);
}

#[tokio::test]
async fn a_call_of_the_table_that_fails_once_is_tried_again_by_the_engine_wherever_it_is() {
    for fault in [Fault::CallLost, Fault::AnswerLost, Fault::ServerError, Fault::Throttled] {
        let is_open = |status: &Status| !status.is_terminal();
        let open = StepName::ALL.map(StepName::status).into_iter().filter(is_open);
        let writes = open.map(|status| format!(r#":{{"S":"{status}"}}"#));
        for call in writes.chain([r#""KeyConditionExpression""#.to_owned(), "REMOVE".to_owned()]) {
            let call: &'static str = call.leak();
            let world = World::new().await;
            world.table.faults.next(call, fault);
            let case = format!("{fault:?} of {call}");
            let outcome = world.run(LocalRunner::new(), succeed).await;
            assert!(world.table.faults.all_happened(), "{case}");
            assert_completed(&outcome, &case);
            assert_eq!(outcome.calls, 1, "{case}");
        }
    }
}
