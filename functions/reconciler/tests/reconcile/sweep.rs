//! The sweep starts webhooks without an execution, compares those that do not move, and reaches every open one.

use serde_json::{Value, json};
use tracehook_core::record::LateStart;
use tracehook_core::{Record, Status};
use tracehook_test_support::table::Fault;

use crate::world::{ONE_SECOND, World, ago};

async fn sweep(world: &World) -> Value {
    world.handle(json!({"action": "sweep"})).await
}

/// A sweep that takes up new records for a second only.
async fn short_sweep(world: &World) -> Value {
    world.handle_within(json!({"action": "sweep"}), ONE_SECOND).await
}

/// The number of executions that were started, none of them twice.
fn started_once(world: &World) -> usize {
    let mut starts = world.engine.starts();
    let all = starts.len();
    starts.sort();
    starts.dedup();
    assert_eq!(starts.len(), all);
    all
}

#[tokio::test]
async fn what_was_not_started_is_started_once_it_is_old_enough() {
    let world = World::new().await;
    let old = world.deferred(1, 61).await;
    world.deferred(2, 50).await;
    world.received(4, 299).await;
    world.at(3, Status::Processing, 200).await;
    let swept = sweep(&world).await;
    assert_eq!(world.engine.starts(), std::slice::from_ref(&old.execution_name));
    assert_eq!(
        (&swept["complete"], &swept["outcomes"]["started"]),
        (&true.into(), &1.into())
    );
    assert_eq!(world.engine.reads(), 0, "the engine is asked about nothing that young");
    let after = world.state(&old.token).await;
    assert!(matches!(after.late_start, Some(LateStart::Repeated { .. })));
    let unnoted = Record {
        late_start: old.late_start,
        ..after
    };
    assert_eq!(unnoted, old, "the execution moves the record, not the sweep");
}

#[tokio::test]
async fn what_does_not_move_is_closed_as_its_execution_ended() {
    let world = World::new().await;
    for (delivery, from, engine, expected) in [
        (1, Status::Received, "FAILED", Status::Failed),
        (2, Status::Validated, "TIMED_OUT", Status::TimedOut),
        (3, Status::Processing, "STOPPED", Status::Stopped),
        (4, Status::Processing, "SUCCEEDED", Status::Completed),
        (5, Status::Processing, "RUNNING", Status::Processing),
        (6, Status::Received, "RUNNING", Status::Received),
    ] {
        let mut record = world.at(delivery, from, 400).await;
        if from == Status::Received {
            record = world.noted(&record, LateStart::Repeated { at: ago(301) }).await;
        }
        world.engine.reports(&record.execution_name, engine);
        sweep(&world).await;
        assert_eq!(world.state(&record.token).await.status, expected, "{from} and {engine}");
    }
    assert_eq!(world.engine.starts(), [""; 0]);
}

#[tokio::test]
async fn what_was_never_seen_running_is_started_first_and_asked_about_only_when_that_does_not_move_it() {
    let world = World::new().await;
    // As after an outage: none was started, or the service's queue holds their starts for long.
    let records = [world.received(1, 301).await, world.deferred(2, 40_000).await];
    sweep(&world).await;
    assert_eq!((world.engine.starts().len(), world.engine.reads()), (2, 0));
    // The service has accepted the starts, and may hold them: nothing is repeated or asked.
    sweep(&world).await;
    assert_eq!((world.engine.starts().len(), world.engine.reads()), (2, 0));

    for record in &records {
        let noted = world.state(&record.token).await;
        world.noted(&noted, LateStart::Repeated { at: ago(301) }).await;
    }
    // One was lost by the service, the other one ran and left no trace in its record.
    world.engine.forget();
    world.engine.reports(&records[1].execution_name, "FAILED");
    sweep(&world).await;
    assert_eq!((world.engine.starts().len(), world.engine.reads()), (3, 2));
    assert_eq!(world.state(&records[1].token).await.status, Status::Failed);
}

#[tokio::test]
async fn a_start_that_fails_in_a_sweep_is_repeated_by_the_next_one() {
    let world = World::new().await;
    world.received(1, 301).await;
    for refuses in [true, false] {
        world.engine.refuses_starts(refuses);
        world.engine.away(!refuses);
        assert_eq!(sweep(&world).await["outcomes"]["error"], 1);
    }
    world.engine.away(false);
    assert_eq!(sweep(&world).await["outcomes"]["started"], 1);
    assert_eq!(world.engine.starts().len(), 1);
}

#[tokio::test]
async fn what_the_engine_does_not_know_is_started_or_when_it_had_run_closed() {
    let world = World::new().await;
    let never = world.received(1, 4000).await;
    let gone = world.at(2, Status::Processing, 400).await;
    sweep(&world).await;
    assert_eq!(world.engine.starts(), [never.execution_name]);
    let closed = world.state(&gone.token).await;
    assert_eq!(
        (closed.status, closed.error.unwrap().code.as_str()),
        (Status::Failed, "execution_lost")
    );
}

#[tokio::test]
async fn what_runs_for_too_long_is_flagged_and_left_alone() {
    let world = World::new().await;
    let record = world.at(1, Status::Processing, 7300).await;
    world.engine.reports(&record.execution_name, "RUNNING");
    assert_eq!(sweep(&world).await["outcomes"]["stuck"], 1);
    assert_eq!(world.state(&record.token).await, record);
}

#[tokio::test]
async fn an_engine_that_is_away_ends_nothing_and_a_later_sweep_makes_up_for_it() {
    let world = World::new().await;
    let waiting = world.deferred(1, 100).await;
    let running = world.at(2, Status::Processing, 400).await;
    world.engine.reports(&running.execution_name, "FAILED");
    world.engine.away(true);
    assert_eq!(sweep(&world).await["outcomes"]["error"], 2);
    assert_eq!(world.state(&running.token).await, running);
    world.engine.away(false);
    sweep(&world).await;
    assert_eq!(world.engine.starts(), [waiting.execution_name]);
    assert_eq!(world.state(&running.token).await.status, Status::Failed);
}

#[tokio::test]
async fn sweeps_that_are_bounded_get_to_everything_one_after_another() {
    let world = World::with(&[("SWEEP_MAX_RECORDS", "1")]).await;
    // More than a page, so that the place within the shard matters.
    world.deferred_in_one_shard(150).await;
    let (mut rounds, mut complete) = (0, false);
    while !complete {
        rounds += 1;
        let swept = sweep(&world).await;
        assert_eq!(swept["resumed"], rounds > 1);
        complete = swept["complete"] == true;
    }
    assert_eq!(rounds, 3, "two pages, and the rest of the shards");
    let mut starts = world.engine.starts();
    starts.sort();
    starts.dedup();
    assert_eq!(starts.len(), 150);
    assert_eq!(
        sweep(&world).await["resumed"],
        false,
        "the next one begins at the beginning"
    );
}

#[tokio::test]
async fn sweeps_at_the_same_time_share_the_records() {
    let world = World::new().await;
    world.deferred_in_one_shard(250).await;
    let (one, other) = tokio::join!(sweep(&world), sweep(&world));
    let seen = [&one, &other].map(|swept| swept["seen"].as_u64().unwrap());
    assert_eq!(seen.iter().sum::<u64>(), 250, "{one} {other}");
    assert!(seen.iter().all(|seen| *seen >= 50), "{one} {other}");
    assert_eq!(started_once(&world), 250);
    assert_eq!(
        sweep(&world).await["resumed"],
        false,
        "the next one begins at the beginning"
    );
}

#[tokio::test]
async fn a_sweep_whose_time_is_used_up_leaves_the_rest_of_its_page_to_the_next_one() {
    // A page of starts takes six seconds, one of questions to the engine as well.
    let world = World::with(&[("STARTS_PER_SECOND", "5"), ("ENGINE_CALLS_PER_SECOND", "5")]).await;
    world.deferred_in_one_shard(30).await;
    for delivery in 1..=20 {
        let record = world.at(delivery, Status::Processing, 400).await;
        world.engine.reports(&record.execution_name, "RUNNING");
    }
    let (mut seen, mut complete) = (0, false);
    while !complete {
        let swept = short_sweep(&world).await;
        assert_eq!(swept["resumed"], seen > 0, "{swept}");
        let taken = swept["seen"].as_u64().unwrap();
        // At most those of a second, and those under way.
        assert!(taken < 20, "{swept}");
        seen += taken;
        complete = swept["complete"] == true;
    }
    assert_eq!((seen, started_once(&world), world.engine.reads()), (50, 30, 20));
}

#[tokio::test]
async fn sweeps_at_the_same_time_whose_time_is_used_up_lose_and_double_nothing() {
    let world = World::with(&[("STARTS_PER_SECOND", "20")]).await;
    world.deferred_in_one_shard(130).await;
    let mut stopped = 0;
    while started_once(&world) < 130 {
        let (one, other) = tokio::join!(short_sweep(&world), short_sweep(&world));
        stopped += [one, other].iter().filter(|swept| swept["complete"] == false).count();
    }
    assert!(stopped > 2, "{stopped}");
    while short_sweep(&world).await["complete"] == false {}
    assert_eq!(started_once(&world), 130);
}

#[tokio::test]
async fn a_record_that_cannot_be_handled_does_not_stop_the_others() {
    let world = World::new().await;
    for delivery in 1..=5 {
        world.deferred(delivery, 100).await;
    }
    // A read of a record, not of the place at which the last sweep stopped.
    world.table.faults.next(r#""item":{"S":"state"}"#, Fault::ServerError);
    let swept = sweep(&world).await;
    assert_eq!(swept["outcomes"], json!({"error": 1, "started": 4}));
}
