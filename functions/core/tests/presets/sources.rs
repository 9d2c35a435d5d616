//! Each preset as a source names it.

use serde_json::{Map, Value, json};
use tracehook_core::Sources;
use tracehook_core::preset;

use super::file::files;
use super::words::parameters;

/// A source that says nothing itself but what the preset needs.
fn source(name: &str) -> Value {
    let verify = files()[name].source["verify"].to_string();
    let parameters: Map<_, _> = parameters(&verify)
        .map(|name| (name.to_owned(), json!("a-text")))
        .collect();
    json!({"preset": name, "public_url": "https://hooks.example.com/webhook/a", "parameters": parameters})
}

#[test]
fn a_source_that_names_a_preset_has_no_fault_and_no_warning() {
    let mut told = Vec::new();
    for name in preset::names() {
        let read = Sources::parse(&json!({"a": source(name)}).to_string());
        match read {
            Ok(sources) => told.extend(sources.warnings().map(|(_, warning)| format!("{name}: {warning}"))),
            Err(faults) => told.push(format!("{name}: {faults}")),
        }
    }
    assert!(told.is_empty(), "{told:#?}");
}
