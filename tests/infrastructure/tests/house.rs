//! The layout of the code: which crate may use which, no files in a circle, thin mains, links that lead somewhere.

#![cfg(test)]

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;
use tracehook_infrastructure::{modules, path};

/// The crates that each crate of `functions/` may depend on, tests aside.
const FLOORS: [(&str, &[&str]); 9] = [
    ("tracehook-core", &[]),
    ("tracehook-store", &["tracehook-core"]),
    ("tracehook-engine", &["tracehook-core"]),
    ("tracehook-telemetry", &["tracehook-core", "durable-traces"]),
    (
        "tracehook-runtime",
        &[
            "tracehook-core",
            "tracehook-store",
            "tracehook-engine",
            "tracehook-telemetry",
        ],
    ),
    ("tracehook-validator", SHARED),
    ("tracehook-processor", SHARED),
    ("tracehook-status", SHARED),
    ("tracehook-reconciler", SHARED),
];

const SHARED: &[&str] = &[
    "tracehook-core",
    "tracehook-store",
    "tracehook-engine",
    "tracehook-telemetry",
    "tracehook-runtime",
];

/// The workspace's packages by name, each with its manifest's directory and its dependencies within the workspace.
fn packages() -> BTreeMap<String, (String, BTreeSet<String>)> {
    let output = Command::new(std::env::var("CARGO").unwrap())
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
            "--manifest-path",
        ])
        .arg(path("Cargo.toml"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let packages = metadata["packages"].as_array().unwrap();
    let package = |package: &Value| {
        let dependencies = package["dependencies"].as_array().unwrap().iter();
        let ours = dependencies.filter(|one| one["path"].is_string() && one["kind"] != "dev");
        let manifest = text(&package["manifest_path"]);
        let directory = manifest.trim_end_matches("Cargo.toml").to_owned();
        (
            text(&package["name"]),
            (directory, ours.map(|one| text(&one["name"])).collect()),
        )
    };
    packages.iter().map(package).collect()
}

#[test]
fn arrows_of_functions_point_down() {
    let packages = packages();
    let floors = BTreeMap::from(FLOORS);
    for (name, (directory, dependencies)) in &packages {
        if !directory.contains("/functions/") {
            continue;
        }
        let Some(allowed) = floors.get(name.as_str()) else {
            // A crate that could be published by itself uses nothing of ours.
            assert!(dependencies.is_empty(), "{name} has no floor and uses {dependencies:?}");
            continue;
        };
        let foreign: Vec<_> = dependencies
            .iter()
            .filter(|used| !allowed.contains(&used.as_str()))
            .collect();
        assert!(foreign.is_empty(), "{name} may not use {foreign:?}");
    }
    for name in floors.keys() {
        assert!(packages.contains_key(*name), "{name} is not in the workspace");
    }
}

#[test]
fn no_function_depends_on_tests() {
    let packages = packages();
    for (name, (directory, dependencies)) in &packages {
        let of_tests = |used: &&String| packages.get(*used).is_some_and(|(at, _)| at.contains("/tests/"));
        if directory.contains("/functions/") {
            assert_eq!(dependencies.iter().find(of_tests), None, "{name}");
        }
    }
}

#[test]
fn no_files_of_a_crate_use_each_other_in_a_circle() {
    let mut found = BTreeMap::new();
    let mut read = 0;
    for (directory, _) in packages().into_values() {
        let sources = std::path::Path::new(&directory).join("src");
        for root in ["lib.rs", "main.rs"].map(|root| sources.join(root)) {
            if root.is_file() {
                let edges = modules::edges(&root).unwrap();
                read += edges.len();
                let circles = modules::circles(&edges);
                found.extend((!circles.is_empty()).then_some((root, circles)));
            }
        }
    }
    assert!(read > 200, "{read} files");
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn the_main_of_a_function_is_thin() {
    let mut seen = 0;
    for (name, (directory, _)) in packages() {
        let main = std::path::Path::new(&directory).join("src/main.rs");
        if directory.contains("/functions/") && main.is_file() {
            let lines = std::fs::read_to_string(&main).unwrap().lines().count();
            assert!(lines < 30, "{name}: main.rs has {lines} lines");
            seen += 1;
        }
    }
    assert_eq!(seen, 4);
}
