//! Records and payloads that have expired: gone from their expiry on, whether the table has deleted them or not.

use tracehook_core::record::{ExecutionPrefix, Failure};
use tracehook_core::{Record, Timestamp};
use tracehook_store::{Created, Payload, Replaced};
use tracehook_test_support::table::{Fault, NOW, Table, table, webhook};

const PAYLOAD_WRITE: &str = r#""item":{"S":"payload#"#;

/// What the table has done with an expired item.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Ttl {
    /// It has deleted it.
    Deleted,
    /// It deletes it later.
    Lags,
}

/// The same delivery, received at `at`.
fn delivery(body: &[u8], request: u8, at: Timestamp) -> (Record, Payload) {
    let (record, payload) = webhook(1, body, request);
    let record = Record {
        created_at: at,
        attempt_started_at: at,
        last_updated: at,
        expires_at: Timestamp::from_epoch_ms(at.plus_days(35).epoch_seconds() * 1000),
        ..record
    };
    (record, payload)
}

async fn delete(table: &Table, token: impl ToString, item: &str) {
    let key = |text: String| aws_sdk_dynamodb::types::AttributeValue::S(text);
    let delete = table.client.delete_item().table_name("tracehook");
    let delete = delete.key("executionToken", key(token.to_string()));
    delete.key("item", key(item.to_owned())).send().await.unwrap();
}

fn payload_item(record: &Record) -> String {
    format!("payload#{}", hex::encode(record.payload_sha256))
}

#[tokio::test]
async fn a_delivery_after_the_expiry_is_new_and_one_before_it_is_a_duplicate() {
    for ttl in [Ttl::Deleted, Ttl::Lags] {
        for body in [&b"first"[..], b"another"] {
            let table = table(1).await;
            let (first, payload) = delivery(b"first", 1, NOW);
            let created = table.store.create(&first, payload, first.expires_at).await.unwrap();
            assert_eq!(created, Created::New);

            let just_before = Timestamp::from_epoch_ms(first.expires_at.epoch_ms() - 1);
            assert!(table.store.state(&first.token, just_before).await.unwrap().is_some());
            let (early, payload) = delivery(body, 2, just_before);
            let created = table.store.create(&early, payload, early.expires_at).await.unwrap();
            assert_ne!(created, Created::New, "{ttl:?}");

            assert_eq!(table.store.state(&first.token, first.expires_at).await.unwrap(), None);
            if ttl == Ttl::Deleted {
                delete(&table, first.token, "state").await;
                delete(&table, first.token, &payload_item(&first)).await;
            }
            let (late, payload) = delivery(body, 3, first.expires_at);
            let created = table
                .store
                .create(&late, payload.clone(), late.expires_at)
                .await
                .unwrap();
            assert_eq!(created, Created::New, "{ttl:?}");
            let stored = table.store.webhook(&late.token).await.unwrap();
            assert_eq!(stored, Some((late, Some(payload))), "{ttl:?}");
        }
    }
}

#[tokio::test]
async fn an_expired_payload_is_none_and_one_that_is_kept_longer_is_there() {
    let table = table(1).await;
    let (record, payload) = delivery(b"{}", 1, NOW);
    let expiry = Timestamp::from_epoch_ms(NOW.plus_days(7).epoch_seconds() * 1000);
    table.store.create(&record, payload, expiry).await.unwrap();
    let expiry_at = async |now| {
        let expiry = table.store.payload_expiry(&record, now).await.unwrap();
        expiry.map(|expiry| expiry.at)
    };
    assert_eq!(expiry_at(NOW).await, Some(expiry));
    assert_eq!(expiry_at(expiry).await, None, "it counts as gone although it is there");

    let longer = expiry.plus_days(1);
    assert!(table.store.keep_payload(&record, longer).await.unwrap());
    assert_eq!(expiry_at(expiry).await, Some(longer));

    delete(&table, record.token, &payload_item(&record)).await;
    assert_eq!(expiry_at(NOW).await, None);
    assert!(!table.store.keep_payload(&record, longer).await.unwrap());
}

#[tokio::test]
async fn a_reopened_webhook_has_its_payload_whatever_had_become_of_the_first_one() {
    let prefix: ExecutionPrefix = "t".parse().unwrap();
    for ttl in [Ttl::Deleted, Ttl::Lags] {
        let table = table(1).await;
        let (record, payload) = delivery(b"{}", 1, NOW);
        let at = NOW.plus_days(10);
        table
            .store
            .create(&record, payload.clone(), NOW.plus_days(7))
            .await
            .unwrap();
        let failed = fail(&table, &record).await;
        if ttl == Ttl::Deleted {
            delete(&table, record.token, &payload_item(&record)).await;
        }
        let (again, _) = delivery(b"{}", 2, at);
        let Created::Duplicate(old) = table
            .store
            .create(&again, payload.clone(), at.plus_days(7))
            .await
            .unwrap()
        else {
            panic!("{ttl:?}")
        };
        assert_eq!(*old, failed);
        let next = old.redelivered(&prefix, at, again.expires_at, 3).unwrap();

        // A half-done call changes nothing that anybody meets, and may be repeated.
        table.faults.next(PAYLOAD_WRITE, Fault::CallLost);
        let reopen = || {
            table
                .store
                .reopen(&old, &next, payload.clone(), at.plus_days(7), at.plus_days(2))
        };
        reopen().await.unwrap_err();
        assert_eq!(table.store.state(&record.token, at).await.unwrap(), Some(failed));
        assert_eq!(reopen().await.unwrap(), Replaced::Now);

        let stored = table.store.webhook(&record.token).await.unwrap();
        assert_eq!(stored, Some((next.clone(), Some(payload.clone()))));
        assert_eq!((next.attempt, next.redeliveries), (2, 1));
        assert!(
            table
                .store
                .payload_expiry(&next, at.plus_days(6))
                .await
                .unwrap()
                .is_some()
        );

        // Of two redeliveries at the same time one opens the attempt.
        let other = Record {
            last_updated: at.plus_days(1),
            ..next.clone()
        };
        let second = table
            .store
            .reopen(&old, &other, payload, at.plus_days(7), at.plus_days(2))
            .await
            .unwrap();
        assert_eq!(second, Replaced::Moved);
    }
}

/// Ends a record as failed, and returns it as it is stored.
async fn fail(table: &Table, record: &Record) -> Record {
    let failure = Failure {
        code: "c".to_owned(),
        message: "m".to_owned(),
    };
    let failed = record.failed(failure, NOW);
    assert_eq!(table.store.replace(record, &failed).await.unwrap(), Replaced::Now);
    failed
}

#[tokio::test]
async fn a_payload_knows_for_how_many_days_its_source_keeps_it() {
    let table = table(1).await;
    for (n, days) in [(1, None), (2, Some(30))] {
        let (record, payload) = webhook(n, b"{}", 1);
        let payload = Payload {
            retention_days: days,
            ..payload
        };
        table.store.create(&record, payload, NOW.plus_days(7)).await.unwrap();
        let expiry = table.store.payload_expiry(&record, NOW).await.unwrap().unwrap();
        assert_eq!(expiry.retention_days, days);
        let (_, payload) = table.store.webhook(&record.token).await.unwrap().unwrap();
        assert_eq!(payload.unwrap().retention_days, days);
    }
}
