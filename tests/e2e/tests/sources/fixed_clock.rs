//! The clock of the functions at a second of the past: vectors are right at one time.
//!
//! The clock of the local service goes on and never back, and it cannot stand still, which a time at the very edge of its
//! tolerance needs. So the functions' processes get theirs from the clock that the judges of deliveries have.

use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;
use tracehook_test_support::root;

/// A clock that stands where it is set.
pub(crate) struct FixedClock {
    directory: TempDir,
}

impl FixedClock {
    /// Compiles it.
    pub(crate) fn new() -> Self {
        let clock = Self {
            directory: tempfile::tempdir().unwrap(),
        };
        let compiled = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .arg(clock.library())
            .arg(root().join("tests/judges/deliveries/clock.c"))
            .status();
        assert!(compiled.unwrap().success(), "cc cannot compile the clock");
        clock
    }

    fn library(&self) -> PathBuf {
        self.directory.path().join("clock.so")
    }

    fn second(&self) -> PathBuf {
        self.directory.path().join("second")
    }

    /// Sets it, in epoch seconds.
    pub(crate) fn set(&self, second: i64) {
        // A reader sees the time before or the time after.
        let next = self.second().with_extension("next");
        std::fs::write(&next, second.to_string()).unwrap();
        std::fs::rename(next, self.second()).unwrap();
    }

    /// What makes every function follow it, for the configuration file; `of_validator` is added to the validator's variables.
    pub(crate) fn configuration(&self, of_validator: &str) -> String {
        let (library, second) = (self.library(), self.second());
        let table = |function: &str, more: &str| {
            format!("[functions.{function}.environment]\nLD_PRELOAD = {library:?}\nJUDGE_CLOCK = {second:?}\n{more}")
        };
        let others = ["processor", "status", "reconciler"].map(|function| table(function, ""));
        table("validator", of_validator) + &others.concat()
    }
}
