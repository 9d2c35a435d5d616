//! Sources in the configuration file: the validator's own configuration, and the secrets beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, anyhow, bail};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tracehook_core::{Configuration, SourceConfig};

/// One source.
#[derive(Clone, Deserialize)]
pub struct Source {
    /// Its secret, or all of its live ones; kept as it is in the secrets file when unset.
    pub secret: Option<OneOrMany>,
    /// The rest as the validator's configuration has it (functions/core/SOURCES.md), which refuses what it does not know.
    #[serde(flatten)]
    pub settings: Map<String, Value>,
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// A secret or several. `Debug` shows none.
#[derive(Clone, Deserialize, Serialize, PartialEq, Eq)]
#[serde(untagged, expecting = "a secret must be a text or a list of texts")]
pub enum OneOrMany {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl std::fmt::Debug for OneOrMany {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[REDACTED]")
    }
}

impl Source {
    /// A source of a preset with its secret.
    #[must_use]
    pub fn of(preset: &str, secret: &str) -> Self {
        Self {
            secret: Some(OneOrMany::One(secret.to_owned())),
            settings: Map::from_iter([("preset".to_owned(), preset.into())]),
        }
    }
}

impl OneOrMany {
    /// The first one, with which the example is signed.
    #[must_use]
    pub fn first(&self) -> Option<&str> {
        match self {
            Self::One(one) => Some(one),
            Self::Many(many) => many.first().map(String::as_str),
        }
    }
}

/// The functions' configuration document.
#[must_use]
pub fn document(sources: &BTreeMap<String, Source>) -> String {
    let all: Map<_, _> = sources
        .iter()
        .map(|(name, source)| (name.clone(), Value::Object(source.settings.clone())))
        .collect();
    json!({ "sources": all }).to_string()
}

/// The source of that name as the validator reads it; absent when it would refuse it.
#[must_use]
pub fn read(name: &str, source: &Source) -> Option<SourceConfig> {
    let alone = BTreeMap::from([(name.to_owned(), source.clone())]);
    let Configuration { sources } = Configuration::parse(&document(&alone)).ok()?;
    sources.get(name).map(|(_, config)| config.clone())
}

/// Refuses what the validator would refuse.
pub(super) fn check(sources: &BTreeMap<String, Source>, allows_unsigned: bool) -> anyhow::Result<()> {
    let read = Configuration::parse(&document(sources)).map_err(|faults| anyhow!("{faults}"))?;
    if !allows_unsigned && let Some(name) = read.sources.unsigned().next() {
        bail!("sources.{name}: accepts what anybody sends, which must be allowed: allow_unsigned = true");
    }
    Ok(())
}

/// Refuses payloads that would be gone before their execution, or be kept longer than records, as the validator does.
pub(super) fn check_retention(
    sources: &BTreeMap<String, Source>,
    execution_timeout_seconds: u32,
    deduplication_days: u64,
) -> anyhow::Result<()> {
    const DAY: u64 = 86_400;
    let least = (u64::from(execution_timeout_seconds) + DAY).div_ceil(DAY);
    for (name, source) in sources {
        let days = source.settings.get("retention_days").and_then(Value::as_u64);
        if days.is_some_and(|days| !(least..=deduplication_days).contains(&days)) {
            bail!("sources.{name}.retention_days: must be from {least} to {deduplication_days} days here");
        }
    }
    Ok(())
}

/// Adds the sources of a file in YAML or JSON, the form in which a deployment takes them, too, and returns their names. The secret
/// of one may stand in `sources`, alone.
pub(super) fn add_file(sources: &mut BTreeMap<String, Source>, path: &Path) -> anyhow::Result<BTreeSet<String>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("read {}", path.display()))?;
    // By the document first, which refuses a name that comes twice.
    let read: BTreeMap<String, Map<String, Value>> = serde_norway::from_str(&text)
        .and_then(|document: serde_norway::Value| serde_norway::from_value(document))
        .map_err(|error| anyhow!("{error}"))
        .with_context(|| format!("the sources {}", path.display()))?;
    let names = read.keys().cloned().collect();
    for (name, settings) in read {
        if settings.contains_key("secret") {
            bail!("sources.{name}.secret: {} is no place of secrets", path.display());
        }
        let source = sources.entry(name.clone()).or_insert_with(|| Source {
            secret: None,
            settings: Map::new(),
        });
        if !source.settings.is_empty() {
            bail!("sources.{name}: is in {} as well", path.display());
        }
        source.settings = settings;
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is wrong with a file of sources, beside those of the configuration.
    fn refused(of_file: &str, beside: &str) -> String {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("sources.yaml");
        std::fs::write(&path, of_file).unwrap();
        let mut sources = BTreeMap::from([("a".to_owned(), Source::of(beside, "a-secret-of-16-bytes"))]);
        format!("{:#}", add_file(&mut sources, &path).unwrap_err())
    }

    #[test]
    fn a_name_that_comes_twice_is_refused() {
        for twice in [
            "b: {preset: stripe}\nb: {preset: github}\n",
            "b: {preset: stripe, preset: github}\n",
        ] {
            let told = refused(twice, "github");
            assert!(told.contains("duplicate"), "{told}");
        }
        assert!(refused("a: {preset: stripe}\n", "github").contains("sources.a: is in"));
        assert!(refused("b: {preset: stripe, secret: x}\n", "github").contains("sources.b.secret"));
    }
}
