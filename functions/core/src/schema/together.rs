//! Faults of several fields together: the reader names exactly those that a second reading of the rules names.

use std::cell::Cell;
use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};
use tracehook_test_support::fuzzing::fuzz;

use super::generated::source;
use super::judge::read;

/// A text's tokens, `{NAME}`, and whether each stands in brackets. The text is a template.
fn tokens(text: &str) -> Vec<(&str, bool)> {
    let (mut found, mut is_optional) = (Vec::new(), false);
    for part in text.split_inclusive(['{', '}', '[', ']']) {
        match part.strip_suffix('}') {
            Some(name) => found.push((name, is_optional)),
            None if part.ends_with('[') => is_optional = true,
            None if part.ends_with(']') => is_optional = false,
            None => {}
        }
    }
    found
}

fn texts(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

/// A source, read a second time.
struct Model<'s> {
    source: &'s Value,
    faults: BTreeSet<String>,
}

impl Model<'_> {
    fn faults(source: &Value) -> BTreeSet<String> {
        let faults = BTreeSet::new();
        let mut model = Model { source, faults };
        for (at, way) in source["verify"].as_array().into_iter().flatten().enumerate() {
            model.way(&format!("sources.a.verify[{at}]"), way);
        }
        model.faults
    }

    fn body(&self) -> &str {
        self.source["body"].as_str().unwrap_or("json")
    }

    fn fault(&mut self, is_there: bool, path: String) {
        if is_there {
            self.faults.insert(path);
        }
    }

    /// A place that the body does not have.
    fn is_elsewhere(&self, place: &str) -> bool {
        let place = place.strip_prefix("lower:").unwrap_or(place);
        let is_form = self.body().starts_with("form");
        (place.starts_with("form:") && !is_form)
            || ((place.starts_with("json:") || place.starts_with("json?:")) && self.body() != "json")
    }

    fn lacks(&self, token: &str) -> bool {
        let lacks_parameter = token
            .strip_prefix("parameter:")
            .is_some_and(|name| self.source["parameters"][name].is_null());
        lacks_parameter || (["url", "path"].contains(&token) && self.source["public_url"].is_null())
    }

    fn way(&mut self, path: &str, way: &Value) {
        match way["kind"].as_str().unwrap() {
            "hmac" | "public-key" => self.signed(path, way),
            "token" => self.from(path, &way["from"]),
            "jwt" => {
                self.from(path, &way["from"]);
                for (name, claim) in way["claims"].as_object().into_iter().flatten() {
                    let lacks = tokens(claim.as_str().unwrap_or_default())
                        .iter()
                        .any(|(token, _)| self.lacks(token));
                    self.fault(lacks, format!("{path}.claims.{name}"));
                }
                for (at, bind) in way["bind"].as_array().into_iter().flatten().enumerate() {
                    let is_of_url = bind["of"] == "url";
                    self.fault(is_of_url && self.lacks("url"), format!("{path}.bind[{at}].of"));
                }
            }
            _ => {}
        }
    }

    fn from(&mut self, path: &str, places: &Value) {
        let is_elsewhere = texts(places).iter().any(|place| self.is_elsewhere(place));
        self.fault(is_elsewhere, format!("{path}.from"));
    }

    fn signed(&mut self, path: &str, way: &Value) {
        let (time, hash) = (&way["timestamp"], &way["body_hash"]);
        let signed = tokens(way["signed"].as_str().unwrap_or("{body}"));
        let always: BTreeSet<&str> = signed
            .iter()
            .filter(|(_, is_optional)| !is_optional)
            .map(|(name, _)| *name)
            .collect();
        // What is signed as it came.
        let covers = |place: &str| always.contains(place) || (place.starts_with("query:") && always.contains("url"));
        let field = self.body().strip_prefix("form:").map(|field| format!("form:{field}"));
        let is_payload = |token: &&str| {
            ["body", "sha256-hex:body", "form:sorted"].contains(token)
                || field
                    .as_deref()
                    .is_some_and(|field| token.strip_prefix("lower:").unwrap_or(token) == field)
        };
        let covers_body = !hash.is_null() || always.iter().any(is_payload);
        let is_unsigned = way["body_unsigned"] == true;
        self.fault(!covers_body && !is_unsigned, format!("{path}.signed"));
        self.fault(covers_body && is_unsigned, format!("{path}.body_unsigned"));
        for (token, _) in &signed {
            let is_sorted = *token == "form:sorted" && !self.body().starts_with("form");
            self.fault(
                is_sorted || self.lacks(token) || self.is_elsewhere(token),
                format!("{path}.signed"),
            );
        }
        self.from(&format!("{path}.signature"), &way["signature"]["from"]);
        if let Some(from) = hash["from"].as_str() {
            self.fault(self.is_elsewhere(from), format!("{path}.body_hash.from"));
            self.fault(!covers(from), format!("{path}.body_hash"));
        }
        let mut used: BTreeSet<&str> = signed.iter().map(|(name, _)| *name).collect();
        used.retain(|name| !name.contains(':') && !["body", "timestamp", "method", "url", "path"].contains(name));
        self.fault(time.is_null() && always.contains("timestamp"), format!("{path}.signed"));
        if let Some(from) = time["from"].as_str() {
            self.fault(self.is_elsewhere(from), format!("{path}.timestamp.from"));
            let is_in_body = from.starts_with("json:") || from.starts_with("form:");
            let captured = from.strip_prefix("field:");
            used.extend(captured);
            let is_signed = always.contains("timestamp")
                || (is_in_body && covers_body)
                || captured.map_or_else(|| covers(from), |name| always.contains(name));
            self.fault(!is_signed && time["tolerance"] != 0, format!("{path}.timestamp"));
        }
        let items = &way["signature"]["items"];
        let items = if items.is_null() { vec!["{sig}"] } else { texts(items) };
        let captured = |item: &&str| {
            tokens(item)
                .into_iter()
                .map(|(name, _)| name.to_owned())
                .collect::<Vec<_>>()
        };
        let defined: BTreeSet<String> = items.iter().flat_map(captured).collect();
        let beside: BTreeSet<String> = items
            .iter()
            .filter(|item| item.contains("{sig}"))
            .flat_map(captured)
            .collect();
        used.insert("sig");
        let is_open = used.iter().any(|name| !defined.contains(*name))
            || defined
                .iter()
                .any(|name| !used.contains(name.as_str()) && !beside.contains(name));
        self.fault(is_open, format!("{path}.signature"));
    }
}

/// A change of a source that leaves each field right by itself.
fn change() -> impl Strategy<Value = (&'static str, Value)> {
    let templates = vec![
        "{body}",
        "{timestamp}.{body}",
        "{method}",
        "[{body}]",
        "{form:sorted}",
        "{form:a}{lower:form:b}",
        "{nonce}{body}",
        "{url}",
        "{path}[{timestamp}]{body}",
        "{query:h}{header:X-Hash}",
        "{lower:header:X-Time}{body}",
        "{parameter:b}{parameter:no}{body}",
        "{json:/a}{sha256-hex:body}",
        "{t}",
        "{body}[{t}]",
    ];
    let items = vec![
        json!(["{sig}"]),
        json!(["t={t}", "{sig}"]),
        json!(["{nonce}={sig}"]),
        json!(["{a}", "n={nonce},{sig}"]),
    ];
    let time = vec![
        Value::Null,
        json!({"from": "header:X-Time"}),
        json!({"from": "header:X-Time", "tolerance": 0}),
        json!({"from": "field:t"}),
        json!({"from": "json:/at"}),
        json!({"from": "form:at", "tolerance": 5}),
        json!({"from": "query:at"}),
    ];
    let hash = vec![
        Value::Null,
        json!({"from": "header:X-Hash"}),
        json!({"from": "query:h"}),
        json!({"from": "json:/h"}),
    ];
    prop_oneof![
        1 => Just(("public_url", Value::Null)),
        1 => Just(("parameters", Value::Null)),
        2 => select(vec!["json", "form", "form:a", "text", "empty", "jwt"]).prop_map(|body| ("body", json!(body))),
        4 => select(templates).prop_map(|signed| ("signed", json!(signed))),
        3 => select(items).prop_map(|items| ("items", items)),
        2 => select(time).prop_map(|time| ("timestamp", time)),
        2 => select(hash).prop_map(|hash| ("body_hash", hash)),
        1 => any::<bool>().prop_map(|is_unsigned| ("body_unsigned", json!(is_unsigned))),
    ]
}

#[test]
fn what_does_not_fit_together_is_told_of_the_right_field() {
    let (taken, refused) = (Cell::new(0_u32), Cell::new(0_u32));
    let seen: Cell<BTreeSet<String>> = Cell::default();
    fuzz(
        "sources together",
        0,
        1_200,
        (source(), vec((change(), any::<Index>()), 1..5)),
        |(mut source, changes)| {
            if !source["preset"].is_null() {
                return;
            }
            for ((name, value), at) in changes {
                if ["public_url", "parameters", "body"].contains(&name) {
                    source[name] = value;
                    continue;
                }
                let ways = source["verify"].as_array_mut().unwrap();
                let way = at.get_mut(ways.as_mut_slice());
                if way["signature"].is_null() {
                    continue;
                }
                match name {
                    "items" => way["signature"]["items"] = value,
                    _ => way[name] = value,
                }
            }
            let expected = Model::faults(&source);
            let (_, faults) = read(&json!({"a": source}));
            let told: BTreeSet<String> = faults.all().iter().map(|fault| fault.path.clone()).collect();
            assert_eq!(told, expected, "{source}: {faults:?}");
            let count = if expected.is_empty() { &taken } else { &refused };
            count.set(count.get() + 1);
            let mut all = seen.take();
            all.extend(
                told.iter()
                    .map(|path| path.chars().filter(|c| !c.is_ascii_digit()).collect()),
            );
            seen.set(all);
        },
    );
    assert!(taken.get() > 50 && refused.get() > 50, "{taken:?} {refused:?}");
    let seen = seen.take();
    assert!(seen.len() > 8, "{seen:?}");
}
