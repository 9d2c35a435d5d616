//! A text is read exactly when it is JSON.

use proptest::prelude::*;
use serde::de::IgnoredAny;
use tracehook_test_support::fuzzing::{corpus, fuzz, texts};

use super::*;

#[test]
fn a_text_is_read_exactly_when_it_is_json() {
    let bodies = corpus("../core/tests/corpus/bodies");
    fuzz("reader", bodies.len(), 4_000, texts(&bodies), |text| {
        let is_json = serde_json::from_str::<IgnoredAny>(&text).is_ok();
        assert_eq!(Json::read(Cow::Borrowed(&text)).is_some(), is_json);
    });
}

#[test]
fn every_value_is_where_it_is_written() {
    let value = prop::collection::btree_map("[a-c]{0,2}", prop::collection::vec(any::<i8>(), 0..4), 0..5);
    fuzz("values", 0, 500, value, |expected| {
        let text = serde_json::to_string_pretty(&expected).unwrap();
        let json = Json::read(Cow::Borrowed(&text)).unwrap();
        assert_eq!(
            (json.root().len(), json.root().members().count()),
            (expected.len(), expected.len())
        );
        for (name, items) in &expected {
            let found: Vec<_> = json.root().get(name).unwrap().items().map(json::Value::raw).collect();
            assert_eq!(found, items.iter().map(ToString::to_string).collect::<Vec<_>>());
        }
    });
}
