//! What the deployment knows of the presets: `terraform/presets.json` is made of them. `UPDATE_PRESETS=1` writes it.

#![cfg(test)]

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};
use tracehook_core::secret::Secret;
use tracehook_core::{Sources, Timestamp, preset};
use tracehook_infrastructure::{path, terraform};

const FILE: &str = "terraform/presets.json";

/// A place of a proof that is in no header.
const ELSEWHERE: &str = "elsewhere";

/// The places of a way's proof, as the web ACL sees them.
fn places(way: &Value) -> Vec<String> {
    let written = match way["kind"].as_str().unwrap() {
        "basic" => return vec!["header:authorization".to_owned()],
        "token" | "jwt" => &way["from"],
        _ => &way["signature"]["from"],
    };
    let place = |place: &Value| match place.as_str().unwrap() {
        header if header.starts_with("header:") => header.to_lowercase(),
        _ => ELSEWHERE.to_owned(),
    };
    match written {
        Value::Array(places) => places.iter().map(place).collect(),
        Value::Null => vec![ELSEWHERE.to_owned()],
        one => vec![place(one)],
    }
}

fn of_preset(name: &str) -> Value {
    let preset: Value = serde_json::from_str(preset::find(name).unwrap()).unwrap();
    let (mut all, mut credentials) = (BTreeSet::new(), BTreeSet::new());
    for way in preset["verify"].as_array().unwrap() {
        let places = places(way);
        if ["token", "basic", "jwt"].contains(&way["kind"].as_str().unwrap()) {
            credentials.extend(places.iter().filter(|place| *place != ELSEWHERE).cloned());
        }
        all.extend(places);
    }
    json!({"places": all, "credentials": credentials})
}

#[test]
fn the_example_signs_as_the_code_verifies() {
    let headers = terraform::example_headers().unwrap();
    assert!(headers.len() > 1, "{headers:?}");
    for (preset, header) in headers {
        let sources = Sources::parse(&json!({"a": {"preset": preset}}).to_string()).unwrap();
        let secret = Secret::new("a-secret-of-16-bytes");
        let example = sources
            .get("a")
            .unwrap()
            .1
            .example(Some(&secret), Timestamp::from_epoch_ms(0), "1");
        assert_eq!(example.unwrap().headers[0].0, header, "{preset}");
    }
}

#[test]
fn terraform_knows_the_presets_and_where_their_proofs_are() {
    let lines: Vec<String> = preset::names()
        .map(|name| format!("  \"{name}\": {}", of_preset(name)))
        .collect();
    let expected = format!("{{\n{}\n}}\n", lines.join(",\n"));
    if std::env::var_os("UPDATE_PRESETS").is_some() {
        fs::write(path(FILE), &expected).unwrap();
    }
    assert!(
        fs::read_to_string(path(FILE)).unwrap() == expected,
        "{FILE}: run UPDATE_PRESETS=1 cargo test -p tracehook-infrastructure --test presets"
    );
    let read: Value = serde_json::from_str(&expected).unwrap();
    assert_eq!(
        (&read["gitlab"], &read["none"]["places"]),
        (
            &json!({"places": ["header:webhook-signature", "header:x-gitlab-token"], "credentials": ["header:x-gitlab-token"]}),
            &json!([ELSEWHERE])
        )
    );
}
