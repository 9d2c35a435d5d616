//! What people copy: the presets, the examples of SOURCES.md, and the schemes of all known producers.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use super::judge::{Judge, read};
use crate::preset;

fn package(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

#[test]
fn every_preset_is_of_the_schema() {
    let judge = Judge::of_sources();
    let mut seen = 0;
    for name in preset::names() {
        let text = std::fs::read_to_string(package(&format!("presets/{name}.toml"))).unwrap();
        let mut file: BTreeMap<String, Value> = toml::from_str(&text).unwrap();
        file.remove("about");
        assert_eq!(judge.error(&json!({"a": file})), None, "{name}");
        assert_eq!(judge.error(&json!({"a": {"preset": name}})), None, "{name}");
        seen += 1;
    }
    assert!(seen > 150, "{seen} presets");
    assert!(!judge.accepts(&json!({"a": {"preset": "paypal"}})), "has no preset yet");
}

#[test]
fn every_example_is_of_the_schema_and_of_the_reader() {
    let judge = Judge::of_sources();
    let page = std::fs::read_to_string(package("SOURCES.md")).unwrap();
    let blocks = page
        .split("```yaml\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap());
    let mut seen = 0;
    for block in blocks {
        let sources: Value = serde_norway::from_str(block).unwrap();
        assert_eq!(judge.error(&sources), None, "{block}");
        let (_, faults) = read(&sources);
        assert!(faults.all().is_empty(), "{block}: {faults:?}");
        seen += 1;
    }
    assert!(seen > 0);
}

#[test]
fn the_corpus_is_judged_alike() {
    let judge = Judge::of_sources();
    let mut seen = 0;
    for entry in std::fs::read_dir(package("tests/corpus/configuration")).unwrap() {
        let path = entry.unwrap().path();
        let is_of_sources = path.file_name().unwrap().to_str().unwrap().starts_with("sources");
        if is_of_sources {
            let sources = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
            judge.agrees(&sources, &read(&sources).1);
            seen += 1;
        }
    }
    assert!(seen > 4, "{seen} files");
}

#[test]
fn the_schemes_of_all_known_producers_are_judged_alike() {
    let judge = Judge::of_sources();
    let schemes: BTreeMap<String, Value> =
        serde_json::from_str(include_str!("../../tests/sources/schemes.json")).unwrap();
    let mut taken = 0;
    for scheme in schemes.into_values() {
        let sources = json!({"a": scheme});
        let faults = read(&sources).1;
        taken += usize::from(faults.all().is_empty());
        judge.agrees(&sources, &faults);
    }
    assert!(taken > 100, "{taken} are read");
}
