//! Redrive: one more attempt under the same token, never twice, at a rate.

use serde_json::{Value, json};
use tracehook_core::{ExecutionToken, Record, Status, Timestamp};
use tracehook_test_support::table::Fault;

use crate::world::{World, ago};

fn of(token: &ExecutionToken) -> Value {
    json!({"action": "redrive", "token": token})
}

#[tokio::test]
async fn what_ended_badly_gets_a_new_attempt_with_the_same_token_and_trace() {
    let world = World::new().await;
    for (delivery, status) in [(1, Status::Failed), (2, Status::TimedOut), (3, Status::Stopped)] {
        let record = world.at(delivery, status, 100).await;
        let answer = world.handle(of(&record.token)).await;
        let next = world.state(&record.token).await;
        assert_eq!(
            (&answer["outcome"], &answer["attempt"]),
            (&"redriven".into(), &2.into())
        );
        assert_eq!(answer["traceId"], record.traceparent.trace_id.to_string());
        assert_eq!(answer["executionName"], next.execution_name);
        assert_eq!(
            (next.status, next.attempt, next.traceparent),
            (Status::Received, 2, record.traceparent)
        );
        assert!(next.execution_name.ends_with("-2"));
        assert_eq!(world.engine.starts().last(), Some(&next.execution_name));
        assert_eq!(next.past_attempts[0].status, status);
    }
}

#[tokio::test]
async fn what_is_open_done_or_unknown_is_not_redriven() {
    let world = World::new().await;
    for (delivery, status, outcome) in [(1, Status::Processing, "running"), (2, Status::Completed, "completed")] {
        let record = world.at(delivery, status, 100).await;
        assert_eq!(world.handle(of(&record.token)).await["outcome"], outcome);
        assert_eq!(world.state(&record.token).await, record);
    }
    let unknown = ExecutionToken::from_random([99; 16]);
    assert_eq!(world.handle(of(&unknown)).await["outcome"], "token_unknown");
    assert_eq!(world.engine.starts(), [""; 0]);
}

#[tokio::test]
async fn a_redrive_interrupted_between_its_write_and_its_start_is_finished_by_repeating_it() {
    let world = World::new().await;
    let record = world.at(1, Status::Failed, 100).await;
    world.engine.away(true);
    let answer = world.handle(of(&record.token)).await;
    assert_eq!(
        (&answer["outcome"], &answer["started"]),
        (&"redriven".into(), &false.into())
    );
    world.engine.away(false);
    let answer = world.handle(of(&record.token)).await;
    assert_eq!(
        (&answer["outcome"], &answer["attempt"]),
        (&"started_again".into(), &2.into())
    );
    assert_eq!(world.engine.starts().len(), 1);
}

#[tokio::test]
async fn a_redrive_opens_one_attempt_when_the_answer_to_its_write_is_lost() {
    let world = World::new().await;
    let record = world.at(1, Status::Failed, 100).await;
    world.table.faults.next("ConditionExpression", Fault::AnswerLost);
    world.try_handle(of(&record.token)).await.unwrap_err();
    world.handle(of(&record.token)).await;
    let next = world.state(&record.token).await;
    assert_eq!((next.attempt, world.engine.starts()), (2, vec![next.execution_name]));
}

#[tokio::test]
async fn two_redrives_at_the_same_time_open_one_attempt() {
    let world = World::new().await;
    let record = world.at(1, Status::Failed, 100).await;
    let (one, other) = tokio::join!(world.handle(of(&record.token)), world.handle(of(&record.token)));
    let mut starts = world.engine.starts();
    starts.dedup();
    assert_eq!(
        (world.state(&record.token).await.attempt, starts.len()),
        (2, 1),
        "{one} {other}"
    );
}

#[tokio::test]
async fn a_redrive_looks_at_the_payload_first_and_keeps_it_for_as_long_as_its_attempt_may_need_it() {
    let world = World::new().await;
    let hours = |hours: i64| Timestamp::from_epoch_ms(ago(0).epoch_ms() + hours * 3_600_000);
    // With an execution timeout of one hour a payload is needed for 25 hours.
    for (delivery, payload_expiry, outcome) in [
        (1, Some(hours(26)), "redriven"),
        (2, Some(hours(24)), "redriven"),
        (3, Some(hours(-1)), "payload_expired"),
        (4, None, "payload_expired"),
    ] {
        let record = world.at(delivery, Status::Failed, 100).await;
        if let Some(at) = payload_expiry {
            assert!(world.table.store.keep_payload(&record, at).await.unwrap());
        } else {
            let other = Record {
                payload_sha256: [9; 32],
                ..record.clone()
            };
            world.table.store.replace(&record, &other).await.unwrap();
        }
        assert_eq!(
            world.handle(of(&record.token)).await["outcome"],
            outcome,
            "{payload_expiry:?}"
        );
        let next = world.state(&record.token).await;
        assert_eq!(next.attempt, if outcome == "redriven" { 2 } else { 1 });
        if outcome == "redriven" {
            let kept = world.table.store.payload_expiry(&next, ago(0)).await.unwrap().unwrap();
            assert!(kept.at > hours(25), "{}", kept.at);
            assert!(
                next.expires_at > hours(24 * 34),
                "the state is kept from the new attempt on"
            );
        }
    }
}

#[tokio::test]
async fn an_expired_record_is_unknown_to_a_redrive_though_the_table_has_not_deleted_it() {
    let world = World::new().await;
    let record = world.at(1, Status::Failed, 100).await;
    let expired = Record {
        expires_at: ago(1),
        ..record.clone()
    };
    world.table.store.replace(&record, &expired).await.unwrap();
    assert_eq!(world.handle(of(&record.token)).await["outcome"], "token_unknown");
    assert_eq!(world.engine.starts(), [""; 0]);
}

#[tokio::test]
async fn all_failed_of_a_source_since_a_time_are_redriven_and_a_dry_run_only_counts_them() {
    let world = World::new().await;
    let mut expected = Vec::new();
    for delivery in 0..12 {
        let (status, seconds) = match delivery % 4 {
            0 => (Status::Completed, 100),
            1 => (Status::Failed, 9000),
            2 => (Status::Processing, 100),
            _ => (Status::Failed, 100),
        };
        let record = world.at(delivery, status, seconds).await;
        if delivery % 4 == 3 {
            expected.push(record.token);
        }
    }
    let mut command = json!({"action": "redrive", "source": "github", "since": ago(3600), "dryRun": true,
        "ratePerSecond": 100});
    let counted = world.handle(command.clone()).await;
    assert_eq!((&counted["matched"], &counted["outcomes"]), (&3.into(), &json!({})));
    assert_eq!(world.engine.starts(), [""; 0]);
    command["dryRun"] = false.into();
    let done = world.handle(command.clone()).await;
    assert_eq!(
        (&done["outcomes"], &done["complete"]),
        (&json!({"redriven": 3}), &true.into())
    );
    assert_eq!(done["cursor"], Value::Null);
    for token in &expected {
        assert_eq!(world.state(token).await.attempt, 2);
    }
    // A repeated command finds nothing to do; under the same `until` it leaves webhooks alone that failed again since.
    let failed_again = world.state(&expected[0]).await;
    let failure = tracehook_core::record::start_dropped("");
    let failed_again = (failed_again.clone(), failed_again.failed(failure, ago(0)));
    world
        .table
        .store
        .replace(&failed_again.0, &failed_again.1)
        .await
        .unwrap();
    command["until"] = done["until"].clone();
    assert_eq!(world.handle(command).await["matched"], 0);
    assert_eq!(world.engine.starts().len(), 3);
}

#[tokio::test]
async fn a_redrive_that_runs_out_of_time_says_where_to_go_on() {
    let world = World::new().await;
    for delivery in 0..6 {
        world.at(delivery, Status::Failed, 100).await;
    }
    let mut command = json!({"action": "redrive", "source": "github", "since": ago(3600), "ratePerSecond": 100});
    let mut rounds = 0;
    loop {
        rounds += 1;
        // Less than the last call may need.
        let soon = std::time::SystemTime::now() + std::time::Duration::from_secs(10);
        let answer = world.reconciler.handle(command.clone(), soon).await.unwrap();
        if answer["complete"] == true {
            break;
        }
        command["cursor"] = answer["cursor"].clone();
        command["until"] = answer["until"].clone();
    }
    assert_eq!((rounds, world.engine.starts().len()), (7, 6));
}

/// Drops the future in the middle of its work, as a kill ends a process.
#[tokio::test]
async fn a_thousand_failed_webhooks_are_redriven_once_each_though_the_command_is_killed_and_repeated() {
    let world = World::new().await;
    let mut tokens = Vec::new();
    for n in 0..1000_u16 {
        let mut bytes = [7; 16];
        bytes[..2].copy_from_slice(&n.to_be_bytes());
        tokens.push(world.failed(ExecutionToken::from_random(bytes)).await);
    }
    let command = json!({"action": "redrive", "source": "github", "since": ago(3600), "until": ago(0).plus_days(1),
        "ratePerSecond": 100});
    for killed_at in [100, 500, 900] {
        let killed = async {
            while world.engine.starts().len() < killed_at {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            answer = world.handle(command.clone()) => panic!("it was to be killed: {answer}"),
            () = killed => {}
        }
    }
    let answer = world.handle(command.clone()).await;
    assert_eq!(answer["complete"], true);
    assert_eq!(world.handle(command).await["matched"], 0);
    for token in &tokens {
        // The sweep starts a webhook whose redrive was killed between its write and its start.
        world.handle(of(token)).await;
        let record = world.state(token).await;
        assert_eq!((record.attempt, record.status), (2, Status::Received));
    }
    let mut starts = world.engine.starts();
    starts.sort();
    starts.dedup();
    assert_eq!(starts.len(), 1000, "one execution each, however often it was started");
}
