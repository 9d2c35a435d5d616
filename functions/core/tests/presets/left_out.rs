//! The producers that have no preset, each with its reason.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::file::files;

/// The producers of the list of facts.
pub(crate) const PRODUCERS: usize = 283;

/// A reason, and whom it concerns.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reason {
    /// One sentence.
    pub(crate) why: String,
    /// True if a source can say everything itself.
    pub(crate) can_be_written: bool,
    pub(crate) producers: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LeftOut {
    left_out: Vec<Reason>,
}

pub(crate) fn left_out() -> Vec<Reason> {
    toml::from_str::<LeftOut>(include_str!("left_out.toml"))
        .unwrap()
        .left_out
}

/// The presets that are no producer of the list: second ways of one, and that of unsigned sources.
pub(crate) const BESIDE: [&str; 3] = ["gitea-form", "github-form", "none"];

#[test]
fn every_producer_has_a_preset_or_a_reason() {
    let reasons = left_out();
    let left: Vec<_> = reasons.iter().flat_map(|reason| &reason.producers).collect();
    let names: BTreeSet<_> = left.iter().collect();
    assert_eq!(names.len(), left.len(), "a producer stands twice");
    let files = files();
    assert!(
        left.iter().all(|name| !files.contains_key(*name)),
        "a producer has both"
    );
    assert_eq!(files.len() - BESIDE.len() + left.len(), PRODUCERS);
}
