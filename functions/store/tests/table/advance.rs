//! Updates of a record against a real table: forward only, by the right execution, once.

use tracehook_core::record::{Advance, Failure, Record, Refusal, Status, StepName, StepRecord, StepStatus};
use tracehook_store::Advanced;
use tracehook_test_support::table::{Fault, NOW, Table, path_to, table, webhook};

fn to(status: Status) -> Advance {
    let step = match status {
        Status::Received | Status::Validated => StepName::Validate,
        Status::Processing => StepName::Process,
        _ => StepName::Finalize,
    };
    let done = StepRecord {
        wait: None,
        status: StepStatus::Completed,
        tries: 2,
        interrupted: 1,
        started_at: NOW,
        completed_at: Some(NOW),
    };
    Advance {
        to: status,
        step,
        steps: vec![(step, done)],
        error: (status == Status::Failed).then(|| Failure {
            code: "c".into(),
            message: "m".into(),
        }),
        execution_arn: "arn".into(),
        at: NOW,
    }
}

/// A record at a status, brought there by the updates that lead to it.
async fn at(table: &Table, delivery: u8, status: Status) -> Record {
    let (record, payload) = webhook(delivery, b"{}", 1);
    table.store.create(&record, payload, record.expires_at).await.unwrap();
    for next in path_to(status) {
        let met = table
            .store
            .advance(&record.token, &record.execution_name, &to(next))
            .await
            .unwrap();
        assert!(matches!(met, Advanced::Moved(_)), "{met:?}");
    }
    let stored = table.store.state(&record.token, NOW).await.unwrap().unwrap();
    assert_eq!(stored.status, status);
    stored
}

#[tokio::test]
async fn the_table_allows_the_moves_of_the_model_and_refuses_all_others_unchanged() {
    let table = table(1).await;
    let mut delivery = 0;
    for from in Status::ALL {
        for next in Status::ALL.into_iter().filter(|status| *status != Status::Received) {
            delivery += 1;
            let before = at(&table, delivery, from).await;
            let met = table
                .store
                .advance(&before.token, &before.execution_name, &to(next))
                .await
                .unwrap();
            let after = table.store.state(&before.token, NOW).await.unwrap().unwrap();
            if from.may_become(next) {
                let returned = next.is_terminal().then(|| Box::new(after.clone()));
                assert_eq!(
                    (met, after.status),
                    (Advanced::Moved(returned), next),
                    "{from} -> {next}"
                );
            } else {
                let Advanced::Refused(_, refusing) = met else {
                    panic!("{from} -> {next}: {met:?}")
                };
                assert_eq!(*refusing, before, "{from} -> {next}");
                assert_eq!(after, before, "{from} -> {next}");
            }
            assert_eq!(after.created_at, before.created_at);
        }
    }
}

#[tokio::test]
async fn a_refusal_says_whether_the_execution_may_go_on() {
    let table = table(1).await;
    for (delivery, from, next, expected) in [
        (1, Status::Processing, Status::Validated, Refusal::Ahead),
        (2, Status::Completed, Status::Processing, Refusal::Ahead),
        (3, Status::Completed, Status::Completed, Refusal::Ahead),
        (4, Status::Failed, Status::Failed, Refusal::Ahead),
        (5, Status::Failed, Status::Completed, Refusal::Superseded),
        (6, Status::TimedOut, Status::Processing, Refusal::Superseded),
        (7, Status::Completed, Status::Failed, Refusal::Superseded),
        (8, Status::Received, Status::Completed, Refusal::Behind),
    ] {
        let record = at(&table, delivery, from).await;
        let met = table
            .store
            .advance(&record.token, &record.execution_name, &to(next))
            .await
            .unwrap();
        assert_eq!(met, Advanced::Refused(expected, Box::new(record)), "{from} -> {next}");
    }
}

#[tokio::test]
async fn another_execution_moves_nothing() {
    let table = table(1).await;
    let record = at(&table, 1, Status::Validated).await;
    let met = table
        .store
        .advance(&record.token, "another", &to(Status::Processing))
        .await
        .unwrap();
    assert_eq!(met, Advanced::Refused(Refusal::Superseded, Box::new(record.clone())));
    assert_eq!(table.store.state(&record.token, NOW).await.unwrap(), Some(record));
}

#[tokio::test]
async fn an_unknown_webhook_cannot_move() {
    let table = table(1).await;
    let (record, _) = webhook(1, b"{}", 1);
    let met = table
        .store
        .advance(&record.token, &record.execution_name, &to(Status::Validated))
        .await
        .unwrap();
    assert_eq!(met, Advanced::Unknown);
}

#[tokio::test]
async fn the_last_move_repeated_after_a_lost_answer_is_already_done() {
    let table = table(3).await;
    let last = Status::Completed.predecessors().last().unwrap();
    let record = at(&table, 1, last).await;
    table.faults.next("UpdateExpression", Fault::AnswerLost);
    let met = table
        .store
        .advance(&record.token, &record.execution_name, &to(Status::Completed))
        .await
        .unwrap();
    assert!(table.faults.all_happened());
    let stored = table.store.state(&record.token, NOW).await.unwrap().unwrap();
    assert_eq!(stored.status, Status::Completed);
    assert_eq!(met, Advanced::Refused(Refusal::Ahead, Box::new(stored)));
}

#[tokio::test]
async fn only_open_webhooks_are_in_the_index() {
    let table = table(1).await;
    let mut expected = 0;
    for (delivery, status) in (1..).zip(Status::ALL) {
        at(&table, delivery, status).await;
        expected += i32::from(!status.is_terminal());
    }
    let open = table
        .client
        .scan()
        .table_name("tracehook")
        .index_name("open")
        .send()
        .await
        .unwrap();
    assert_eq!(open.count, expected);
    assert!(expected > 0);
}
