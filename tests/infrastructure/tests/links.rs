//! Links between the documents of the checkout lead to files and headings that exist.

#![cfg(test)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use tracehook_infrastructure::path;

/// Markdown files that git knows, and those that it would take.
fn documents() -> Vec<PathBuf> {
    let root = path(".").canonicalize().unwrap();
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "*.md"])
        .current_dir(&root)
        .output()
        .unwrap();
    let listed = String::from_utf8(output.stdout).unwrap();
    listed
        .lines()
        .map(|line| root.join(line))
        .filter(|file| file.is_file())
        .collect()
}

/// The text outside code blocks and code spans.
fn prose(text: &str) -> String {
    let mut in_block = false;
    let mut prose = String::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
        } else if !in_block {
            prose.extend(line.split('`').step_by(2));
            prose.push('\n');
        }
    }
    prose
}

/// Targets of `[text](target)`, those on the web left out.
fn targets(text: &str) -> Vec<String> {
    let behind = text.split("](").skip(1);
    let target = behind.filter_map(|rest| rest.split([')', ' ']).next());
    target
        .filter(|target| !target.contains("://") && !target.starts_with("mailto:"))
        .map(str::to_owned)
        .collect()
}

/// A heading's anchor: lower case, spaces as dashes, without punctuation.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let anchor = |line: &str| {
        let title = line.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
        title
            .chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
            .collect()
    };
    headings.map(anchor).collect()
}

fn broken(document: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(document).unwrap();
    let is_broken = |target: &String| {
        let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
        let file = match file {
            "" => document.to_owned(),
            file => document.parent().unwrap().join(file),
        };
        let has_anchor = || std::fs::read_to_string(&file).is_ok_and(|text| anchors(&text).contains(anchor));
        !(file.exists() && (anchor.is_empty() || has_anchor()))
    };
    targets(&prose(&text).replace('\n', " "))
        .into_iter()
        .filter(is_broken)
        .collect()
}

#[test]
fn every_link_leads_somewhere() {
    let documents = documents();
    assert!(documents.len() > 20, "{documents:?}");
    let broken: Vec<_> = documents
        .iter()
        .flat_map(|document| broken(document).into_iter().map(move |target| (document, target)))
        .collect();
    assert!(broken.is_empty(), "{broken:?}");
}

#[test]
fn a_link_to_nothing_is_found() {
    let directory = tempfile::tempdir().unwrap();
    let document = directory.path().join("a.md");
    std::fs::write(
        &document,
        "# One Two\n[a](#one-two) [b](a.md) [c](no.md) `[d](no.md)` [e](#no) [f](https://x/y)",
    )
    .unwrap();
    assert_eq!(broken(&document), ["no.md", "#no"]);
}
