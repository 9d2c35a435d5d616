//! Sources with faults: the reader and the schema agree, and the reader names every fault with its path.

mod change;
mod wrong;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};
use tracehook_test_support::fuzzing::fuzz;

use self::change::{Change, changes};
use super::generated::source;
use super::judge::{Judge, read};
use super::looser::is_beyond_a_schema;

/// The longest time for reading a source, in a build without optimisation and on a machine with other work.
const LONGEST: Duration = Duration::from_secs(2);

fn sources(source: Value) -> Value {
    json!({"a": source})
}

#[test]
fn a_source_without_a_fault_is_read_and_is_of_the_schema() {
    let judge = Judge::of_sources();
    fuzz("sources as generated", 0, 500, source(), |source| {
        let sources = sources(source);
        let (read, faults) = read(&sources);
        assert!(read.is_some() && faults.all().is_empty(), "{sources}: {faults:?}");
        assert_eq!(judge.error(&sources), None, "{sources}");
    });
}

/// Some changes, none of which hides another.
fn chosen(source: &Value, at: &[Index]) -> Vec<Change> {
    let all = changes(source);
    let mut chosen: Vec<Change> = Vec::new();
    for at in at {
        let change = at.get(&all);
        if chosen.iter().all(|other| !other.hides(change) && !change.hides(other)) {
            chosen.push(change.clone());
        }
    }
    chosen
}

#[test]
fn every_fault_is_told_at_once_with_its_path_and_nothing_else_is() {
    let judge = Judge::of_sources();
    let kinds: Cell<BTreeSet<String>> = Cell::default();
    fuzz(
        "sources with faults",
        0,
        1_000,
        (source(), vec(any::<Index>(), 1..5)),
        |(mut source, at)| {
            let chosen = chosen(&source, &at);
            for change in &chosen {
                change.apply(&mut source);
            }
            let sources = sources(source);
            let begun = Instant::now();
            let (_, faults) = read(&sources);
            assert!(begun.elapsed() < LONGEST, "{:?} for {sources}", begun.elapsed());
            for change in &chosen {
                let is_told = faults.all().iter().any(|fault| change.is_named_by(&fault.path));
                assert!(is_told, "{change:?} in {sources}: {faults:?}");
            }
            for fault in faults.all() {
                let is_of_a_change = chosen.iter().any(|change| change.is_named_by(&fault.path));
                let is_of_several_fields = is_beyond_a_schema(&fault.message) || fault.message == "204 has no body";
                assert!(
                    is_of_a_change || is_of_several_fields,
                    "{fault} of {chosen:?} in {sources}"
                );
            }
            // Each of these is a fault of one field, which a schema can say.
            assert!(!judge.accepts(&sources), "the schema takes {sources} with {chosen:?}");
            let mut seen = kinds.take();
            seen.extend(chosen.iter().map(Change::kind));
            kinds.set(seen);
        },
    );
    let seen = kinds.take();
    assert!(seen.len() > 60, "only {} kinds of faults: {seen:?}", seen.len());
}

/// Any change at any place, of which some are no fault.
fn any_change() -> impl Strategy<Value = (Index, Index, Value)> {
    let value = prop_oneof![
        Just(Value::Null),
        Just(json!(true)),
        Just(json!(7)),
        Just(json!(300.0)),
        Just(json!("none")),
        Just(json!("{body}{timestamp}")),
        Just(json!("form")),
        Just(json!("form:a")),
        Just(json!([])),
        Just(json!(["hash", "const:a"])),
        Just(json!({})),
        Just(json!([{"kind": "none"}, {"kind": "basic"}])),
        Just(json!({"from": "header:X-Time"})),
        any::<i64>().prop_map(|number| json!(number)),
        "\\PC{0,8}".prop_map(|text| json!(text)),
    ];
    (any::<Index>(), any::<Index>(), value)
}

#[test]
fn what_the_reader_takes_is_of_the_schema_whatever_was_changed() {
    let judge = Judge::of_sources();
    let (taken, refused) = (Cell::new(0_u32), Cell::new(0_u32));
    fuzz(
        "sources changed anyhow",
        0,
        1_500,
        (source(), vec(any_change(), 1..4)),
        |(mut source, anyhow)| {
            for (at, field, value) in anyhow {
                change::anyhow(&mut source, at, field, value);
            }
            let sources = sources(source);
            let (read, faults) = read(&sources);
            judge.agrees(&sources, &faults);
            let count = if read.is_some() && faults.all().is_empty() {
                &taken
            } else {
                &refused
            };
            count.set(count.get() + 1);
        },
    );
    assert!(taken.get() > 15 && refused.get() > 100, "{taken:?} {refused:?}");
}

#[test]
fn a_long_source_is_judged_in_a_moment() {
    let long = |text: &str| text.repeat(300_000 / text.len());
    let way = |field: &str, value: Value| {
        let mut way = json!({"kind": "hmac", "hash": "sha256", "signature": {"from": ["header:X-S"]}});
        way[field] = value;
        json!({"verify": [way]})
    };
    let many = |name: &str| {
        (0..20_000)
            .map(|at| (format!("{name}{at}"), json!(at)))
            .collect::<serde_json::Map<_, _>>()
    };
    for source in [
        way("signed", json!(long("["))),
        way("signed", json!(long("{a}["))),
        way("signed", json!(long("[{a}]"))),
        way("signed", json!(long("{json:/a/*}"))),
        way(
            "signature",
            json!({"from": ["header:X-S"], "items": [long("{a},")], "split": [","]}),
        ),
        way("signature", json!({"from": [long("header:X-")]})),
        json!({"preset": "github", "id": [(0..30_000).map(|at| format!("json:/{at}")).collect::<Vec<_>>().join("+")]}),
        json!({"preset": "github", "event": [long("const:a+")]}),
        json!({"preset": "github", "batch": long("/~0")}),
        json!({"preset": "github", "public_url": format!("https://{}", long("a/"))}),
        json!({"preset": "github", "answer": {"json": vec![7; 100_000]}}),
        json!({"preset": "github", "keep_headers": vec!["Cookie"; 20_000]}),
        Value::Object(many("field")),
        json!({"preset": "github", "parameters": many("p")}),
        json!({"verify": vec![json!({"kind": "hmac", "z": many("z")}); 4]}),
        json!({"verify": [many("kind")]}),
    ] {
        let begun = Instant::now();
        let (_, faults) = read(&sources(source.clone()));
        let text = source.to_string();
        let start: String = text.chars().take(60).collect();
        assert!(begun.elapsed() < LONGEST, "{:?} for {start}", begun.elapsed());
        let told: usize = faults
            .all()
            .iter()
            .map(|fault| fault.path.len() + fault.message.len())
            .sum();
        assert!(
            told < 40 * text.len(),
            "{told} bytes are told of {} of {start}",
            text.len()
        );
    }
}
