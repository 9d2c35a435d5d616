//! Sources in the configuration file: the validator's own configuration, and the secrets beside it.

use std::collections::BTreeMap;
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
#[serde(untagged)]
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
pub(super) fn check(sources: &BTreeMap<String, Source>) -> anyhow::Result<()> {
    if let Err(faults) = Configuration::parse(&document(sources)) {
        bail!("{faults}");
    }
    Ok(())
}

/// Adds the sources of a file in YAML or JSON, the form in which a deployment takes them, too. The secret of one may stand in
/// `sources`, alone.
pub(super) fn add_file(sources: &mut BTreeMap<String, Source>, path: &Path) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(path).with_context(|| format!("read {}", path.display()))?;
    let read: BTreeMap<String, Map<String, Value>> = serde_norway::from_str(&text)
        .map_err(|error| anyhow!("{error}"))
        .with_context(|| format!("the sources {}", path.display()))?;
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
    Ok(())
}
