//! The two writes of a new webhook, and their failures.

use aws_sdk_dynamodb::types::AttributeValue;
use tracehook_core::Timestamp;
use tracehook_core::body::{BodyForm, Coding};
use tracehook_core::record::{Advance, Status, StepName};
use tracehook_store::{Created, Payload};
use tracehook_test_support::table::{Fault, NOW, table, webhook};

const STATE_WRITE: &str = r#""payloadSha256":"#;
const PAYLOAD_WRITE: &str = r#""item":{"S":"payload#"#;
const FAULTS: [Fault; 4] = [Fault::CallLost, Fault::AnswerLost, Fault::ServerError, Fault::Throttled];

#[tokio::test]
async fn a_new_webhook_is_read_back_as_it_was_written() {
    let table = table(1).await;
    for (delivery, coding, form) in [
        (1, None, BodyForm::Json),
        (2, Some(Coding::Gzip), BodyForm::Field("payload".to_owned())),
    ] {
        let (record, payload) = webhook(delivery, b"{\"a\":1}", 1);
        let payload = Payload {
            coding,
            form,
            ..payload
        };
        assert_eq!(
            table
                .store
                .create(&record, payload.clone(), record.expires_at)
                .await
                .unwrap(),
            Created::New
        );
        assert_eq!(
            table.store.state(&record.token, NOW).await.unwrap().as_ref(),
            Some(&record)
        );
        assert_eq!(
            table.store.webhook(&record.token).await.unwrap(),
            Some((record, Some(payload)))
        );
    }
}

#[tokio::test]
async fn an_unknown_token_has_no_state() {
    let table = table(1).await;
    let (record, _) = webhook(1, b"{}", 1);
    assert_eq!(table.store.state(&record.token, NOW).await.unwrap(), None);
    assert_eq!(table.store.webhook(&record.token).await.unwrap(), None);
}

#[tokio::test]
async fn a_duplicate_gets_the_state_as_it_is_now() {
    let table = table(1).await;
    let (record, payload) = webhook(1, b"{}", 1);
    table
        .store
        .create(&record, payload.clone(), record.expires_at)
        .await
        .unwrap();
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
    let Created::Duplicate(existing) = table.store.create(&again, payload, again.expires_at).await.unwrap() else {
        panic!()
    };
    assert_eq!(existing.status, Status::Validated);
    assert_eq!(existing.traceparent, record.traceparent);
}

#[tokio::test]
async fn nothing_of_a_duplicate_or_a_conflict_is_written() {
    let table = table(1).await;
    let (record, payload) = webhook(1, b"{}", 1);
    table
        .store
        .create(&record, payload.clone(), record.expires_at)
        .await
        .unwrap();
    let items = async || table.client.scan().table_name("tracehook").send().await.unwrap().items;
    let before = items().await;
    let (mut again, _) = webhook(1, b"{}", 2);
    again.expires_at = again.expires_at.plus_days(30);
    let other_type = Payload {
        content_type: Some("text/plain".to_owned()),
        coding: Some(Coding::Gzip),
        headers: std::collections::BTreeMap::new(),
        ..payload
    };
    let created = table.store.create(&again, other_type, again.expires_at).await.unwrap();
    assert!(matches!(created, Created::Duplicate(_)), "{created:?}");
    let (other, other_body) = webhook(1, b"[2]", 2);
    let created = table.store.create(&other, other_body, other.expires_at).await.unwrap();
    assert!(matches!(created, Created::Conflict(_)), "{created:?}");
    assert_eq!(items().await, before);
    // A conflict is counted when it is noted, and moves nothing.
    table.store.note_conflict(&record.token).await.unwrap();
    table.store.note_conflict(&record.token).await.unwrap();
    let noted = table.store.state(&record.token, record.created_at).await.unwrap();
    assert_eq!(noted, Some(tracehook_core::Record { conflicts: 2, ..record }));
    let (unknown, _) = webhook(9, b"{}", 1);
    assert!(table.store.note_conflict(&unknown.token).await.is_err());
    assert_eq!(
        items().await.unwrap_or_default().len(),
        before.unwrap_or_default().len()
    );
}

/// The delivery with another content type and other kept headers, which nobody signed.
fn altered(payload: &Payload) -> Payload {
    Payload {
        content_type: Some("text/plain".to_owned()),
        headers: [("x-try".to_owned(), "2".to_owned())].into(),
        ..payload.clone()
    }
}

#[tokio::test]
async fn of_deliveries_at_the_same_time_the_first_payload_stays() {
    let table = table(1).await;
    // From one payload write to the other, whichever of them writes the state.
    for (delivery, later_seconds) in [(1, 0), (2, 1), (3, 29), (4, -1)] {
        let (first, payload) = webhook(delivery, b"{}", 1);
        // The first delivery has written its payload, and not yet its state.
        table.faults.next(STATE_WRITE, Fault::CallLost);
        let expires_at = first.expires_at;
        table
            .store
            .create(&first, payload.clone(), expires_at)
            .await
            .unwrap_err();
        let (second, _) = webhook(delivery, b"{}", 2);
        let later = Timestamp::from_epoch_ms(expires_at.epoch_ms() + later_seconds * 1000);
        let created = table.store.create(&second, altered(&payload), later).await.unwrap();
        assert_eq!(created, Created::New);
        let stored = table.store.webhook(&second.token).await.unwrap();
        assert_eq!(stored, Some((second, Some(payload))), "{later_seconds}");
    }
}

#[tokio::test]
async fn deliveries_at_the_same_time_give_one_webhook_with_the_payload_of_one_of_them() {
    let table = table(1).await;
    for delivery in 1..=30 {
        let (one, payload) = webhook(delivery, b"{}", 1);
        let (other, other_payload) = (webhook(delivery, b"{}", 2).0, altered(&payload));
        let first_stored = async {
            loop {
                if let Some((_, Some(payload))) = table.store.webhook(&one.token).await.unwrap() {
                    break payload;
                }
            }
        };
        let (created, other_created, first) = tokio::join!(
            table.store.create(&one, payload, one.expires_at),
            table.store.create(&other, other_payload, other.expires_at),
            first_stored,
        );
        let new = [created.unwrap(), other_created.unwrap()];
        assert_eq!(new.iter().filter(|created| **created == Created::New).count(), 1);
        let stored = table.store.webhook(&one.token).await.unwrap().unwrap();
        assert_eq!(stored.1, Some(first), "nothing changes once it is stored");
    }
}

#[tokio::test]
async fn a_payload_that_a_failed_delivery_left_long_ago_is_replaced() {
    let table = table(1).await;
    let (first, payload) = webhook(1, b"{}", 1);
    table.faults.next(STATE_WRITE, Fault::CallLost);
    table
        .store
        .create(&first, altered(&payload), first.expires_at)
        .await
        .unwrap_err();
    let (again, _) = webhook(1, b"{}", 2);
    let later = Timestamp::from_epoch_ms(first.expires_at.epoch_ms() + 61_000);
    table.store.create(&again, payload.clone(), later).await.unwrap();
    let stored = table.store.webhook(&again.token).await.unwrap();
    assert_eq!(stored, Some((again, Some(payload))));
}

#[tokio::test]
async fn another_body_under_the_same_delivery_is_a_conflict_and_the_first_stays() {
    let table = table(1).await;
    let (first, payload) = webhook(1, b"first", 1);
    table
        .store
        .create(&first, payload.clone(), first.expires_at)
        .await
        .unwrap();
    for body in [&b"a before it"[..], b"z after it"] {
        let (other, other_payload) = webhook(1, body, 2);
        let created = table
            .store
            .create(&other, other_payload, other.expires_at)
            .await
            .unwrap();
        assert_eq!(created, Created::Conflict(Box::new(first.clone())));
    }
    // The conflicting payloads sort before and after the right one; the right one is found all the same.
    assert_eq!(
        table.store.webhook(&first.token).await.unwrap(),
        Some((first, Some(payload)))
    );
}

/// The next delivery of the producer after a 503.
#[derive(Debug, Clone, Copy)]
enum Next {
    Same,
    ChangedBody,
}

#[tokio::test]
async fn a_failed_write_leaves_no_state_without_its_payload_and_hinders_no_later_delivery() {
    let table = table(1).await;
    let mut delivery = 0;
    for write in [PAYLOAD_WRITE, STATE_WRITE] {
        for fault in FAULTS {
            for next in [Next::Same, Next::ChangedBody] {
                delivery += 1;
                let case = format!("{write} {fault:?}, then {next:?}");
                let (record, payload) = webhook(delivery, b"{}", 1);
                table.faults.next(write, fault);
                let first = table.store.create(&record, payload.clone(), record.expires_at).await;
                assert!(first.unwrap_err().is_transient(), "{case}");
                assert!(table.faults.all_happened(), "{case}");
                // Only the table did the write of the state, and its answer was lost.
                let is_stored = write == STATE_WRITE && fault == Fault::AnswerLost;
                let left = table.store.webhook(&record.token).await.unwrap();
                assert_eq!(left, is_stored.then_some((record, Some(payload))), "{case}");

                let body: &[u8] = if matches!(next, Next::Same) { b"{}" } else { b"[2]" };
                let (again, payload) = webhook(delivery, body, 2);
                let created = table
                    .store
                    .create(&again, payload.clone(), again.expires_at)
                    .await
                    .unwrap();
                match (is_stored, next) {
                    (false, _) => {
                        assert_eq!(created, Created::New, "{case}");
                        let stored = table.store.webhook(&again.token).await.unwrap();
                        assert_eq!(stored, Some((again, Some(payload))), "{case}");
                    }
                    (true, Next::Same) => assert!(matches!(created, Created::Duplicate(_)), "{case}"),
                    (true, Next::ChangedBody) => assert!(matches!(created, Created::Conflict(_)), "{case}"),
                }
            }
        }
    }
}

#[tokio::test]
async fn a_payload_that_a_failed_delivery_left_is_kept_for_as_long_as_the_state() {
    let table = table(1).await;
    for (delivery, later_seconds) in [(1, 3600), (2, 0), (3, -3600)] {
        let (first, payload) = webhook(delivery, b"{}", 1);
        table.faults.next(STATE_WRITE, Fault::CallLost);
        table
            .store
            .create(&first, payload.clone(), first.expires_at)
            .await
            .unwrap_err();
        let (mut again, _) = webhook(delivery, b"{}", 2);
        again.expires_at = Timestamp::from_epoch_ms(first.expires_at.epoch_ms() + later_seconds * 1000);
        assert_eq!(
            table.store.create(&again, payload, again.expires_at).await.unwrap(),
            Created::New
        );
        let items = table.client.scan().table_name("tracehook").send().await.unwrap();
        let token = AttributeValue::S(again.token.to_string());
        let expiries: Vec<i64> = items
            .items()
            .iter()
            .filter(|item| item["executionToken"] == token)
            .map(|item| item["ttl"].as_n().unwrap().parse().unwrap())
            .collect();
        let state = again.expires_at.epoch_seconds();
        assert_eq!(expiries.len(), 2);
        assert!(expiries.iter().all(|expiry| *expiry >= state), "{expiries:?} {state}");
    }
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_is_not_taken_for_a_duplicate_when_it_is_tried_again() {
    let table = table(3).await;
    let (record, payload) = webhook(1, b"{}", 1);
    table.faults.next(STATE_WRITE, Fault::AnswerLost);
    assert_eq!(
        table.store.create(&record, payload, record.expires_at).await.unwrap(),
        Created::New
    );
    assert!(table.faults.all_happened());
}
