//! The project's own definitions and runbooks, embedded at build time.

use crate::data::{DataError, Files};

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// The entries of `alarms/*.yaml`.
///
/// # Errors
/// When a file is not of the form, which the tests rule out.
pub fn files() -> Result<Files, DataError> {
    let mut files = Files::default();
    for (name, text) in DEFINITIONS {
        files.add(&format!("{name}.yaml"), text)?;
    }
    Ok(files)
}

/// The Markdown of `alarms/runbooks/NAME.md`.
#[must_use]
pub fn runbook(name: &str) -> Option<&'static str> {
    RUNBOOKS.iter().find(|(own, _)| *own == name).map(|(_, text)| *text)
}
