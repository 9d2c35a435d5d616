//! Each object of the schema has the fields that the reader asks for, and no other.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::judge::read;

/// What the reader knows in the object that has a field `?`: it names all when it meets one that it does not know.
fn known(source: &Value) -> BTreeSet<String> {
    let (_, faults) = read(&json!({"a": source}));
    let told = faults.all().iter().find(|fault| fault.path.ends_with(".?"));
    let told = told.unwrap_or_else(|| panic!("{source}: {faults:?}"));
    let names = told.message.split_once("known are ").unwrap().1;
    names.split(", ").map(str::to_owned).collect()
}

fn properties(schema: &Value, pointer: &str) -> BTreeSet<String> {
    let object = schema.pointer(pointer).unwrap();
    assert_eq!(object["additionalProperties"], json!(false), "{pointer}");
    object["properties"].as_object().unwrap().keys().cloned().collect()
}

#[test]
fn the_schema_has_every_field_of_the_reader() {
    let schema: Value = serde_json::from_str(include_str!("../../sources.schema.json")).unwrap();
    let of_source = known(&json!({"preset": "none", "?": 1}));
    assert_eq!(properties(&schema, "/$defs/source"), of_source);
    let answer = known(&json!({"preset": "none", "answer": {"?": 1}}));
    assert_eq!(properties(&schema, "/$defs/source/properties/answer"), answer);
    let mut kinds = 0;
    for kind in schema["$defs"]["way"]["properties"]["kind"]["enum"].as_array().unwrap() {
        let kind = kind.as_str().unwrap();
        let way = known(&json!({"verify": [{"kind": kind, "?": 1}]}));
        assert_eq!(properties(&schema, &format!("/$defs/{kind}")), way, "{kind}");
        kinds += 1;
    }
    assert!(kinds > 5);
    for name in ["signature", "timestamp", "body_hash"] {
        for kind in ["hmac", "public-key"] {
            let pointer = format!("/$defs/{kind}/properties/{name}");
            let mut way = json!({"kind": kind});
            way[name] = json!({"?": 1});
            assert_eq!(
                properties(&schema, &pointer),
                known(&json!({"verify": [way]})),
                "{pointer}"
            );
        }
    }
    let bind = known(&json!({"verify": [{"kind": "jwt", "bind": [{"?": 1}]}]}));
    assert_eq!(properties(&schema, "/$defs/jwt/properties/bind/items"), bind);
}
