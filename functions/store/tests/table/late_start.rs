//! Notes about starts that did not bring an attempt to run.

use tracehook_core::record::{Advance, LateStart, StepName};
use tracehook_core::{Record, Timestamp};
use tracehook_test_support::table::{Fault, NOW, table, webhook};

#[tokio::test]
async fn a_note_is_kept_while_the_attempt_has_not_moved_and_moves_nothing() {
    let table = table(1).await;
    let (record, payload) = webhook(1, b"{}", 1);
    table.store.create(&record, payload, record.expires_at).await.unwrap();
    let later = Timestamp::from_epoch_ms(NOW.epoch_ms() + 1);
    for start in [
        LateStart::Deferred,
        LateStart::Repeated { at: NOW },
        LateStart::Deferred,
        LateStart::Repeated { at: later },
    ] {
        assert!(table.store.note_start(&record, start).await.unwrap());
        let noted = Record {
            late_start: Some(start),
            ..record.clone()
        };
        assert_eq!(table.store.state(&record.token, NOW).await.unwrap(), Some(noted));
    }
    table.faults.next("startDeferred", Fault::Throttled);
    let throttled = table.store.note_start(&record, LateStart::Deferred).await;
    assert!(throttled.unwrap_err().is_transient());

    let advance = Advance {
        to: StepName::Validate.status(),
        step: StepName::Validate,
        steps: Vec::new(),
        error: None,
        execution_arn: "arn".to_owned(),
        at: NOW,
    };
    let name = &record.execution_name;
    table.store.advance(&record.token, name, &advance).await.unwrap();
    let moved = table.store.state(&record.token, NOW).await.unwrap();
    assert!(!table.store.note_start(&record, LateStart::Deferred).await.unwrap());
    assert_eq!(table.store.state(&record.token, NOW).await.unwrap(), moved);
}
