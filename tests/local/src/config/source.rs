//! Sources in the configuration file: the validator's own configuration, and the secrets beside it.

use std::collections::BTreeMap;

use anyhow::bail;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tracehook_core::Sources;

/// One source.
#[derive(Clone, Deserialize)]
pub struct Source {
    /// The signature scheme.
    pub scheme: String,
    /// Its secret, or all of its live ones; kept as it is in the secrets file when unset.
    pub secret: Option<OneOrMany>,
    /// The rest as the validator's configuration has it, which refuses what it does not know.
    #[serde(flatten)]
    pub settings: Map<String, Value>,
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source")
            .field("scheme", &self.scheme)
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

/// The validator's `SOURCES`.
#[must_use]
pub fn sources_json(sources: &BTreeMap<String, Source>) -> String {
    let entry = |source: &Source| {
        let mut entry = Map::from_iter([("scheme".to_owned(), json!(source.scheme))]);
        entry.extend(source.settings.clone());
        Value::Object(entry)
    };
    let all: Map<_, _> = sources
        .iter()
        .map(|(name, source)| (name.clone(), entry(source)))
        .collect();
    Value::Object(all).to_string()
}

/// Refuses what the validator would refuse.
pub(super) fn check(sources: &BTreeMap<String, Source>) -> anyhow::Result<()> {
    for (name, source) in sources {
        let alone = BTreeMap::from([(name.clone(), source.clone())]);
        if let Err(problem) = Sources::parse(&sources_json(&alone)) {
            // The place is one in the validator's variable, not in the file.
            let problem = problem.split(" at line ").next().unwrap_or_default();
            bail!("sources.{name}: {problem}");
        }
    }
    Ok(())
}
