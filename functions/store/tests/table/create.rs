//! The two writes of a new webhook, in every mix of success and failure.

use tracehook_core::record::Advance;
use tracehook_core::record::{Status, StepName};
use tracehook_store::Created;
use tracehook_test_support::table::{Fault, NOW, table, webhook};

const STATE_WRITE: &str = r#""item":{"S":"state"}"#;
const PAYLOAD_WRITE: &str = r#""item":{"S":"payload#"#;
const FAULTS: [Fault; 4] = [Fault::CallLost, Fault::AnswerLost, Fault::ServerError, Fault::Throttled];

#[tokio::test]
async fn a_new_webhook_is_read_back_as_it_was_written() {
    let table = table(1).await;
    let (record, payload) = webhook(1, b"{\"a\":1}", 1);
    assert_eq!(
        table.store.create(&record, payload.clone()).await.unwrap(),
        Created::New
    );
    assert_eq!(table.store.state(&record.token).await.unwrap().as_ref(), Some(&record));
    assert_eq!(
        table.store.webhook(&record.token).await.unwrap(),
        Some((record, Some(payload)))
    );
}

#[tokio::test]
async fn an_unknown_token_has_no_state() {
    let table = table(1).await;
    let (record, _) = webhook(1, b"{}", 1);
    assert_eq!(table.store.state(&record.token).await.unwrap(), None);
    assert_eq!(table.store.webhook(&record.token).await.unwrap(), None);
}

#[tokio::test]
async fn a_duplicate_gets_the_state_as_it_is_now() {
    let table = table(1).await;
    let (record, payload) = webhook(1, b"{}", 1);
    table.store.create(&record, payload.clone()).await.unwrap();
    let advance = Advance {
        to: Status::Validated,
        step: StepName::Validate,
        steps: Vec::new(),
        error: None,
        execution_arn: "arn".into(),
        at: NOW,
    };
    table
        .store
        .advance(&record.token, &record.execution_name, &advance)
        .await
        .unwrap();
    let (again, _) = webhook(1, b"{}", 2);
    let Created::Duplicate(existing) = table.store.create(&again, payload).await.unwrap() else {
        panic!()
    };
    assert_eq!(existing.status, Status::Validated);
    assert_eq!(existing.traceparent, record.traceparent);
}

#[tokio::test]
async fn another_body_under_the_same_delivery_is_a_conflict_and_the_first_stays() {
    let table = table(1).await;
    let (first, payload) = webhook(1, b"first", 1);
    table.store.create(&first, payload.clone()).await.unwrap();
    for body in [&b"a before it"[..], b"z after it"] {
        let (other, other_payload) = webhook(1, body, 2);
        assert_eq!(
            table.store.create(&other, other_payload).await.unwrap(),
            Created::Conflict
        );
    }
    // The conflicting payloads sort before and after the right one; the right one is found all the same.
    assert_eq!(
        table.store.webhook(&first.token).await.unwrap(),
        Some((first, Some(payload)))
    );
}

#[tokio::test]
async fn if_either_write_fails_nothing_is_promised_and_the_next_attempt_repairs_it() {
    let table = table(1).await;
    let mut delivery = 0;
    for on_state in [None].into_iter().chain(FAULTS.map(Some)) {
        for on_payload in [None].into_iter().chain(FAULTS.map(Some)) {
            delivery += 1;
            let case = format!("state {on_state:?}, payload {on_payload:?}");
            let (record, payload) = webhook(delivery, b"{}", 1);
            for (text, fault) in [(STATE_WRITE, on_state), (PAYLOAD_WRITE, on_payload)] {
                if let Some(fault) = fault {
                    table.faults.next(text, fault);
                }
            }
            let first = table.store.create(&record, payload.clone()).await;
            assert!(table.faults.all_happened(), "{case}");
            if on_state.is_none() && on_payload.is_none() {
                assert_eq!(first.unwrap(), Created::New);
                continue;
            }
            assert!(first.unwrap_err().is_transient(), "{case}");
            // The producer tries again: another request, the same delivery.
            let (again, payload) = webhook(delivery, b"{}", 2);
            let state_was_written = matches!(on_state, None | Some(Fault::AnswerLost));
            match table.store.create(&again, payload.clone()).await.unwrap() {
                Created::New => assert!(!state_was_written, "{case}"),
                Created::Duplicate(old) => {
                    assert!(state_was_written, "{case}");
                    assert_eq!(old.status, Status::Received);
                }
                Created::Conflict => panic!("{case}"),
            }
            let (_, stored) = table.store.webhook(&record.token).await.unwrap().unwrap();
            assert_eq!(stored, Some(payload), "{case}");
        }
    }
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_is_not_taken_for_a_duplicate_when_it_is_tried_again() {
    let table = table(3).await;
    let (record, payload) = webhook(1, b"{}", 1);
    table.faults.next(STATE_WRITE, Fault::AnswerLost);
    assert_eq!(table.store.create(&record, payload).await.unwrap(), Created::New);
    assert!(table.faults.all_happened());
}

#[tokio::test]
async fn a_state_without_its_payload_is_told() {
    let table = table(1).await;
    let (record, payload) = webhook(1, b"{}", 1);
    table.faults.next(PAYLOAD_WRITE, Fault::CallLost);
    table.store.create(&record, payload).await.unwrap_err();
    assert_eq!(table.store.webhook(&record.token).await.unwrap(), Some((record, None)));
}
