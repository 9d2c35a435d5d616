//! Reading `*.yaml`: every file has `metric_sets`, `metric_alarms`, `composite_alarms` or several of them, by name.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{DataError, MetricSets};

/// One entry as written, with its placeholders.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Name of its file, without the directory.
    pub file: String,
    /// The entry as JSON, placeholders included.
    pub text: Value,
}

/// Every entry of a directory, by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Files {
    /// Metrics that alarms name in `metric_sets`.
    pub sets: MetricSets,
    /// Alarms on metrics.
    pub metric: BTreeMap<String, Entry>,
    /// Entries of `composite_alarms`.
    pub composite: BTreeMap<String, Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    metric_sets: BTreeMap<String, Map<String, Value>>,
    #[serde(default)]
    metric_alarms: BTreeMap<String, Value>,
    #[serde(default)]
    composite_alarms: BTreeMap<String, Value>,
}

impl Files {
    /// Reads every `*.yaml` of a directory.
    ///
    /// # Errors
    /// When a file cannot be read or is not of the form, or a name stands twice.
    pub fn read(directory: &Path) -> Result<Self, DataError> {
        let mut files = Self::default();
        for (name, text) in texts(directory)? {
            files.add(&name, &text)?;
        }
        Ok(files)
    }

    /// The map of the deployment for whose keys a definition has an alarm each.
    pub(crate) fn for_each(&self, definition: &str) -> Option<&str> {
        let entry = self.metric.get(definition).or_else(|| self.composite.get(definition))?;
        entry.text.get("for_each")?.as_str()
    }

    /// Adds the entries of one file.
    ///
    /// # Errors
    /// When the text is not of the form, or a name stands twice.
    pub fn add(&mut self, file: &str, text: &str) -> Result<(), DataError> {
        let content: File = serde_json::from_value(yaml(file, text)?)
            .map_err(|error| DataError::Yaml(file.to_owned(), error.to_string()))?;
        self.sets.add(content.metric_sets)?;
        let metric = content.metric_alarms.into_iter().map(|entry| (true, entry));
        let composite = content.composite_alarms.into_iter().map(|entry| (false, entry));
        for (is_metric, (name, text)) in metric.chain(composite) {
            if self.metric.contains_key(&name) || self.composite.contains_key(&name) {
                return Err(DataError::Twice(name));
            }
            let kind = if is_metric {
                &mut self.metric
            } else {
                &mut self.composite
            };
            let file = file.to_owned();
            kind.insert(name, Entry { file, text });
        }
        Ok(())
    }
}

/// A YAML text as JSON. A key that stands twice is refused.
///
/// # Errors
/// When it is not YAML.
pub fn yaml(file: &str, text: &str) -> Result<Value, DataError> {
    let problem = |error: &dyn std::fmt::Display| DataError::Yaml(file.to_owned(), error.to_string());
    let value: serde_norway::Value = serde_norway::from_str(text).map_err(|error| problem(&error))?;
    serde_json::to_value(value).map_err(|error| problem(&error))
}

/// Every `*.yaml` of a directory, with its name, by name.
///
/// # Errors
/// When the directory or a file cannot be read.
pub fn texts(directory: &Path) -> Result<Vec<(String, String)>, DataError> {
    let error = |error| DataError::Read(directory.to_owned(), error);
    let mut texts = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(error)? {
        let path = entry.map_err(error)?.path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&path).map_err(|error| DataError::Read(path, error))?;
            texts.push((name, text));
        }
    }
    texts.sort();
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_of_the_form_is_refused() {
        for text in [
            "metric_alarms: 1",
            "metrics: {}",
            "metric_alarms: {a: {}, a: {}}",
            "a: b: c",
        ] {
            assert!(Files::default().add("f", text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_name_stands_once_in_all_files_and_both_kinds() {
        let mut files = Files::default();
        files
            .add("a", "metric_alarms: {one: {}}\ncomposite_alarms: {two: {}}")
            .unwrap();
        for text in [
            "metric_alarms: {one: {}}",
            "composite_alarms: {one: {}}",
            "metric_alarms: {two: {}}",
        ] {
            assert!(matches!(files.add("b", text), Err(DataError::Twice(_))), "{text}");
        }
    }
}
