//! The channel between a function and its test: lines in files, and files to wait for.

use std::fs::OpenOptions;
use std::io::{Error, Write as _};
use std::path::Path;
use std::time::Duration;

/// Adds a line in one write, so that the lines of several processes do not mix.
pub(crate) fn append(file: &Path, line: &str) -> Result<(), Error> {
    let mut file = OpenOptions::new().create(true).append(true).open(file)?;
    file.write_all(format!("{line}\n").as_bytes())
}

/// Makes a file that is there only once it is complete.
pub(crate) fn put(file: &Path, text: &str) -> Result<(), Error> {
    let part = file.with_extension("part");
    std::fs::write(&part, text)?;
    std::fs::rename(part, file)
}

pub(crate) fn lines(file: &Path) -> usize {
    std::fs::read_to_string(file).map_or(0, |text| text.lines().count())
}

/// Waits until the test has made the file.
pub(crate) async fn wait_for(file: &Path) {
    while !file.exists() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
