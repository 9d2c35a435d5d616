//! What the root's README says of commands, toolchain and licence.

#![cfg(test)]

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use tracehook_infrastructure::path;

fn read(file: &str) -> String {
    fs::read_to_string(path(file)).unwrap()
}

/// The value of `KEY = "VALUE"` in a file.
fn value(file: &str, key: &str) -> String {
    let text = read(file);
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"'));
    line.unwrap_or_else(|| panic!("{file} has no {key}")).to_owned()
}

/// The targets that a makefile declares.
fn targets(file: &str) -> BTreeSet<String> {
    let text = read(file);
    let declared = text.lines().filter_map(|line| line.strip_prefix(".PHONY: "));
    declared.flat_map(str::split_whitespace).map(str::to_owned).collect()
}

#[test]
fn make_help_lists_every_command() {
    let output = Command::new("make")
        .args(["--no-print-directory", "-C"])
        .arg(path("."))
        .arg("help")
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let listed: BTreeSet<_> = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("make ")?.split_whitespace().next())
        .map(str::to_owned)
        .collect();
    let declared = &targets("Makefile") | &targets("terraform/terraform.mk");
    assert!(declared.len() > 15, "{declared:?}");
    assert_eq!(listed, declared, "`make help` shows a target by its `## comment`");
}

#[test]
fn the_readme_names_the_toolchain_and_the_licence_that_are_used() {
    let readme = read("README.md");
    let toolchain = format!("rustup takes the pinned {}", value("rust-toolchain.toml", "channel"));
    assert!(readme.contains(&toolchain), "{toolchain:?} is not in README.md");
    let licence = value("Cargo.toml", "license");
    assert!(readme.contains(&format!("Licence: {licence}.")), "{licence}");
    assert_eq!(
        (licence.as_str(), read("LICENSE").lines().next()),
        ("MIT-0", Some("MIT No Attribution"))
    );
}
