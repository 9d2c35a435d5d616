//! A redrive of webhooks that wait for their next try.

use serde_json::{Value, json};
use tracehook_core::Status;
use tracehook_test_support::table::Fault;

use crate::world::{World, ago, status_event};

fn all(source: &str, more: &Value) -> Value {
    let mut command = json!({"action": "redrive", "source": source, "since": ago(100), "waiting": true,
        "ratePerSecond": 100});
    command
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    command
}

#[tokio::test]
async fn what_waits_gets_its_next_attempt_and_its_execution_is_stopped_and_closes_nothing() {
    let world = World::new().await;
    let waiting = world.waiting(1, "shop_away", 600).await;
    let answer = world.handle(json!({"action": "redrive", "token": waiting.token})).await;
    assert_eq!(
        (&answer["outcome"], &answer["attempt"]),
        (&"redriven".into(), &2.into())
    );
    let next = world.state(&waiting.token).await;
    assert_eq!(
        (next.status, world.engine.starts()),
        (Status::Received, vec![next.execution_name.clone()])
    );
    assert_eq!(world.engine.stopped(), std::slice::from_ref(&waiting.execution_name));
    let past = &next.past_attempts[0];
    assert_eq!(
        (past.status, past.error.as_ref().unwrap().code.as_str()),
        (Status::Stopped, "taken_over")
    );
    for end in ["STOPPED", "FAILED", "SUCCEEDED"] {
        let event = status_event(&waiting.execution_name, end);
        assert_eq!(world.handle(event).await["outcome"], "other_execution");
    }
    assert_eq!(world.state(&waiting.token).await, next);
}

#[tokio::test]
async fn what_works_now_is_running_and_stays() {
    let world = World::new().await;
    let due = world.waiting(1, "shop_away", -1).await;
    let works = world.at(2, Status::Processing, 10).await;
    for record in [due, works] {
        let answer = world.handle(json!({"action": "redrive", "token": record.token})).await;
        assert_eq!(answer["outcome"], "running");
        assert_eq!(world.state(&record.token).await, record);
    }
    assert_eq!(
        (world.engine.starts(), world.engine.stopped()),
        (Vec::new(), Vec::new())
    );
}

#[tokio::test]
async fn all_that_wait_of_a_source_are_redriven_once_by_code_and_a_dry_run_only_counts_them() {
    let world = World::new().await;
    for delivery in 1..=6 {
        let code = if delivery % 2 == 0 { "shop_away" } else { "bug" };
        world.waiting(delivery, code, 600).await;
    }
    world.waiting(7, "bug", -1).await;
    world.at(8, Status::Failed, 10).await;
    world.at(9, Status::Processing, 10).await;
    let counts = async |more: Value| world.handle(all("github", &more)).await;
    assert_eq!(counts(json!({"dryRun": true})).await["matched"], 7);
    assert_eq!(world.engine.starts(), [""; 0]);
    let answer = counts(json!({"code": "bug"})).await;
    assert_eq!(answer["outcomes"], json!({"redriven": 3, "running": 1}));
    assert_eq!(counts(json!({"code": "bug"})).await["outcomes"], json!({"running": 1}));
    assert_eq!(
        counts(json!({})).await["outcomes"],
        json!({"redriven": 3, "running": 1})
    );
    assert_eq!((world.engine.starts().len(), world.engine.stopped().len()), (6, 6));
    let failed = world
        .handle(json!({"action": "redrive", "source": "github", "since": ago(100)}))
        .await;
    assert_eq!(failed["matched"], 1, "without `waiting` it is about those that ended");
}

#[tokio::test]
async fn an_interruption_anywhere_leaves_one_attempt_that_the_sweep_or_a_repetition_starts() {
    let world = World::new().await;
    for (delivery, call, fault) in [
        (1, r#""item":{"S":"state"}"#, Fault::ServerError),
        (2, "#updated = :updated", Fault::CallLost),
        (3, "#updated = :updated", Fault::AnswerLost),
    ] {
        let waiting = world.waiting(delivery, "c", 600).await;
        let command = json!({"action": "redrive", "token": waiting.token});
        world.table.faults.next(call, fault);
        world.try_handle(command.clone()).await.unwrap_err();
        let _ = world.handle(command).await;
        let next = world.state(&waiting.token).await;
        assert_eq!(next.attempt, 2, "{fault:?}");
        assert!(world.engine.starts().contains(&next.execution_name), "{fault:?}");
    }
    // The engine is away: the record is taken over, and the old execution ends at its next try.
    let waiting = world.waiting(4, "c", 600).await;
    world.engine.away(true);
    let answer = world.handle(json!({"action": "redrive", "token": waiting.token})).await;
    assert_eq!(
        (&answer["outcome"], &answer["started"]),
        (&"redriven".into(), &false.into())
    );
    world.engine.away(false);
    let answer = world.handle(json!({"action": "redrive", "token": waiting.token})).await;
    assert_eq!(answer["outcome"], "started_again");
    assert_eq!(world.state(&waiting.token).await.attempt, 2);
}
