//! The settings of a function.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use crate::deployment::FunctionName;
use tracehook_local_lambda::FunctionOptions;

/// The settings of one function. Absent values are defaults.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Function {
    /// Another executable than this build's, for example with a handler of your own.
    pub binary: Option<PathBuf>,
    /// An invocation that takes longer is killed; 29 s, what the gateway waits, when unset; the reconciler, for which no
    /// gateway waits, has the 75 s of the deployment.
    pub timeout_seconds: Option<u64>,
    /// Processes at most; 0 throttles every invocation; 8 when unset.
    pub concurrency: Option<usize>,
    /// Variables laid over those that the service sets.
    pub environment: BTreeMap<String, String>,
}

impl Function {
    /// The host's options for it. `service` is the environment that the service sets.
    #[must_use]
    pub fn options(self, name: FunctionName, binaries: &Path, service: BTreeMap<String, String>) -> FunctionOptions {
        let binary = self.binary.unwrap_or_else(|| binaries.join(name.as_str()));
        let mut options = FunctionOptions::new(&name.deployed(), binary);
        let default_seconds = if name == FunctionName::Reconciler { 75 } else { 29 };
        options.timeout = Duration::from_secs(self.timeout_seconds.unwrap_or(default_seconds));
        if let Some(concurrency) = self.concurrency {
            options.max_sandboxes = concurrency;
        }
        options.environment = service;
        options.environment.extend(self.environment);
        options
    }
}
