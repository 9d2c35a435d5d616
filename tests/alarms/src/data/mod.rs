//! The definitions: their files, their form, and the alarms of one deployment that they make.

mod deployment;
mod expand;
mod files;
mod metric_sets;
mod placeholders;
mod tiers;

pub use deployment::{Deployment, Function, SilentSource, Source};
pub(crate) use expand::keys;
pub use expand::{alarms_at, alarms_of, engine_of};
pub use files::{Entry, Files, texts, yaml};
pub use metric_sets::MetricSets;
pub use placeholders::fill;

use std::path::PathBuf;

use tracehook_local_cloudwatch::EngineError;

/// A definition that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// A file cannot be read.
    #[error("{0}: {1}")]
    Read(PathBuf, std::io::Error),
    /// A file is not YAML, or a key stands twice.
    #[error("{0}: {1}")]
    Yaml(String, String),
    /// An entry is not of its form.
    #[error("{file}: {entry}: {problem}")]
    Entry {
        /// Name of the file in `alarms/` or `dashboards/`.
        file: String,
        /// Key of the entry in its file.
        entry: String,
        /// The problem, for people.
        problem: String,
    },
    /// Two definitions or two alarms have one name.
    #[error("{0} stands twice")]
    Twice(String),
    /// An alarm cannot be evaluated.
    #[error(transparent)]
    Engine(#[from] EngineError),
}
