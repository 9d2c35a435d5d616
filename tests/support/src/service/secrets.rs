//! The secrets of a running service.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::Service;

impl Service {
    /// Makes `secret` the current one of a source, as `aws secretsmanager put-secret-value` does: the document that was
    /// current becomes the previous one.
    ///
    /// # Errors
    /// When the document cannot be read or written.
    pub fn rotate(&self, source: &str, secret: &str) -> Result<()> {
        let path = self.path("state/secrets.json");
        let file: Value = serde_json::from_slice(&std::fs::read(&path)?)?;
        let before = file.get("AWSCURRENT").context("no current document")?.clone();
        let mut current = before.clone();
        let sources = current.get_mut("sources").and_then(Value::as_object_mut);
        sources.context("no sources")?.insert(source.to_owned(), json!(secret));
        let file = json!({"AWSCURRENT": current, "AWSPREVIOUS": before});
        // A reader sees the file before or the file after.
        let next = path.with_extension("next");
        std::fs::write(&next, file.to_string())?;
        Ok(std::fs::rename(next, path)?)
    }
}
