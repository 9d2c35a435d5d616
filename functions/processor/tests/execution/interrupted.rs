//! Tries whose end the engine never hears of: counted like those that ended, and bounded.
//!
//! The runner refuses the checkpoint of a step's outcome: for the engine and for the next invocation that is what a kill is.

use std::time::Duration;

use aws_durable_execution_sdk::test_util::LocalRunner;
use tracehook_core::Status;
use tracehook_core::record::{StepName, StepStatus};
use tracehook_processor::HandlerError;

use crate::world::{Outcome, World, outcome_of, succeed};

fn interrupted(step: StepName, times: usize) -> LocalRunner {
    LocalRunner::new().fail_checkpoints_after_retryable(outcome_of(step), times)
}

fn tries(outcome: &Outcome, step: StepName) -> (StepStatus, u32, u32) {
    let entry = &outcome.record.steps[&step];
    (entry.status, entry.tries, entry.interrupted)
}

#[tokio::test]
async fn an_interrupted_try_of_the_handler_is_a_try() {
    let outcome = World::new().await.run(interrupted(StepName::Process, 2), succeed).await;
    assert_eq!(outcome.record.status, Status::Completed);
    assert_eq!(tries(&outcome, StepName::Process), (StepStatus::Completed, 3, 2));
    assert_eq!(outcome.calls, 3);
}

#[tokio::test]
async fn tries_that_failed_and_tries_that_were_interrupted_are_told_apart() {
    // The second call's outcome, which is the first one's retry, is lost: the retry checkpoint is the third write.
    let runner = LocalRunner::new().fail_checkpoints_after_retryable(outcome_of(StepName::Process) + 2, 1);
    let outcome = World::new()
        .await
        .run(runner, |try_number| match try_number {
            1 => Err(HandlerError::transient("shop_away", "the shop does not answer")),
            _ => succeed(try_number),
        })
        .await;
    assert_eq!(outcome.record.status, Status::Completed);
    assert_eq!(tries(&outcome, StepName::Process), (StepStatus::Completed, 3, 1));
}

#[tokio::test]
async fn a_step_that_waits_keeps_its_interrupted_tries_and_they_shorten_nothing() {
    // Two tries are interrupted, two fail, and three may: a failure counts what failed, not what was interrupted.
    let outcome = World::new()
        .await
        .run(interrupted(StepName::Process, 2), |try_number| match try_number {
            3 | 4 => Err(HandlerError::transient("shop_away", "the shop does not answer")),
            _ => succeed(try_number),
        })
        .await;
    assert_eq!(outcome.record.status, Status::Completed);
    assert_eq!(tries(&outcome, StepName::Process), (StepStatus::Completed, 5, 2));
}

#[tokio::test]
async fn a_handler_that_is_always_interrupted_ends_the_webhook() {
    let outcome = World::new().await.run(interrupted(StepName::Process, 3), succeed).await;
    assert_eq!(outcome.result.error_type(), Some("try_interrupted"));
    let error = outcome.record.error.as_ref().unwrap();
    assert_eq!(
        (outcome.record.status, &*error.code),
        (Status::Failed, "try_interrupted")
    );
    assert!(
        error.message.starts_with("3 tries were interrupted"),
        "{}",
        error.message
    );
    assert_eq!(tries(&outcome, StepName::Process), (StepStatus::Failed, 3, 3));
    assert_eq!(outcome.calls, 3, "it does not run a fourth time");
}

#[tokio::test]
async fn a_step_whose_own_write_is_done_is_interrupted_until_the_engine_knows_it_unless_it_was_the_last() {
    for mark_after in [Duration::ZERO, Duration::MAX] {
        for (step, expected) in [(StepName::Validate, (3, 2)), (StepName::Finalize, (1, 0))] {
            let mut world = World::new().await;
            world.mark_after = mark_after;
            let outcome = world.run(interrupted(step, 2), succeed).await;
            assert_eq!(outcome.record.status, Status::Completed, "{step}");
            let (status, tries, interrupted) = tries(&outcome, step);
            assert_eq!(
                (status, (tries, interrupted)),
                (StepStatus::Completed, expected),
                "{step}"
            );
            assert_eq!(outcome.calls, 1, "{step}");
        }
    }
}

#[tokio::test]
async fn a_validation_whose_checkpoint_never_arrives_ends_the_webhook() {
    let outcome = World::new()
        .await
        .run(interrupted(StepName::Validate, 3), succeed)
        .await;
    assert_eq!(outcome.record.status, Status::Failed);
    assert_eq!(outcome.record.error.as_ref().unwrap().code, "try_interrupted");
    assert_eq!(tries(&outcome, StepName::Validate), (StepStatus::Failed, 3, 3));
    assert_eq!(outcome.calls, 0);
}
