//! Ends that are written from outside, and next attempts, against a real table.

use tracehook_core::record::{Advance, Closing, ExecutionId, ExecutionState, Record, Status, StepName};
use tracehook_core::{ExecutionToken, Timestamp};
use tracehook_store::{Advanced, Closed, Replaced, open_shard};
use tracehook_test_support::table::{Fault, NOW, Table, table, webhook};

const ARN: &str = "arn";

async fn stored(table: &Table, delivery: u8) -> Record {
    let (record, payload) = webhook(delivery, b"{}", 1);
    table.store.create(&record, payload, record.expires_at).await.unwrap();
    record
}

fn id(record: &Record) -> ExecutionId<'_> {
    ExecutionId {
        name: &record.execution_name,
        arn: ARN,
        started_at: None,
    }
}

fn closing(state: ExecutionState) -> Closing {
    state.closing().unwrap()
}

async fn state(table: &Table, token: &ExecutionToken) -> Record {
    table.store.state(token, NOW).await.unwrap().unwrap()
}

fn later(ms: i64) -> Timestamp {
    Timestamp::from_epoch_ms(NOW.epoch_ms() + ms)
}

#[tokio::test]
async fn an_open_record_is_closed_as_the_engine_says_and_leaves_the_index() {
    let table = table(1).await;
    let ends = [
        (ExecutionState::Succeeded, Status::Completed, None),
        (ExecutionState::Failed, Status::Failed, Some("execution_failed")),
        (ExecutionState::TimedOut, Status::TimedOut, Some("execution_timed_out")),
        (ExecutionState::Stopped, Status::Stopped, Some("execution_stopped")),
    ];
    for (delivery, (engine, status, code)) in (1..).zip(ends) {
        let record = stored(&table, delivery).await;
        let met = table
            .store
            .close(&record.token, id(&record), &closing(engine), later(5))
            .await;
        assert_eq!(met.unwrap(), Closed::Now);
        let closed = state(&table, &record.token).await;
        assert_eq!(
            (closed.status, closed.error.as_ref().map(|error| error.code.as_str())),
            (status, code)
        );
        assert_eq!(
            (closed.last_updated, closed.execution_arn.as_deref()),
            (later(5), Some(ARN))
        );
    }
    let open = table
        .client
        .scan()
        .table_name("tracehook")
        .index_name("open")
        .send()
        .await
        .unwrap();
    assert_eq!(open.count, 0);
}

#[tokio::test]
async fn a_record_that_ended_or_belongs_to_another_execution_is_not_closed() {
    let table = table(1).await;
    let record = stored(&table, 1).await;
    let failed = closing(ExecutionState::Failed);
    for other in [
        ExecutionId {
            name: "another",
            arn: ARN,
            started_at: None,
        },
        ExecutionId {
            name: "",
            arn: ARN,
            started_at: None,
        },
    ] {
        let met = table
            .store
            .close(&record.token, other, &failed, later(1))
            .await
            .unwrap();
        assert_eq!(met, Closed::Refused(Box::new(record.clone())));
    }
    table
        .store
        .close(&record.token, id(&record), &failed, later(1))
        .await
        .unwrap();
    let before = state(&table, &record.token).await;
    for engine in [ExecutionState::Succeeded, ExecutionState::TimedOut] {
        let met = table
            .store
            .close(&record.token, id(&record), &closing(engine), later(2))
            .await
            .unwrap();
        assert_eq!(met, Closed::Refused(Box::new(before.clone())));
    }
    let unknown = ExecutionToken::from_random([99; 16]);
    assert_eq!(
        table
            .store
            .close(&unknown, id(&record), &failed, later(1))
            .await
            .unwrap(),
        Closed::Unknown
    );
}

#[tokio::test]
async fn an_execution_of_the_same_name_with_another_arn_closes_nothing() {
    let table = table(1).await;
    let record = stored(&table, 1).await;
    let advance = Advance {
        to: Status::Validated,
        step: StepName::Validate,
        steps: Vec::new(),
        error: None,
        execution_arn: "its own".into(),
        at: NOW,
    };
    let moved = table
        .store
        .advance(&record.token, &record.execution_name, &advance)
        .await
        .unwrap();
    assert!(matches!(moved, Advanced::Moved(_)));
    let met = table
        .store
        .close(&record.token, id(&record), &closing(ExecutionState::Failed), later(1))
        .await;
    assert!(matches!(met.unwrap(), Closed::Refused(_)));
}

#[tokio::test]
async fn the_next_attempt_replaces_the_record_once_and_is_in_the_index_under_its_own_time() {
    let table = table(1).await;
    let record = stored(&table, 1).await;
    table
        .store
        .close(&record.token, id(&record), &closing(ExecutionState::Failed), later(1))
        .await
        .unwrap();
    let old = state(&table, &record.token).await;
    let next = |at| old.next_attempt(&"t".parse().unwrap(), at, old.expires_at);
    assert_eq!(table.store.replace(&old, &next(later(2))).await.unwrap(), Replaced::Now);
    assert_eq!(
        table.store.replace(&old, &next(later(3))).await.unwrap(),
        Replaced::Moved
    );
    let stored = state(&table, &record.token).await;
    assert_eq!(stored, next(later(2)));
    assert_eq!(stored.past_attempts.len(), 1);
    let shard = open_shard(&record.token);
    let (open, more) = table.store.open_page(&shard, later(2), None, 10).await.unwrap();
    assert_eq!((open.len(), open[0].since, more), (1, later(2), false));
    assert!(
        table
            .store
            .open_page(&shard, later(1), None, 10)
            .await
            .unwrap()
            .0
            .is_empty()
    );
}

#[tokio::test]
async fn late_steps_and_ends_of_the_last_attempt_do_not_touch_the_next_one() {
    let table = table(1).await;
    let record = stored(&table, 1).await;
    let failed = closing(ExecutionState::Failed);
    table
        .store
        .close(&record.token, id(&record), &failed, later(1))
        .await
        .unwrap();
    let old = state(&table, &record.token).await;
    let next = old.next_attempt(&"t".parse().unwrap(), later(2), old.expires_at);
    table.store.replace(&old, &next).await.unwrap();
    let advance = Advance {
        to: Status::Validated,
        step: StepName::Validate,
        steps: Vec::new(),
        error: None,
        execution_arn: ARN.into(),
        at: later(3),
    };
    let late = table
        .store
        .advance(&record.token, &record.execution_name, &advance)
        .await
        .unwrap();
    assert!(matches!(late, Advanced::Refused(..)));
    let late = table
        .store
        .close(&record.token, id(&record), &failed, later(3))
        .await
        .unwrap();
    assert!(matches!(late, Closed::Refused(_)));
    assert_eq!(state(&table, &record.token).await, next);
}

#[tokio::test]
async fn a_replacement_whose_answer_was_lost_is_known_when_it_is_tried_again() {
    let table = table(3).await;
    let record = stored(&table, 1).await;
    let failed = record.failed(tracehook_core::record::start_dropped(""), later(1));
    table.faults.next(r#""ConditionExpression":"#, Fault::AnswerLost);
    assert_eq!(table.store.replace(&record, &failed).await.unwrap(), Replaced::Now);
    assert!(table.faults.all_happened());
    assert_eq!(state(&table, &record.token).await, failed);
}

#[tokio::test]
async fn a_payload_is_kept_with_its_record_and_a_missing_one_is_told() {
    let table = table(1).await;
    let mut record = stored(&table, 1).await;
    record.expires_at = record.expires_at.plus_days(7);
    assert!(table.store.keep_payload(&record, record.expires_at).await.unwrap());
    let (_, payload) = table.store.webhook(&record.token).await.unwrap().unwrap();
    assert!(payload.is_some());
    record.payload_sha256 = [9; 32];
    assert!(!table.store.keep_payload(&record, record.expires_at).await.unwrap());
}

#[tokio::test]
async fn a_webhook_that_was_never_redriven_pays_nothing_for_attempts() {
    let table = table(1).await;
    let record = stored(&table, 1).await;
    let put = table.client.get_item().table_name("tracehook");
    let item = put
        .key(
            "executionToken",
            aws_sdk_dynamodb::types::AttributeValue::S(record.token.to_string()),
        )
        .key("item", aws_sdk_dynamodb::types::AttributeValue::S("state".into()))
        .send()
        .await
        .unwrap()
        .item
        .unwrap();
    for absent in ["attempts", "attemptStartedAt"] {
        assert!(!item.contains_key(absent), "{absent}");
    }
}
