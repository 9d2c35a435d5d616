//! The variables and actions of the functions' code, those that Terraform sets and allows, what scripts install,
//! and what the documents claim.

pub mod claims;
pub mod code;
pub mod modules;
pub mod pins;
pub mod terraform;

use std::path::PathBuf;

/// A path within the checkout. Cargo says at run time where that is: a binary may have been built from another checkout
/// that shares the target directory.
#[must_use]
pub fn path(within: &str) -> PathBuf {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    PathBuf::from(package).join("../..").join(within)
}
