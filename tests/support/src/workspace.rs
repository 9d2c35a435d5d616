//! Directories of the workspace, found at run time: checkouts may share a target directory.

use std::path::{Path, PathBuf};

/// The directory of the package whose test runs.
///
/// # Panics
/// When cargo did not start the test.
#[must_use]
#[expect(clippy::expect_used, reason = "a helper of tests fails the test")]
pub fn package() -> PathBuf {
    let directory = std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR");
    PathBuf::from(directory)
}

/// The root of the repository.
///
/// # Panics
/// When cargo did not start the test.
#[must_use]
#[expect(clippy::expect_used, reason = "a helper of tests fails the test")]
pub fn root() -> PathBuf {
    package()
        .ancestors()
        .find(|directory| directory.join("Cargo.lock").is_file())
        .map(Path::to_owned)
        .expect("a package is below its workspace")
}
