//! Every source of a deployment.

use std::collections::BTreeMap;

use serde_json::Value;

use super::config::SourceConfig;
use super::read;
use crate::secret::{Secret, UnusableSecret};
use crate::source_name::SourceName;
use crate::verify::Faults;

/// The sources, by name: `{"github": {"preset": "github"}, …}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sources(BTreeMap<SourceName, SourceConfig>);

impl Sources {
    /// Reads the configuration's JSON.
    ///
    /// # Errors
    /// A text for the operator when it is not the expected JSON, names no source, or has faults: all of them, each with its
    /// path.
    pub fn parse(json: &str) -> Result<Self, String> {
        let written: Value = serde_json::from_str(json).map_err(|error| error.to_string())?;
        let mut faults = Faults::default();
        let sources = Self::read(&written, &mut faults);
        sources.filter(|_| faults.all().is_empty()).ok_or_else(|| faults.told())
    }

    /// Reads the map of all sources.
    pub(crate) fn read(written: &Value, faults: &mut Faults) -> Option<Self> {
        let Some(map) = written.as_object().filter(|map| !map.is_empty()) else {
            faults.add("sources", "at least one source is needed, by its name");
            return None;
        };
        let mut sources = BTreeMap::new();
        for (name, value) in map {
            let path = format!("sources.{name}");
            let source = read::source(&path, value, faults);
            match name.parse::<SourceName>() {
                Ok(name) => sources.extend(source.map(|source| (name, source))),
                Err(error) => faults.add(path, error.to_string()),
            }
        }
        Some(Self(sources))
    }

    /// The source of that name, or none: a text that is no source name is simply unknown.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<(&SourceName, &SourceConfig)> {
        self.0.get_key_value(name)
    }

    /// The names of all sources.
    pub fn names(&self) -> impl Iterator<Item = &SourceName> {
        self.0.keys()
    }

    /// The sources, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&SourceName, &SourceConfig)> {
        self.0.iter()
    }

    /// Whether a source can verify with a secret; a source that is none of the deployment's takes every one.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn takes(&self, name: &SourceName, secret: &Secret) -> Result<(), UnusableSecret> {
        let source = self.0.get(name);
        source.map_or(Ok(()), |source| source.verify().takes(secret))
    }

    /// The names of the sources that accept unsigned bodies without allowing it themselves.
    pub fn unsigned(&self) -> impl Iterator<Item = &SourceName> {
        let is_open = |(_, config): &(&SourceName, &SourceConfig)| !config.needs_secret() && !config.allows_unsigned();
        self.0.iter().filter(is_open).map(|(name, _)| name)
    }

    /// What an operator should know of the configuration, by source.
    pub fn warnings(&self) -> impl Iterator<Item = (&SourceName, &'static str)> {
        self.0
            .iter()
            .flat_map(|(name, config)| config.warnings().into_iter().map(move |warning| (name, warning)))
    }
}
