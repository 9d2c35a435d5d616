//! The engine's events close exactly the attempt that they name.

use tracehook_core::Status;
use tracehook_core::record::{LateStart, execution_name};
use tracehook_test_support::table::Fault;

use crate::engine::arn;
use crate::world::{World, ago, status_event, status_event_of};

#[tokio::test]
async fn an_event_closes_the_open_record_of_its_execution_and_a_second_one_changes_nothing() {
    let world = World::new().await;
    for (delivery, event, status) in [
        (1, "FAILED", Status::Failed),
        (2, "TIMED_OUT", Status::TimedOut),
        (3, "STOPPED", Status::Stopped),
        (4, "SUCCEEDED", Status::Completed),
    ] {
        let record = world.at(delivery, Status::Processing, 5).await;
        let event = status_event(&record.execution_name, event);
        assert_eq!(world.handle(event.clone()).await["outcome"], "closed");
        let closed = world.state(&record.token).await;
        assert_eq!(closed.status, status);
        assert_eq!(world.handle(event).await["outcome"], "agrees");
        assert_eq!(world.state(&record.token).await, closed);
    }
}

#[tokio::test]
async fn events_of_a_running_execution_another_attempt_and_another_deployment_change_nothing() {
    let world = World::new().await;
    let record = world.at(1, Status::Processing, 5).await;
    let second = execution_name(&"t".parse().unwrap(), &record.token, record.created_at, 2);
    for (event, outcome) in [
        (status_event(&record.execution_name, "RUNNING"), "agrees"),
        (status_event(&second, "FAILED"), "other_execution"),
        (status_event(&format!("other-{}", record.token), "FAILED"), "foreign"),
        (status_event(&record.execution_name, "PAUSED"), "foreign"),
        (
            status_event(&format!("t-{}-s44we8-1", "0".repeat(32)), "FAILED"),
            "record_missing",
        ),
    ] {
        assert_eq!(world.handle(event).await["outcome"], outcome);
        assert_eq!(world.state(&record.token).await, record);
    }
}

#[tokio::test]
async fn an_execution_that_began_before_its_record_says_nothing_about_it() {
    let world = World::new().await;
    // As after a record was deleted while its execution ran, and the same delivery was received again within the second.
    let record = world.received(1, 100).await;
    for state in ["FAILED", "TIMED_OUT", "STOPPED", "SUCCEEDED"] {
        let event = status_event_of(&record.execution_name, state, ago(110));
        assert_eq!(world.handle(event).await["outcome"], "other_execution");
    }
    assert_eq!(world.state(&record.token).await, record);
    let mut untold = status_event(&record.execution_name, "FAILED");
    untold["detail"].as_object_mut().unwrap().remove("startTimestamp");
    assert_eq!(world.handle(untold).await["outcome"], "closed");

    let old = world.received(2, 1000).await;
    let old = world.noted(&old, LateStart::Repeated { at: ago(900) }).await;
    world.engine.reports(&old.execution_name, "SUCCEEDED");
    world.engine.began(ago(1010));
    world.handle(serde_json::json!({"action": "sweep"})).await;
    assert_eq!(world.state(&old.token).await, old, "the sweep judges as the event does");
}

#[tokio::test]
async fn an_event_of_the_first_attempt_that_comes_after_a_redrive_does_not_touch_the_second() {
    let world = World::new().await;
    let record = world.at(1, Status::Failed, 5).await;
    world
        .handle(serde_json::json!({"action": "redrive", "token": record.token}))
        .await;
    let second = world.state(&record.token).await;
    assert_eq!(second.attempt, 2);
    for event in ["FAILED", "TIMED_OUT", "STOPPED", "SUCCEEDED"] {
        let outcome = world.handle(status_event(&record.execution_name, event)).await;
        assert_eq!(outcome["outcome"], "other_execution");
    }
    assert_eq!(world.state(&record.token).await, second);
}

#[tokio::test]
async fn a_record_that_ended_well_stays_when_its_execution_ended_badly_and_the_reverse() {
    let world = World::new().await;
    for (delivery, status, event) in [(1, Status::Completed, "TIMED_OUT"), (2, Status::Failed, "SUCCEEDED")] {
        let record = world.at(delivery, status, 5).await;
        let outcome = world.handle(status_event(&record.execution_name, event)).await;
        assert_eq!(outcome["outcome"], "contradicts");
        assert_eq!(world.state(&record.token).await, record);
    }
}

#[tokio::test]
async fn a_table_that_fails_makes_the_invocation_fail_so_that_it_is_repeated() {
    let world = World::new().await;
    let record = world.at(1, Status::Processing, 5).await;
    let event = status_event(&record.execution_name, "FAILED");
    for (call, fault) in [
        ("ConsistentRead", Fault::ServerError),
        ("UpdateExpression", Fault::Throttled),
        ("UpdateExpression", Fault::AnswerLost),
    ] {
        world.table.faults.next(call, fault);
        world.try_handle(event.clone()).await.unwrap_err();
    }
    world.handle(event).await;
    let closed = world.state(&record.token).await;
    assert_eq!(
        (closed.status, closed.execution_arn),
        (Status::Failed, Some(arn(&record.execution_name)))
    );
}
