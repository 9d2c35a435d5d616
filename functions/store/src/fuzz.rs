//! Items that nobody of ours has written: each is a record that is stored as it was read, or is refused by the name of an
//! attribute. Whatever an accepted one says, no question about it and no next attempt of it fails.

use std::cell::Cell;
use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use tracehook_core::record::{Ages, Failure, LateStart, Status, StepName, StepRecord, StepStatus, Wait};
use tracehook_core::{Record, Timestamp};
use tracehook_test_support::fuzzing::fuzz;
use tracehook_test_support::table::{NOW, webhook};

use crate::item::{record, state_item};
use crate::value::Item;

/// A value in place of an attribute, at any depth; none removes it.
type Hostile = Option<AttributeValue>;

/// Texts and numbers that readers often get wrong.
const TEXTS: [&str; 22] = [
    "",
    " ",
    "0",
    "-0",
    "-1",
    "1.5",
    "1e3",
    "+7",
    "00",
    "NaN",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "9223372036854776",
    "99999999999999999999999999999999999999",
    "state",
    "received",
    "\u{0}",
    "\u{feff}1",
    "𝟙",
];

fn hostile() -> impl Strategy<Value = Hostile> {
    let text = || select(&TEXTS[..]).prop_map(str::to_owned);
    let leaf = prop_oneof![
        2 => text().prop_map(AttributeValue::S),
        4 => text().prop_map(AttributeValue::N),
        1 => ".{0,12}".prop_map(AttributeValue::S),
        1 => any::<i64>().prop_map(|n| AttributeValue::N(n.to_string())),
        1 => vec(any::<u8>(), 0..40).prop_map(|bytes| AttributeValue::B(Blob::new(bytes))),
        1 => any::<bool>().prop_map(AttributeValue::Bool),
        1 => Just(AttributeValue::Null(true)),
        1 => vec(text(), 0..3).prop_map(AttributeValue::Ss),
    ];
    let value = leaf.prop_recursive(2, 8, 3, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(AttributeValue::L),
            proptest::collection::hash_map(text(), inner, 0..3).prop_map(AttributeValue::M),
        ]
    });
    proptest::option::weighted(0.9, value)
}

fn at(ms: i64) -> Timestamp {
    Timestamp::from_epoch_ms(NOW.epoch_ms() + ms)
}

fn failure() -> Failure {
    Failure {
        code: "handler_failed".to_owned(),
        message: "m".to_owned(),
    }
}

/// Records of every kind.
fn records() -> Vec<Record> {
    let received = webhook(1, b"{}", 1).0;
    let step = |status, wait: Option<Wait>| StepRecord {
        status,
        tries: 3,
        interrupted: 1,
        started_at: at(5),
        completed_at: wait.is_none().then(|| at(9)),
        wait,
    };
    let waits = Wait {
        error: failure(),
        next_try_at: at(60_000),
    };
    let waiting = Record {
        status: Status::Processing,
        current_step: Some(StepName::Process),
        execution_arn: Some("arn".to_owned()),
        steps: [
            (StepName::Validate, step(StepStatus::Completed, None)),
            (StepName::Process, step(StepStatus::Waiting, Some(waits))),
        ]
        .into(),
        ..received.clone()
    };
    let started_late = [LateStart::Deferred, LateStart::Repeated { at: at(70_000) }].map(|late| Record {
        late_start: Some(late),
        delivery_id: None,
        ..received.clone()
    });
    let failed = waiting.failed(failure(), at(90_000));
    let again = Record {
        redeliveries: 2,
        conflicts: 7,
        ..failed.next_attempt(&"t".parse().unwrap(), at(99_000), failed.expires_at)
    };
    let mut records = vec![received, waiting, failed, again];
    records.extend(started_late);
    records
}

/// Puts a value into the place that the path leads to.
fn put(value: &mut AttributeValue, path: &[Index], new: Hostile) {
    let Some((at, rest)) = path.split_first() else {
        if let Some(new) = new {
            *value = new;
        }
        return;
    };
    match value {
        AttributeValue::M(inner) if !inner.is_empty() => put_in(inner, *at, rest, new),
        AttributeValue::L(inner) if !inner.is_empty() => {
            let place = at.index(inner.len());
            put(&mut inner[place], rest, new);
        }
        _ => put(value, &[], new),
    }
}

fn put_in(item: &mut Item, at: Index, rest: &[Index], new: Hostile) {
    let mut names: Vec<String> = item.keys().cloned().collect();
    names.sort();
    let name = &names[at.index(names.len())];
    match (rest, new) {
        ([], None) => drop(item.remove(name)),
        (_, new) => put(item.get_mut(name).unwrap(), rest, new),
    }
}

/// Asks a record whatever is asked of one, at a time.
fn ask(record: &Record, now: Timestamp) {
    let ages = Ages {
        received: Duration::from_mins(1),
        started: Duration::from_mins(5),
        stuck: Duration::from_hours(27),
    };
    let prefix = "t".parse().unwrap();
    let answers = (
        record.due(now, &ages),
        record.is_stuck(now, &ages),
        record.is_unstarted(now, &ages),
        record.redrivable(now),
        record.has_expired(now),
        record.wait(),
        record.previous_attempt(),
        now.since(record.attempt_started_at),
        record.known_to(&webhook(1, b"{}", 2).0),
    );
    assert!(!format!("{answers:?} {}", record.expires_at).is_empty());
    let next = record.redelivered(&prefix, now, now, 3);
    let next = next.unwrap_or_else(|| record.taken_over(now).next_attempt(&prefix, now, now));
    assert!(next.attempt >= record.attempt);
    let stored = super::item::record(&state_item(&next)).unwrap();
    assert_eq!(
        (stored.attempt, stored.execution_name),
        (next.attempt, next.execution_name)
    );
}

#[test]
fn an_item_is_a_record_that_is_stored_as_it_was_read_or_is_refused_by_the_name_of_an_attribute() {
    let items: Vec<Item> = records().iter().map(state_item).collect();
    for (known, item) in records().iter().zip(&items) {
        assert_eq!(record(item).as_ref(), Ok(known));
    }
    let names: Vec<String> = items.iter().flat_map(HashMap::keys).cloned().collect();
    let change = (vec(any::<Index>(), 1..4), hostile());
    let added = (select(names), hostile());
    let inputs = (select(items.clone()), vec(change, 0..3), proptest::option::of(added));
    let (read, refused) = (Cell::new(0_u32), Cell::new(0_u32));
    fuzz("items", items.len(), 4_000, inputs, |(mut item, changes, added)| {
        for (path, value) in changes {
            let (first, rest) = path.split_first().unwrap();
            put_in(&mut item, *first, rest, value);
        }
        if let Some((name, Some(value))) = added {
            item.insert(name, value);
        }
        match record(&item) {
            Err(error) => {
                refused.set(refused.get() + 1);
                assert_ne!(error.to_string(), "attribute ");
            }
            Ok(known) => {
                read.set(read.get() + 1);
                assert_eq!(record(&state_item(&known)).as_ref(), Ok(&known));
                for ms in [i64::MIN, -1, 0, NOW.epoch_ms() + 3_600_000, i64::MAX] {
                    ask(&known, Timestamp::from_epoch_ms(ms));
                }
            }
        }
    });
    assert!(read.get() > 100 && refused.get() > 100, "{read:?} {refused:?}");
}
