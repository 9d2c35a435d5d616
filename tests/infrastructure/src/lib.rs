//! What the code of the functions reads and calls, and what Terraform sets and allows, side by side.

pub mod code;
pub mod terraform;

use std::path::{Path, PathBuf};

/// A path within the checkout.
#[must_use]
pub fn path(within: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join(within)
}
