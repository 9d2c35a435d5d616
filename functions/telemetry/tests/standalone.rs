//! `durable/` can be published by moving the folder: it depends on nothing of this repository.

#![cfg(test)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use toml::Table;

const FOREIGN_WORDS: [&str; 3] = ["tracehook", "webhook", "metrics"];

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

fn toml(path: &Path) -> Table {
    std::fs::read_to_string(path).unwrap().parse().unwrap()
}

#[test]
fn no_file_of_the_folder_names_the_application() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("durable");
    let mut found = Vec::new();
    files(&folder, &mut found);
    assert!(
        found.iter().any(|path| path.ends_with("src/execution/mod.rs")),
        "{found:?}"
    );
    for path in found {
        let text = std::fs::read_to_string(&path).unwrap().to_lowercase();
        for word in FOREIGN_WORDS {
            assert!(!text.contains(word), "{} names {word}", path.display());
        }
        // Two levels up from a file in `src/` is the folder itself.
        assert!(
            !text.contains("../../../"),
            "{} includes a file from outside",
            path.display()
        );
    }
}

#[test]
fn the_folder_depends_on_third_party_crates_alone() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workspace = toml(&folder.join("../../Cargo.toml"));
    let ours: BTreeSet<_> = workspace["workspace"]["dependencies"]
        .as_table()
        .unwrap()
        .iter()
        .filter(|(_, dependency)| dependency.get("path").is_some())
        .map(|(name, _)| name.clone())
        .collect();
    assert!(ours.contains("durable-traces"), "{ours:?}");
    let manifest = toml(&folder.join("durable/Cargo.toml"));
    for table in ["dependencies", "dev-dependencies"] {
        for (name, dependency) in manifest[table].as_table().unwrap() {
            assert!(!ours.contains(name), "{table}: {name}");
            assert!(dependency.get("path").is_none(), "{table}: {name}");
        }
    }
}
