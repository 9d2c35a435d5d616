//! The binaries of the workspace, built for the tests that start them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context as _, Result, bail};

/// The directory with the binaries of the debug profile, built once per test process.
///
/// # Errors
/// When they cannot be built.
pub fn binaries() -> Result<PathBuf> {
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    BUILT
        .get_or_init(|| build().map_err(|error| format!("{error:#}")))
        .clone()
        .map_err(anyhow::Error::msg)
}

fn build() -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").context("cargo sets CARGO for its tests")?;
    let output = Command::new(cargo)
        .args(["build", "--quiet", "--workspace", "--bins"])
        .current_dir(crate::root())
        .output()?;
    if !output.status.success() {
        bail!(
            "the binaries cannot be built: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    // A test's own executable is in PROFILE/deps.
    let test = std::env::current_exe()?;
    Ok(test
        .parent()
        .and_then(Path::parent)
        .context("no target directory")?
        .to_owned())
}
