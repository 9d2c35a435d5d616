//! Payloads above the threshold, against a real table and a real bucket.

use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use tracehook_store::{Created, Payload, Store, StoreError};
use tracehook_test_support::table::{Bucket, Fault, Table, large_webhook, table};

const INLINE: usize = 32 * 1024;

const OBJECT_WRITE: &str = "PUT\n";
const OBJECT_READ: &str = "GET\n";
const PAYLOAD_WRITE: &str = r#""item":{"S":"payload#"#;
const STATE_WRITE: &str = r#""payloadSha256":"#;

#[derive(Debug)]
struct Nothing;

impl Intercept for Nothing {
    fn name(&self) -> &'static str {
        "Nothing"
    }
}

/// A table, a bucket, and a store of both whose calls are tried `tries` times.
async fn both(tries: u32) -> (Table, Bucket, Store) {
    let (table, bucket) = (table(tries).await, Bucket::start().await);
    let objects = bucket.objects(&table, tries, Nothing);
    let store = table
        .store
        .clone()
        .with_objects(Some(objects))
        .with_inline_bytes(INLINE);
    (table, bucket, store)
}

/// The payload's item.
async fn item(table: &Table, token: &str) -> std::collections::HashMap<String, AttributeValue> {
    let items = table.client.scan().table_name("tracehook").send().await.unwrap();
    let of = |item: &&std::collections::HashMap<String, AttributeValue>| {
        let text = |name: &str| item[name].as_s().unwrap().as_str();
        text("executionToken") == token && text("item").starts_with("payload#")
    };
    items.items().iter().find(of).unwrap().clone()
}

#[tokio::test]
async fn a_payload_above_the_threshold_is_an_object_that_its_item_names_and_others_stay_inline() {
    let (table, bucket, store) = both(1).await;
    for (delivery, bytes, is_object) in [(1, INLINE, false), (2, INLINE + 1, true), (3, 4_669_440, true)] {
        let (record, payload) = large_webhook(delivery, bytes, 1);
        let before = bucket.files().len();
        assert_eq!(
            store.create(&record, payload.clone(), record.expires_at).await.unwrap(),
            Created::New
        );
        assert_eq!(bucket.files().len() - before, usize::from(is_object), "{bytes}");
        let item = item(&table, &record.token.to_string()).await;
        assert_eq!(item.contains_key("body"), !is_object, "{bytes}");
        let key = format!("payloads/{}/{}", record.token, hex::encode(record.payload_sha256));
        assert_eq!(
            item.get("objectKey"),
            is_object.then_some(&AttributeValue::S(key)),
            "{bytes}"
        );
        assert_eq!(item["contentType"], AttributeValue::S("application/json".into()));
        assert_eq!(
            store.webhook(&record.token).await.unwrap(),
            Some((record, Some(payload)))
        );
    }
}

#[tokio::test]
async fn a_store_without_a_bucket_keeps_everything_in_the_table() {
    let table = table(1).await;
    let (record, payload) = large_webhook(1, 350 * 1024, 1);
    let store = table.store.clone().with_objects(None).with_inline_bytes(INLINE);
    store.create(&record, payload.clone(), record.expires_at).await.unwrap();
    assert_eq!(
        store.webhook(&record.token).await.unwrap(),
        Some((record, Some(payload)))
    );
}

#[tokio::test]
async fn an_object_of_a_store_that_has_no_bucket_any_more_is_refused_and_not_expired() {
    let (table, _bucket, store) = both(1).await;
    let (record, payload) = large_webhook(1, INLINE + 1, 1);
    store.create(&record, payload, record.expires_at).await.unwrap();
    let read = table.store.webhook(&record.token).await;
    assert_eq!(
        read.unwrap_err(),
        StoreError::Refused("no bucket is configured".to_owned())
    );
}

#[tokio::test]
async fn the_same_delivery_with_the_same_body_is_a_duplicate_and_one_object() {
    let (_table, bucket, store) = both(1).await;
    let (record, payload) = large_webhook(1, INLINE + 1, 1);
    store.create(&record, payload.clone(), record.expires_at).await.unwrap();
    let (again, _) = large_webhook(1, INLINE + 1, 2);
    let created = store.create(&again, payload, again.expires_at).await.unwrap();
    assert!(matches!(created, Created::Duplicate(_)), "{created:?}");
    assert_eq!(bucket.files().len(), 1);
}

#[tokio::test]
async fn a_write_that_fails_leaves_nothing_that_a_reader_meets_and_hinders_no_later_delivery() {
    let (table, _bucket, store) = both(1).await;
    let mut delivery = 0;
    for write in [OBJECT_WRITE, PAYLOAD_WRITE, STATE_WRITE] {
        for fault in [Fault::CallLost, Fault::AnswerLost, Fault::ServerError, Fault::Throttled] {
            delivery += 1;
            let case = format!("{write:?} {fault:?}");
            let (record, payload) = large_webhook(delivery, INLINE + 1, 1);
            table.faults.next(write, fault);
            let first = store.create(&record, payload.clone(), record.expires_at).await;
            assert!(first.unwrap_err().is_transient(), "{case}");
            assert!(table.faults.all_happened(), "{case}");
            let is_stored = write == STATE_WRITE && fault == Fault::AnswerLost;
            let left = store.webhook(&record.token).await.unwrap();
            assert_eq!(left.is_some(), is_stored, "{case}");
            let (again, _) = large_webhook(delivery, INLINE + 1, 2);
            let created = store.create(&again, payload.clone(), again.expires_at).await.unwrap();
            assert_eq!(
                matches!(created, Created::Duplicate(_)),
                is_stored,
                "{case}: {created:?}"
            );
            let (_, read) = store.webhook(&again.token).await.unwrap().unwrap();
            assert_eq!(read, Some(payload), "{case}");
        }
    }
}

#[tokio::test]
async fn the_object_is_there_before_the_item_that_names_it() {
    let (table, bucket, store) = both(1).await;
    let (record, payload) = large_webhook(1, INLINE + 1, 1);
    table.faults.next(PAYLOAD_WRITE, Fault::CallLost);
    store
        .create(&record, payload.clone(), record.expires_at)
        .await
        .unwrap_err();
    assert_eq!(bucket.files().len(), 1);
    table.faults.next(OBJECT_WRITE, Fault::CallLost);
    let (other, _) = large_webhook(2, INLINE + 1, 1);
    store.create(&other, payload, other.expires_at).await.unwrap_err();
    assert_eq!(
        table.client.scan().table_name("tracehook").send().await.unwrap().count,
        0
    );
}

#[tokio::test]
async fn an_object_that_was_changed_is_damaged_and_one_that_is_gone_has_expired() {
    let (_table, bucket, store) = both(1).await;
    let (record, payload) = large_webhook(1, INLINE + 1, 1);
    store.create(&record, payload.clone(), record.expires_at).await.unwrap();
    let [file] = &bucket.files()[..] else { panic!() };
    for (changed, what) in [
        ([&payload.body[1..], b"x"].concat(), "another byte"),
        (payload.body[1..].to_vec(), "a byte less"),
        ([&payload.body[..], b"x"].concat(), "a byte more"),
    ] {
        std::fs::write(file, changed).unwrap();
        let read = store.webhook(&record.token).await;
        assert_eq!(read.unwrap_err(), StoreError::Damaged, "{what}");
    }
    std::fs::remove_file(file).unwrap();
    assert_eq!(store.webhook(&record.token).await.unwrap(), Some((record, None)));
}

#[tokio::test]
async fn a_bucket_that_cannot_be_read_is_an_error_and_no_expiry() {
    let (table, _bucket, store) = both(1).await;
    let (record, payload) = large_webhook(1, INLINE + 1, 1);
    store.create(&record, payload, record.expires_at).await.unwrap();
    for fault in [Fault::CallLost, Fault::AnswerLost, Fault::ServerError, Fault::Throttled] {
        table.faults.next(OBJECT_READ, fault);
        let read = store.webhook(&record.token).await;
        assert!(read.unwrap_err().is_transient(), "{fault:?}");
    }
}

#[tokio::test]
async fn a_payload_is_kept_with_its_object_and_a_missing_object_is_told() {
    let (table, bucket, store) = both(3).await;
    let (mut record, payload) = large_webhook(1, INLINE + 1, 1);
    store.create(&record, payload.clone(), record.expires_at).await.unwrap();
    let [file] = &bucket.files()[..] else { panic!() };
    let long_ago = std::time::SystemTime::UNIX_EPOCH;
    let set = std::fs::File::options().write(true).open(file).unwrap();
    set.set_modified(long_ago).unwrap();
    record.expires_at = record.expires_at.plus_days(7);
    table.faults.next("PUT\n", Fault::AnswerLost);
    assert!(store.keep_payload(&record, record.expires_at).await.unwrap());
    assert!(table.faults.all_happened());
    assert_ne!(
        std::fs::metadata(file).unwrap().modified().unwrap(),
        long_ago,
        "the object is young again"
    );
    let ttl = AttributeValue::N(record.expires_at.epoch_seconds().to_string());
    assert_eq!(item(&table, &record.token.to_string()).await["ttl"], ttl);
    assert_eq!(store.webhook(&record.token).await.unwrap().unwrap().1, Some(payload));
    std::fs::remove_file(file).unwrap();
    assert!(!store.keep_payload(&record, record.expires_at).await.unwrap());
}

#[tokio::test]
async fn a_payload_says_its_size_and_not_its_bytes() {
    let payload = Payload {
        body: vec![7; INLINE].into(),
        content_type: None,
        coding: None,
        form: tracehook_core::body::BodyForm::Json,
        headers: std::collections::BTreeMap::new(),
        retention_days: None,
    };
    assert_eq!(format!("{payload:?}"), format!("Payload({INLINE} bytes)"));
}
