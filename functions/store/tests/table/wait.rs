//! A step that waits for its next try, as the record tells it.

use tracehook_core::record::{Advance, ExecutionPrefix, Failure, StepName, StepRecord, StepStatus, Wait};
use tracehook_core::{Status, Timestamp};
use tracehook_store::{Advanced, Replaced};
use tracehook_test_support::table::{NOW, table, webhook};

const LATER: Timestamp = Timestamp::from_epoch_ms(NOW.epoch_ms() + 60_000);

fn waits() -> StepRecord {
    StepRecord {
        status: StepStatus::Waiting,
        tries: 3,
        interrupted: 1,
        started_at: NOW,
        completed_at: None,
        wait: Some(Wait {
            error: Failure {
                code: "shop_away".to_owned(),
                message: "the shop does not answer".to_owned(),
            },
            next_try_at: LATER,
        }),
    }
}

#[tokio::test]
async fn a_wait_is_told_until_the_next_try_begins_and_ends_with_the_attempt() {
    let table = table(1).await;
    let (record, payload) = webhook(1, b"{}", 1);
    table.store.create(&record, payload, record.expires_at).await.unwrap();
    let note = async |name: &str| {
        let step = (StepName::Process, &waits());
        table
            .store
            .note_wait(&record.token, name, "arn", step, NOW)
            .await
            .unwrap()
    };
    assert!(!note("another").await);
    assert!(note(&record.execution_name).await);
    let waiting = table.store.state(&record.token, NOW).await.unwrap().unwrap();
    assert_eq!(waiting.wait(), waits().wait.as_ref());
    assert_eq!(
        (waiting.status, waiting.execution_arn.as_deref()),
        (record.status, Some("arn"))
    );
    assert_eq!(waiting.current_step, Some(StepName::Process), "the last that has begun");

    let begins = Advance {
        to: Status::Validated,
        step: StepName::Process,
        steps: vec![(
            StepName::Process,
            StepRecord {
                status: StepStatus::Started,
                wait: None,
                ..waits()
            },
        )],
        error: None,
        execution_arn: "arn".to_owned(),
        at: LATER,
    };
    let advance = async || {
        table
            .store
            .advance(&record.token, &record.execution_name, &begins)
            .await
            .unwrap()
    };
    assert_eq!(advance().await, Advanced::Moved(None));
    assert_eq!(
        table.store.state(&record.token, NOW).await.unwrap().unwrap().wait(),
        None
    );

    // A redrive puts the next attempt into the place of one that waits. The first one moves nothing any more.
    assert!(note(&record.execution_name).await);
    let waiting = table.store.state(&record.token, NOW).await.unwrap().unwrap();
    let prefix: ExecutionPrefix = "t".parse().unwrap();
    let next = waiting
        .taken_over(LATER)
        .next_attempt(&prefix, LATER, waiting.expires_at);
    assert_eq!(table.store.replace(&waiting, &next).await.unwrap(), Replaced::Now);
    assert!(!note(&record.execution_name).await);
    assert!(matches!(advance().await, Advanced::Refused(..)));
    let stored = table.store.state(&record.token, NOW).await.unwrap().unwrap();
    assert_eq!(stored, next);
    assert_eq!((stored.wait(), stored.past_attempts[0].status), (None, Status::Stopped));
}

#[tokio::test]
async fn a_redrive_that_read_a_waiting_record_before_its_next_try_began_changes_nothing() {
    let table = table(1).await;
    let (record, payload) = webhook(1, b"{}", 1);
    table.store.create(&record, payload, record.expires_at).await.unwrap();
    let step = (StepName::Process, &waits());
    table
        .store
        .note_wait(&record.token, &record.execution_name, "arn", step, NOW)
        .await
        .unwrap();
    let read = table.store.state(&record.token, NOW).await.unwrap().unwrap();
    let begins = Advance {
        to: Status::Validated,
        step: StepName::Validate,
        steps: Vec::new(),
        error: None,
        execution_arn: "arn".to_owned(),
        at: LATER,
    };
    table
        .store
        .advance(&record.token, &record.execution_name, &begins)
        .await
        .unwrap();
    let next = read
        .taken_over(LATER)
        .next_attempt(&"t".parse().unwrap(), LATER, read.expires_at);
    assert_eq!(table.store.replace(&read, &next).await.unwrap(), Replaced::Moved);
}
