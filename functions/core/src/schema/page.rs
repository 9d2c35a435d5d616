//! The table of SOURCES.md with every field, its default and its bounds, made of the schema and so of the reader's own tables.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use super::judge::read;

const HEADING: &str = "## Defaults and bounds\n";

/// A field: its path in the source or in one of `verify`, and what is said of it.
type Row = (String, String);

fn rows(prefix: &str, object: &Value) -> Vec<Row> {
    let required = object["required"].as_array().cloned().unwrap_or_default();
    let mut rows = Vec::new();
    for (name, schema) in object["properties"].as_object().unwrap() {
        if schema.get("const").is_some() {
            continue;
        }
        let path = format!("{prefix}{name}");
        let default = match schema.get("default") {
            _ if required.contains(&Value::from(name.as_str())) => "must be there".to_owned(),
            Some(Value::String(text)) if text.is_empty() => "empty".to_owned(),
            Some(Value::String(text)) => format!("`{text}`"),
            Some(value) => format!("`{value}`"),
            None => "none".to_owned(),
        };
        rows.push((format!("`{path}`"), format!("{default} | {}", bounds(schema))));
        if schema.get("properties").is_some() {
            rows.extend(self::rows(&format!("{path}."), schema));
        } else if schema["items"].get("properties").is_some() {
            rows.extend(self::rows(&format!("{path}[]."), &schema["items"]));
        }
    }
    rows
}

fn bounds(schema: &Value) -> String {
    let range = |least: &str, most: &str, of: &str| {
        let most = schema.get(most)?;
        let least = schema.get(least).cloned().unwrap_or(Value::from(0));
        Some(format!("{least} to {most}{of}"))
    };
    let names = schema.get("enum").and_then(Value::as_array).map(|names| {
        let names: Vec<_> = names
            .iter()
            .filter_map(Value::as_str)
            .map(|name| format!("`{name}`"))
            .collect();
        if names.len() > 12 {
            String::new()
        } else {
            names.join(", ")
        }
    });
    names
        .or_else(|| range("minimum", "maximum", ""))
        .or_else(|| range("minItems", "maxItems", " entries"))
        .or_else(|| range("minProperties", "maxProperties", " members"))
        .or_else(|| range("minLength", "maxLength", " characters"))
        .unwrap_or_default()
}

fn table() -> String {
    let schema: Value = serde_json::from_str(include_str!("../../sources.schema.json")).unwrap();
    let mut table = "\n| of | field | default | bounds |\n| --- | --- | --- | --- |\n".to_owned();
    for (field, said) in rows("", &schema["$defs"]["source"]) {
        table.push_str(&format!("| the source | {field} | {said} |\n"));
    }
    let mut of_kinds: BTreeMap<Row, Vec<&str>> = BTreeMap::new();
    let kinds = schema["$defs"]["way"]["properties"]["kind"]["enum"].as_array().unwrap();
    for kind in kinds.iter().map(|kind| kind.as_str().unwrap()) {
        for row in rows("", &schema["$defs"][kind]) {
            of_kinds.entry(row).or_default().push(kind);
        }
    }
    for ((field, said), kinds) in of_kinds {
        table.push_str(&format!("| {} | {field} | {said} |\n", kinds.join(", ")));
    }
    table + "\n"
}

#[test]
fn the_page_has_every_field_with_its_default_and_its_bounds() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("SOURCES.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(HEADING).unwrap();
    let begin = rest.find("\n| of |").unwrap_or_else(|| rest.find("\n## ").unwrap());
    let end = rest.find("\n## ").unwrap() + 1;
    let expected = format!("{before}{HEADING}{}{}{}", &rest[..begin], table(), &rest[end..]);
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(&path, &expected).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap();
    assert!(
        found == expected,
        "SOURCES.md is not that of the reader: UPDATE_SCHEMA=1 writes its table"
    );
}

/// The object with each default of the schema that it does not have, one at a time.
fn with_defaults(object: &Value, schema: &Value) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
        let with = |value: Value| {
            let mut object = object.clone();
            object[name] = value;
            object
        };
        match (object.get(name), schema.get("default")) {
            (None, Some(default)) => all.push((name.clone(), with(default.clone()))),
            (Some(Value::Array(list)), _) => {
                let of_first = list.first().map(|first| with_defaults(first, &schema["items"]));
                let of_first = of_first.into_iter().flatten();
                all.extend(of_first.map(|(path, first)| (format!("{name}[].{path}"), with(json!([first])))));
            }
            (Some(inner), _) => {
                let inner = with_defaults(inner, schema).into_iter();
                all.extend(inner.map(|(path, inner)| (format!("{name}.{path}"), with(inner))));
            }
            _ => {}
        }
    }
    all
}

#[test]
fn a_default_that_is_written_changes_nothing() {
    let schema: Value = serde_json::from_str(include_str!("../../sources.schema.json")).unwrap();
    let signature = json!({"from": ["header:x-s"]});
    let ways = [
        json!({"kind": "hmac", "hash": "sha256", "signature": signature}),
        json!({"kind": "hmac", "hash": "sha256", "signature": signature, "signed": "{timestamp}{body}",
            "timestamp": {"from": "header:x-t"}}),
        json!({"kind": "hmac", "hash": "sha256", "signature": signature, "signed": "{header:x-h}",
            "body_hash": {"from": "header:x-h"}}),
        json!({"kind": "public-key", "alg": "ed25519", "signature": signature}),
        json!({"kind": "token", "from": ["header:x-s"]}),
        json!({"kind": "jwt", "from": ["header:x-s"], "algs": ["HS256"], "bind": [{"claim": "c", "of": "body"}]}),
    ];
    let mut seen = Vec::new();
    let mut same = |without: &Value, path: String, with: Value| {
        let (without, _) = read(&json!({ "a": without }));
        let (with, faults) = read(&json!({ "a": with }));
        assert!(with.is_some() && with == without, "{path}: {faults:?}");
        seen.push(path);
    };
    for way in ways {
        let without = json!({ "verify": [way] });
        for (path, way) in with_defaults(&way, &schema["$defs"][way["kind"].as_str().unwrap()]) {
            same(&without, path, json!({ "verify": [way] }));
        }
    }
    let source = json!({"verify": [{"kind": "basic"}], "answer": {}});
    for (path, with) in with_defaults(&source, &schema["$defs"]["source"]) {
        same(&source, path, with);
    }
    for path in [
        "signed",
        "timestamp.tolerance",
        "bind[].encoding",
        "leeway",
        "body",
        "answer.status",
    ] {
        assert!(seen.iter().any(|known| known == path), "{path} is not among {seen:?}");
    }
}
