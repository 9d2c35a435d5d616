//! The channel between a test and its functions: lines in files, and files to wait for.

use std::path::{Path, PathBuf};

use super::until;

/// Files in the directory of a host.
#[derive(Clone, Debug)]
pub(crate) struct Files(PathBuf);

impl Files {
    pub(crate) fn new(directory: &Path) -> Self {
        Self(directory.to_owned())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The file in which steps record that they ran.
    pub(crate) fn effects(&self) -> PathBuf {
        self.path("effects")
    }

    /// Makes the file that somebody waits for.
    pub(crate) fn open(&self, name: &str) {
        self.put(name, "");
    }

    /// Makes a file with that text, complete at once.
    pub(crate) fn put(&self, name: &str, text: &str) {
        let part = self.path(&format!("{name}.part"));
        std::fs::write(&part, text).unwrap();
        std::fs::rename(part, self.path(name)).unwrap();
    }

    /// The JSON of a file, once it is there.
    pub(crate) async fn json(&self, name: &str) -> serde_json::Value {
        until(name, || self.path(name).exists()).await;
        serde_json::from_str(&std::fs::read_to_string(self.path(name)).unwrap()).unwrap()
    }

    /// The words of each line.
    pub(crate) fn lines(&self, name: &str) -> Vec<Vec<String>> {
        let text = std::fs::read_to_string(self.path(name)).unwrap_or_default();
        text.lines()
            .map(|line| line.split(' ').map(str::to_owned).collect())
            .collect()
    }

    /// Waits until a file has so many lines.
    pub(crate) async fn until_lines(&self, name: &str, count: usize) -> Vec<Vec<String>> {
        until(&format!("{count} lines of {name}"), || self.lines(name).len() >= count).await;
        self.lines(name)
    }

    /// The steps that ran, each with its try.
    pub(crate) fn steps(&self) -> Vec<String> {
        let lines = self.lines("effects");
        lines.iter().map(|line| line[..2].join(" ")).collect()
    }

    /// The processes that wrote the lines of a file; the process id is the word of that number.
    pub(crate) fn pids(&self, name: &str, word: usize) -> Vec<u32> {
        let lines = self.lines(name);
        lines.iter().map(|line| line[word].parse().unwrap()).collect()
    }
}
