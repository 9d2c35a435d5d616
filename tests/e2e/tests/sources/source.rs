//! The source that takes a vector: its producer's preset, or the producer's scheme as the list of producers has it.

use serde_json::{Value, json};
use tracehook_core::{Sources, preset};

use crate::vector::Vector;

/// Kinds that are not built.
const LATER: [&str; 2] = ["digest", "jws-detached"];

/// The source of a vector without its secret; absent when no way of its producer is built.
pub(crate) fn of(vector: &Vector, schemes: &Value) -> Option<Value> {
    let mut source = match preset::find(&vector.provider) {
        Some(_) => json!({"preset": vector.provider}),
        None => written(&schemes[&vector.provider])?,
    };
    if let Some(url) = vector.public_url() {
        source["public_url"] = url.into();
    }
    if !vector.parameters.is_empty() {
        source["parameters"] = json!(vector.parameters);
    }
    // Some sign a text that is none of their deliveries.
    if body_of(&source) == "json" && serde_json::from_str::<Value>(&vector.body).is_err() {
        source["body"] = if vector.body.is_empty() { "empty" } else { "text" }.into();
        source["id"] = json!(["hash"]);
        source["event"] = json!(["const:a-text"]);
        source["subject"] = json!(["none"]);
    }
    Some(source)
}

/// A producer's scheme as a source says it: the list of producers says more than the format has.
fn written(scheme: &Value) -> Option<Value> {
    let is_built = |way: &&Value| {
        let kind = way["kind"].as_str().unwrap();
        !LATER.contains(&kind) && way["keys"] != "jwks"
    };
    let ways: Vec<_> = scheme["verify"]
        .as_array()
        .unwrap()
        .iter()
        .filter(is_built)
        .map(way)
        .collect();
    if ways.is_empty() {
        return None;
    }
    let fields = ["id", "event", "body"].map(|field| (field.to_owned(), scheme[field].clone()));
    let mut source = Value::Object(fields.into_iter().collect());
    source["verify"] = ways.into();
    Some(source)
}

fn way(written: &Value) -> Value {
    let mut way = written.clone();
    // An item that nothing uses is passed over without being named.
    let is_timed = way.get("timestamp").is_some();
    let items = way.pointer_mut("/signature/items").and_then(Value::as_array_mut);
    if let Some(items) = items.filter(|_| !is_timed) {
        items.retain(|item| item.as_str().is_some_and(|item| !item.contains("{timestamp}")));
    }
    way
}

/// The form of a source's body.
fn body_of(source: &Value) -> String {
    let of_preset = source["preset"].as_str().and_then(preset::find);
    let read = of_preset.map(|text| serde_json::from_str::<Value>(text).unwrap());
    let body = read.as_ref().map_or(&source["body"], |preset| &preset["body"]);
    body.as_str().unwrap_or("json").to_owned()
}

/// The source as the validator reads it.
pub(crate) fn read(name: &str, source: &Value) -> tracehook_core::SourceConfig {
    match Sources::parse(&json!({name: source}).to_string()) {
        Ok(sources) => sources.get(name).unwrap().1.clone(),
        Err(faults) => panic!("{name}: {faults}"),
    }
}
