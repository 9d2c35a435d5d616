//! Each list of IAM actions equals the calls of its method.

use aws_sdk_dynamodb::Client;
use tracehook_core::ConfigurationHash;
use tracehook_core::record::{Advance, Closing, ExecutionId, LateStart, Status, StepName, StepRecord, StepStatus};
use tracehook_store::{FailedFilter, OPEN_SHARDS, OpenEntry, Store, actions};
use tracehook_test_support::calls::Sent;
use tracehook_test_support::table::{Bucket, NOW, large_webhook, table, webhook};

use crate::configuration::deploy;

#[tokio::test]
async fn each_list_of_actions_is_what_its_method_sends() {
    let table = table(1).await;
    let sent = Sent::default();
    let config = table.client.config().to_builder().interceptor(sent.clone());
    let bucket = Bucket::start().await;
    let objects = bucket.objects(&table, 1, sent.clone());
    let store = Store::new(Client::from_conf(config.build()), "tracehook")
        .with_objects(Some(objects))
        .with_inline_bytes(1);
    let (record, payload) = large_webhook(1, 2, 1);
    let token = record.token;

    store.create(&record, payload.clone(), record.expires_at).await.unwrap();
    store.create(&record, payload, record.expires_at).await.unwrap();
    assert_eq!(sent.take(), actions::CREATE);

    store.state(&token, NOW).await.unwrap();
    assert_eq!(sent.take(), actions::STATE);

    // A delivery that came at the same time as the first, and read the state before it was there, leaves a payload that the
    // query returns in place of the record's own. One without an identity reads no state.
    let (mut conflicting, other_payload) = webhook(1, b"\xff", 2);
    conflicting.delivery_id = None;
    store
        .create(&conflicting, other_payload, conflicting.expires_at)
        .await
        .unwrap();
    let _ = sent.take();
    store.webhook(&token).await.unwrap();
    assert_eq!(sent.take(), actions::WEBHOOK);

    store.payload_expiry(&record, NOW).await.unwrap();
    assert_eq!(sent.take(), actions::PAYLOAD_EXPIRY);

    // The deployment's item, and then the one that is kept.
    let hash = ConfigurationHash::of("{}");
    deploy(&table.client, &hash, "{}").await;
    store.configuration(&hash).await.unwrap();
    assert_eq!(sent.take(), actions::CONFIGURATION);

    store.note_conflict(&token).await.unwrap();
    assert_eq!(sent.take(), actions::NOTE_CONFLICT);

    store.note_start(&record, LateStart::Deferred).await.unwrap();
    assert_eq!(sent.take(), actions::NOTE_START);

    let advance = Advance {
        to: Status::Validated,
        step: StepName::Validate,
        steps: Vec::new(),
        error: None,
        execution_arn: "arn".to_owned(),
        at: NOW,
    };
    store.advance(&token, &record.execution_name, &advance).await.unwrap();
    assert_eq!(sent.take(), actions::ADVANCE);

    let id = ExecutionId {
        name: &record.execution_name,
        arn: "arn",
        started_at: None,
    };
    store.close(&token, id, &Closing::lost(), NOW).await.unwrap();
    assert_eq!(sent.take(), actions::CLOSE);

    store.replace(&record, &record).await.unwrap();
    assert_eq!(sent.take(), actions::REPLACE);

    store.keep_payload(&record, record.expires_at).await.unwrap();
    assert_eq!(sent.take(), actions::KEEP_PAYLOAD);

    let (_, payload) = large_webhook(1, 2, 1);
    store.reopen(&record, &record, payload, NOW, NOW).await.unwrap();
    assert_eq!(sent.take(), actions::REOPEN);

    let entry = StepRecord {
        status: StepStatus::Waiting,
        tries: 1,
        interrupted: 0,
        started_at: NOW,
        completed_at: None,
        wait: None,
    };
    let step = (StepName::Process, &entry);
    store
        .note_wait(&token, &record.execution_name, "arn", step, NOW)
        .await
        .unwrap();
    assert_eq!(sent.take(), actions::NOTE_WAIT);

    store.open_page(OPEN_SHARDS[0], NOW, None, 1).await.unwrap();
    assert_eq!(sent.take(), actions::OPEN_PAGE);

    store.sweep_cursor().await.unwrap();
    let place = Some(OpenEntry { token, since: NOW });
    for (from, to) in [(None, place), (place, None)] {
        assert!(store.move_sweep_cursor(from, to, NOW).await.unwrap());
    }
    assert_eq!(sent.take(), actions::SWEEP_CURSOR);

    let filter = FailedFilter {
        source: record.source.clone(),
        since: NOW,
        until: NOW,
        waiting: false,
    };
    store.failed_page(&filter, None, None).await.unwrap();
    assert_eq!(sent.take(), actions::FAILED_PAGE);
}
