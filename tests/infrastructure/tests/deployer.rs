//! The policies of who deploys, against the resources that Terraform makes.

#![cfg(test)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde::Deserialize;
use tracehook_infrastructure::path;

/// What `deployer.toml` has for a type of resource or data source.
#[derive(Deserialize)]
struct Calls {
    actions: BTreeSet<String>,
}

fn calls() -> BTreeMap<String, Calls> {
    let text = fs::read_to_string(path("tests/infrastructure/deployer.toml")).unwrap();
    toml::from_str(&text).unwrap()
}

/// The types of the resources that the root, its modules and the root `account` make.
fn types(directory: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(directory).unwrap() {
        let file = entry.unwrap().path();
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        if file.is_dir() && !["tests", "examples", ".terraform"].contains(&name.as_str()) {
            types(&file, found);
        } else if file.extension().is_some_and(|it| it == "tf") {
            let text = fs::read_to_string(&file).unwrap();
            let made = text.lines().filter_map(|line| line.strip_prefix("resource \"aws_"));
            found.extend(made.filter_map(|rest| Some(format!("aws_{}", rest.split('"').next()?))));
        }
    }
}

/// The policies, by file: each is the text of one managed policy.
fn policies() -> BTreeMap<String, serde_json::Value> {
    let files = fs::read_dir(path("terraform/deployer")).unwrap();
    let files = files.map(|entry| entry.unwrap().path());
    let read = files
        .filter(|file| file.extension().is_some_and(|it| it == "json"))
        .map(|file| {
            let text = fs::read_to_string(&file).unwrap();
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            (name, serde_json::from_str(&text).unwrap())
        });
    read.collect()
}

#[test]
fn every_resource_says_what_is_called_for_it() {
    let mut made = BTreeSet::new();
    types(&path("terraform"), &mut made);
    assert!(made.len() > 50, "{made:?}");
    let described: BTreeSet<_> = calls().into_keys().filter(|name| name.starts_with("aws_")).collect();
    assert_eq!(
        made, described,
        "tests/infrastructure/deployer.toml has each type of resource"
    );
}

#[test]
fn who_has_the_policies_may_make_and_delete_everything_and_nothing_else() {
    let needed: BTreeSet<_> = calls().into_values().flat_map(|calls| calls.actions).collect();
    let mut allowed = BTreeSet::new();
    for (file, policy) in policies() {
        for statement in policy["Statement"].as_array().unwrap() {
            assert_eq!(statement["Effect"], "Allow", "{file}");
            let actions = statement["Action"].as_array().unwrap();
            allowed.extend(actions.iter().map(|action| action.as_str().unwrap().to_owned()));
        }
    }
    assert_eq!(allowed, needed);
    assert!(
        !allowed.iter().any(|action| action.contains('*')),
        "no action by a pattern"
    );
}

/// IAM counts no white space, and takes 6,144 characters in a managed policy.
#[test]
fn each_policy_is_one_managed_policy() {
    let policies = policies();
    assert!(policies.len() > 2, "{:?}", policies.keys());
    for (file, policy) in policies {
        let length = serde_json::to_string(&policy).unwrap().len();
        assert!(length <= 6144, "{file} has {length} characters");
    }
}
