//! Any template and any delivery.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value};

use super::model::{From, Part, World};

const HEADERS: [&str; 3] = ["x-a", "x-b", "x-absent"];
const FIELDS: [&str; 4] = ["a", "b.c", "é d", "json?:a"];
const CAPTURES: [&str; 3] = ["t", "version", "n_1"];
const PARAMETERS: [&str; 2] = ["app", "a b"];
const KEYS: [&str; 6] = ["a", "b/c", "d~e", "0", "1", ""];

/// A template of places that a body of the form has.
pub(super) fn parts(is_form: bool) -> impl Strategy<Value = Vec<Part>> {
    let value = if is_form {
        prop_oneof![header(), query(), select(&FIELDS[..]).prop_map(From::Form)].boxed()
    } else {
        let keys = vec(select(&KEYS[..]), 1..3);
        let json = (keys, any::<bool>()).prop_map(|(keys, may_be_absent)| From::Json(keys, may_be_absent));
        prop_oneof![header(), query(), json].boxed()
    };
    let of_form = if is_form { Part::Sorted } else { Part::Digest };
    let part = prop_oneof![
        3 => select(vec![".", ":", "v0", "\n", "é", " ", "&="]).prop_map(|text| Part::Text(text.to_owned())),
        1 => Just(Part::Body),
        1 => Just(Part::Digest),
        2 => Just(Part::Timestamp),
        1 => Just(Part::Method),
        1 => Just(Part::Url),
        1 => Just(Part::Path),
        2 => Just(of_form),
        1 => select(&CAPTURES[..]).prop_map(Part::Captured),
        1 => select(&PARAMETERS[..]).prop_map(Part::Parameter),
        6 => (value, any::<bool>()).prop_map(|(from, lower)| Part::Value { from, lower }),
    ];
    let optional = vec(part.clone(), 0..4).prop_map(Part::Optional);
    vec(prop_oneof![4 => part, 1 => optional], 0..6)
}

fn header() -> impl Strategy<Value = From> {
    select(&HEADERS[..]).prop_map(From::Header)
}

fn query() -> impl Strategy<Value = From> {
    select(&FIELDS[..]).prop_map(From::Query)
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[ -~]{0,6}", 1 => "\\PC{0,3}", 1 => Just(String::new()), 1 => Just(" A ".to_owned())]
}

fn document() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        text().prop_map(Value::String),
        any::<i64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null),
        (-1e9..1e9).prop_map(Value::from),
    ];
    let key = || select(&KEYS[..]).prop_map(str::to_owned);
    let object =
        |value: BoxedStrategy<Value>| btree_map(key(), value, 0..4).prop_map(|map| Value::Object(Map::from_iter(map)));
    let scalar = scalar.boxed();
    let inner = prop_oneof![
        3 => scalar.clone(),
        1 => object(scalar.clone()),
        1 => vec(scalar, 0..3).prop_map(Value::Array),
    ];
    object(inner.boxed())
}

fn some(names: &'static [&'static str]) -> impl Strategy<Value = BTreeMap<&'static str, String>> {
    btree_map(select(names), text(), 0..=names.len())
}

pub(super) fn world(is_form: bool) -> impl Strategy<Value = World> {
    let fields = || vec((select(&FIELDS[..]).prop_map(str::to_owned), text()), 0..4);
    let bytes = prop_oneof![8 => text().prop_map(String::into_bytes), 1 => Just(b"\xff".to_vec())];
    let headers = vec((select(&HEADERS[..2]), bytes), 0..4);
    let timestamp = proptest::option::weighted(0.8, text());
    let all = (
        document(),
        fields(),
        fields(),
        headers,
        timestamp,
        some(&CAPTURES),
        some(&PARAMETERS),
    );
    all.prop_map(
        move |(document, form, query, headers, timestamp, captures, parameters)| World {
            is_form,
            document,
            form,
            query,
            headers,
            timestamp,
            captures,
            parameters,
        },
    )
}
