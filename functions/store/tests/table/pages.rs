//! Reads of many records: the index of open ones, the sweep's place in it, the scan for failed ones.

use std::collections::BTreeSet;

use tracehook_core::Timestamp;
use tracehook_core::record::{ExecutionId, ExecutionState, Record};
use tracehook_store::{FailedFilter, OPEN_SHARDS, OpenEntry, ScanCursor, open_shard};
use tracehook_test_support::table::{NOW, Table, table, webhook};

async fn stored(table: &Table, delivery: u8) -> Record {
    let (record, payload) = webhook(delivery, b"{}", 1);
    table.store.create(&record, payload, record.expires_at).await.unwrap();
    record
}

async fn fail(table: &Table, record: &Record, at: Timestamp) {
    let id = ExecutionId {
        name: &record.execution_name,
        arn: "arn",
        started_at: None,
    };
    let failed = ExecutionState::Failed.closing().unwrap();
    table.store.close(&record.token, id, &failed, at).await.unwrap();
}

#[tokio::test]
async fn every_open_record_is_in_one_shard_and_pages_leave_none_out() {
    let table = table(1).await;
    let mut expected = BTreeSet::new();
    for delivery in 0..100 {
        expected.insert(stored(&table, delivery).await.token);
    }
    let mut found = BTreeSet::new();
    for shard in OPEN_SHARDS {
        let mut after = None;
        loop {
            let (page, more) = table.store.open_page(shard, NOW, after, 3).await.unwrap();
            for entry in &page {
                assert_eq!(open_shard(&entry.token), shard);
                assert!(found.insert(entry.token), "given twice");
            }
            after = page.last().copied();
            if !more {
                break;
            }
        }
    }
    assert_eq!(found, expected);
}

#[tokio::test]
async fn the_cursor_of_sweeps_is_moved_from_where_it_is_and_by_one_of_them() {
    let table = table(1).await;
    assert_eq!(table.store.sweep_cursor().await.unwrap(), None);
    let place = |delivery| {
        Some(OpenEntry {
            token: webhook(delivery, b"{}", 1).0.token,
            since: NOW,
        })
    };
    let moved = async |from, to| table.store.move_sweep_cursor(from, to, NOW).await.unwrap();
    assert!(moved(None, place(1)).await);
    assert!(!moved(None, place(2)).await, "another sweep has begun the round");
    assert!(moved(place(1), place(2)).await);
    assert!(!moved(place(1), place(3)).await, "another sweep has these records");
    assert!(!moved(place(1), None).await, "another sweep is still at work");
    assert_eq!(table.store.sweep_cursor().await.unwrap(), place(2));
    assert!(moved(place(2), None).await);
    assert_eq!(table.store.sweep_cursor().await.unwrap(), None);
}

#[tokio::test]
async fn the_scan_finds_what_failed_of_the_source_in_the_time_and_can_be_continued_anywhere() {
    let table = table(1).await;
    let at = |ms: i64| Timestamp::from_epoch_ms(NOW.epoch_ms() + ms);
    let mut expected = BTreeSet::new();
    for delivery in 0..40 {
        let record = stored(&table, delivery).await;
        match delivery % 4 {
            0 => {}
            1 => fail(&table, &record, at(-1)).await,
            2 => fail(&table, &record, at(10)).await,
            _ => {
                fail(&table, &record, at(i64::from(delivery % 3))).await;
                expected.insert(record.token);
            }
        }
    }
    let filter = |source: &str| FailedFilter {
        source: source.parse().unwrap(),
        since: at(0),
        until: at(10),
        waiting: false,
    };
    let mut found = BTreeSet::new();
    let mut cursor: Option<ScanCursor> = None;
    loop {
        let (page, next) = table
            .store
            .failed_page(&filter("github"), cursor.as_ref(), Some(7))
            .await
            .unwrap();
        found.extend(page.iter().map(|record| record.token));
        let Some(next) = next else { break };
        // An operator passes the cursor back as text.
        cursor = Some(next.to_string().parse().unwrap());
    }
    assert_eq!(found, expected);
    let (all, _) = table.store.failed_page(&filter("github"), None, None).await.unwrap();
    let behind = ScanCursor::behind(&all[0]);
    let (rest, _) = table
        .store
        .failed_page(&filter("github"), Some(&behind), None)
        .await
        .unwrap();
    assert_eq!(rest, all[1..]);
    assert!(
        table
            .store
            .failed_page(&filter("shop"), None, None)
            .await
            .unwrap()
            .0
            .is_empty()
    );
    assert!("no-slash".parse::<ScanCursor>().is_err());
}
