//! The reader of sources, of any JSON whose names and texts are those of sources.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};
use tracehook_core::Sources;
use tracehook_core::source_name::MAX_NAME_CHARS;
use tracehook_test_support::fuzzing::fuzz;

/// The longest time for reading, in a build without optimisation and on a machine with other work.
const LONGEST: Duration = Duration::from_secs(2);

/// The names of fields and values, of the schema.
fn words() -> (Vec<String>, Vec<String>) {
    fn look(schema: &Value, names: &mut BTreeSet<String>, values: &mut BTreeSet<String>) {
        names.extend(
            schema["properties"]
                .as_object()
                .into_iter()
                .flatten()
                .map(|(name, _)| name.clone()),
        );
        let of_enum = schema["enum"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str);
        values.extend(of_enum.map(str::to_owned));
        match schema {
            Value::Object(members) => members.values().for_each(|inner| look(inner, names, values)),
            Value::Array(items) => items.iter().for_each(|inner| look(inner, names, values)),
            _ => {}
        }
    }
    let schema: Value = serde_json::from_str(include_str!("../../sources.schema.json")).unwrap();
    let (mut names, mut values) = (BTreeSet::new(), BTreeSet::new());
    look(&schema, &mut names, &mut values);
    (names.into_iter().collect(), values.into_iter().collect())
}

fn any_json(names: &[String], values: &[String]) -> impl Strategy<Value = Value> + use<> {
    let texts = [
        "{body}",
        "{timestamp}.{body}",
        "[{header:X-A}]",
        "{",
        "header:X-A",
        "header:X-*",
        "json:/a/*/b",
        "query:a",
        "form:a",
        "t={t}",
        "{sig}",
        "none",
        "hash",
        "const:a",
        "https://a.example/in",
        "/a/~1b",
        "field:t",
        "form:payload",
        ",",
        "",
    ];
    let values: Vec<String> = values.iter().cloned().chain(texts.map(str::to_owned)).collect();
    let scalar = prop_oneof![
        6 => select(values).prop_map(Value::from),
        1 => "\\PC{0,10}".prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => (0..400_i64).prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
    ];
    let name = prop_oneof![12 => select(names.to_vec()), 1 => "[a-z]{1,6}", 1 => "\\PC{0,6}"];
    scalar.prop_recursive(5, 60, 8, move |inner| {
        let object = vec((name.clone(), inner.clone()), 0..8);
        prop_oneof![
            2 => object.prop_map(|members| Value::Object(members.into_iter().collect())),
            1 => vec(inner, 0..5).prop_map(Value::Array),
        ]
    })
}

/// Any JSON in the place of a field, of an alternative, of a source, or of all.
fn sources(names: &[String], values: &[String]) -> impl Strategy<Value = Value> + use<> {
    let field = |(name, value): (String, Value)| Map::from_iter([(name, value)]);
    let fields = || vec((select(names.to_vec()), any_json(names, values)).prop_map(field), 0..3);
    let merged = |fields: Vec<Map<String, Value>>| fields.into_iter().flatten().collect::<Map<_, _>>();
    let bases = select(vec![
        json!({"kind": "hmac", "hash": "sha256", "signature": {"from": ["header:X-S"]}}),
        json!({"kind": "public-key", "alg": "ed25519", "signature": {"from": ["header:X-S"]}}),
        json!({"kind": "token", "from": ["header:X-T"]}),
        json!({"kind": "jwt", "from": ["body"], "algs": ["HS256"]}),
        json!({"kind": "basic"}),
        json!({"kind": "none"}),
    ]);
    let ways = vec((bases, fields()), 1..4).prop_map(move |ways| {
        let way = |(mut base, fields): (Value, _)| {
            base.as_object_mut().unwrap().extend(merged(fields));
            base
        };
        ways.into_iter().map(way).collect::<Value>()
    });
    let source = (fields(), proptest::option::of(ways)).prop_map(move |(fields, verify)| {
        let mut source = merged(fields);
        source.extend(verify.map(|verify| ("verify".to_owned(), verify)));
        Value::Object(source)
    });
    prop_oneof![
        6 => source.prop_map(|source| json!({"a": source})),
        1 => vec(("[ -~]{0,42}", any_json(names, values)), 0..4).prop_map(|all| Value::Object(all.into_iter().collect())),
        1 => any_json(names, values),
    ]
}

#[test]
fn any_json_is_read_or_refused_with_paths_and_in_a_moment() {
    let (names, values) = words();
    assert!(
        names.len() > 40 && values.len() > 200,
        "{} {}",
        names.len(),
        values.len()
    );
    let (read, refused) = (Cell::new(0_u32), Cell::new(0_u32));
    fuzz(
        "sources of any JSON",
        names.len() + values.len(),
        3_000,
        sources(&names, &values),
        |written| {
            let text = written.to_string();
            let begun = Instant::now();
            let sources = Sources::parse(&text);
            assert!(begun.elapsed() < LONGEST, "{:?} for {text}", begun.elapsed());
            match sources {
                Ok(sources) => {
                    let all = written.as_object().unwrap();
                    assert_eq!(sources.names().count(), all.len(), "{text}");
                    for (name, source) in sources.iter() {
                        assert!((1..=MAX_NAME_CHARS).contains(&name.as_str().len()), "{text}");
                        // Nothing is open that does not say so.
                        let own = &all[name.as_str()];
                        let says_none = own["verify"] == json!([{"kind": "none"}]) || own["preset"] == "none";
                        assert!(source.needs_secret() || says_none, "{text}");
                    }
                    assert_eq!(Sources::parse(&text), Ok(sources), "{text}");
                    read.set(read.get() + 1);
                }
                Err(faults) => {
                    // Each begins with a path.
                    assert!(faults.starts_with("sources"), "{faults} of {text}");
                    refused.set(refused.get() + 1);
                }
            }
        },
    );
    assert!(read.get() > 20 && refused.get() > 500, "{read:?} {refused:?}");
}
