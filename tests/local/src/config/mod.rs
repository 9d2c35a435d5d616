//! The configuration file: sources with their secrets, limits, and what the functions are run with.
//!
//! Contract: everything has a default that works without a file, and a file that says something wrong is refused with
//! the place and the reason before anything is started.

mod function;
mod source;
mod triggers;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use serde::Deserialize;
use tracehook_core::body::{BODY_LIMIT_BYTES, DEFAULT_BODY_LIMIT_BYTES, DEFAULT_INLINE_BYTES, ITEM_LIMIT_BYTES};

use crate::deployment::FunctionName;
use tracehook_local_lambda::faults::Plan;
use tracehook_local_lambda::{AsyncRetry, DriverOptions, DurableOptions, STARTS_PER_SECOND};

pub use function::Function;
pub use source::{OneOrMany, Source, document, read as read_source};
pub use triggers::Triggers;

/// The secret of the sources that are served without a configuration.
pub const DEVELOPMENT_SECRET: &str = "local-development-secret";

/// A configuration file, read and checked.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The origin whose pages may read the answers.
    pub cors_allow_origin: Option<String>,
    /// The file of the secrets, `{"AWSCURRENT": {…}, "AWSPREVIOUS": {…}}`; in the state directory when unset.
    pub secrets_file: Option<PathBuf>,
    /// A file of sources in YAML or JSON, beside those of this file; relative to this file.
    pub sources_file: Option<PathBuf>,
    /// The sources by name.
    pub sources: BTreeMap<String, Source>,
    /// True where the file names none, and the sources are those of [`Self::development`].
    #[serde(skip)]
    pub(crate) names_no_source: bool,
    /// Limits beyond which requests are refused.
    pub limits: Limits,
    /// The directory of `schemas/SOURCE.json`, as a deployment package has them beside the binary. `functions/processor` of
    /// the checkout for functions that are built from it, else the directory of the binaries.
    pub task_root: Option<PathBuf>,
    /// The settings of each function.
    pub functions: BTreeMap<FunctionName, Function>,
    /// The settings of durable executions.
    pub durable: Durable,
    /// The retries of asynchronous invocations.
    pub asynchronous: Asynchronous,
    /// The triggers of the reconciler.
    pub triggers: Triggers,
    /// The faults that are planned from the start.
    pub faults: Plan,
}

/// Limits beyond which requests are refused.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// The largest body that the validator takes.
    pub max_body_bytes: usize,
    /// The largest payload that the table keeps; larger ones are objects.
    pub inline_payload_bytes: usize,
    /// The stage's throttle: requests per second on average; no throttle when unset.
    pub requests_per_second: Option<f64>,
    /// Requests that may come at once under the throttle.
    pub burst: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_body_bytes: DEFAULT_BODY_LIMIT_BYTES,
            inline_payload_bytes: DEFAULT_INLINE_BYTES,
            requests_per_second: None,
            burst: 100,
        }
    }
}

/// The settings of durable executions. Absent values are the host's defaults.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Durable {
    execution_timeout_seconds: Option<u32>,
    retention_days: Option<u32>,
    max_recoveries: Option<u32>,
    failure_delay_ms: Option<u64>,
    max_failure_delay_ms: Option<u64>,
    starts_per_second: Option<u32>,
}

impl Durable {
    /// The options that make the processor durable.
    #[must_use]
    pub fn options(&self) -> DurableOptions {
        let default = DurableOptions::default();
        DurableOptions {
            execution_timeout_seconds: self
                .execution_timeout_seconds
                .unwrap_or(default.execution_timeout_seconds),
            retention_days: self.retention_days.unwrap_or(default.retention_days),
        }
    }

    /// The repeats of failed invocations. Without `max_recoveries` only the execution timeout ends them.
    #[must_use]
    pub fn driver(&self) -> DriverOptions {
        let default = DriverOptions::default();
        let delay = |ms: Option<u64>, default: Duration| ms.map_or(default, Duration::from_millis);
        DriverOptions {
            max_recoveries: self.max_recoveries,
            failure_delay: delay(self.failure_delay_ms, default.failure_delay),
            max_failure_delay: delay(self.max_failure_delay_ms, default.max_failure_delay),
            ..default
        }
    }

    /// The quota of starts; a start beyond it waits in the queue.
    #[must_use]
    pub fn starts_per_second(&self) -> u32 {
        self.starts_per_second.unwrap_or(STARTS_PER_SECOND).max(1)
    }
}

/// The retries of asynchronous invocations of functions that are not durable.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Asynchronous {
    max_tries: Option<u32>,
    retry_delay_ms: Option<u64>,
}

impl Asynchronous {
    /// The queue's options.
    #[must_use]
    pub fn options(&self) -> AsyncRetry {
        let default = AsyncRetry::default();
        AsyncRetry {
            max_tries: self.max_tries.unwrap_or(default.max_tries),
            delays: self
                .retry_delay_ms
                .map_or(default.delays, |delay| vec![Duration::from_millis(delay)]),
            ..default
        }
    }
}

impl Config {
    /// The configuration without a file: the source `github` and the default source, with [`DEVELOPMENT_SECRET`].
    #[must_use]
    pub fn development() -> Self {
        let source = |preset: &str| Source::of(preset, DEVELOPMENT_SECRET);
        Self {
            sources: BTreeMap::from([
                ("github".to_owned(), source("github")),
                ("default".to_owned(), source("hmac-sha256")),
            ]),
            ..Self::default()
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read, is no TOML, has an unknown key, or says something that no function could run with.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("read {}", path.display()))?;
        let beside = path.parent().unwrap_or(Path::new("."));
        Self::parse(&text, beside).with_context(|| format!("the configuration {}", path.display()))
    }

    fn parse(text: &str, beside: &Path) -> anyhow::Result<Self> {
        let mut config: Self = toml::from_str(text).map_err(|error| unquoted(&error, text))?;
        let mut of_file = BTreeSet::new();
        if let Some(file) = &mut config.sources_file {
            *file = beside.join(&*file);
            of_file = source::add_file(&mut config.sources, file)?;
            if let Some((name, _)) = config.sources.iter().find(|(_, source)| source.settings.is_empty()) {
                bail!("sources.{name}: has a secret here, and is not in {}", file.display());
            }
        }
        if config.sources.is_empty() {
            config.sources = Self::development().sources;
            config.names_no_source = true;
        }
        config.check_sources(&of_file)?;
        if !BODY_LIMIT_BYTES.contains(&config.limits.max_body_bytes) {
            bail!(
                "limits.max_body_bytes must be from {} to {}",
                BODY_LIMIT_BYTES.start(),
                BODY_LIMIT_BYTES.end()
            );
        }
        if config.limits.inline_payload_bytes > ITEM_LIMIT_BYTES {
            bail!("limits.inline_payload_bytes must be at most {ITEM_LIMIT_BYTES}");
        }
        let above_zero = |rate: f64| rate.is_finite() && rate > 0.0;
        if !config.limits.requests_per_second.is_none_or(above_zero) {
            bail!("limits.requests_per_second must be above 0");
        }
        Ok(config)
    }

    /// Refuses sources that the validator would refuse: all faults, each under the file that it is in.
    fn check_sources(&self, of_file: &BTreeSet<String>) -> anyhow::Result<()> {
        let timeout_seconds = self.durable.options().execution_timeout_seconds;
        let validator = self.function(FunctionName::Validator).environment;
        let deduplication_days = validator
            .get("DEDUPLICATION_DAYS")
            .map_or(Ok(35), |text| text.parse())?;
        let allows_unsigned = validator.get("ALLOW_UNSIGNED").is_some_and(|text| text == "true");
        let check = |sources: BTreeMap<String, Source>| {
            if sources.is_empty() {
                return Ok(());
            }
            source::check(&sources, allows_unsigned)?;
            source::check_retention(&sources, timeout_seconds, deduplication_days)
        };
        let (theirs, own) = self
            .sources
            .clone()
            .into_iter()
            .partition(|(name, _)| of_file.contains(name));
        let mut faults = Vec::new();
        if let Err(error) = check(own) {
            faults.push(error.to_string());
        }
        if let Err(error) = check(theirs) {
            let file = self.sources_file.as_deref().unwrap_or(Path::new(""));
            faults.push(format!("the sources {}: {error}", file.display()));
        }
        if !faults.is_empty() {
            bail!("{}", faults.join("; "));
        }
        Ok(())
    }

    /// The settings of a function; the defaults when the file does not name it.
    #[must_use]
    pub fn function(&self, name: FunctionName) -> Function {
        self.functions.get(&name).cloned().unwrap_or_default()
    }
}

/// An error of the file by its place. The line itself may be a secret.
fn unquoted(error: &toml::de::Error, text: &str) -> anyhow::Error {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |rest| rest.chars().count()) + 1;
    anyhow!("TOML parse error at line {line}, column {column}: {}", error.message())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> anyhow::Result<Config> {
        Config::parse(text, Path::new("."))
    }

    #[test]
    fn what_the_file_does_not_say_has_a_default() {
        let config = parse("[sources.github]\npreset = \"github\"\nsecret = \"a-secret-of-16-bytes\"\n").unwrap();
        assert_eq!(config.limits.max_body_bytes, 4_669_440);
        assert_eq!(config.durable.options(), DurableOptions::default());
        assert!(config.function(FunctionName::Processor).environment.is_empty());
        let config = parse("[triggers]\nsweep_seconds = 0\n").unwrap();
        assert!(config.sources.keys().eq(Config::development().sources.keys()));
    }

    #[test]
    fn a_wrong_file_says_what_is_wrong() {
        let with = |text: &str| format!("[sources.a]\npreset = \"none\"\nallow_unsigned = true\n{text}");
        for (text, expected) in [
            (
                "[sources.a]\npreset = \"md5\"\n".to_owned(),
                "sources.a.preset: is no preset",
            ),
            (
                "[sources.a]\npreset = \"none\"\n[sources.b]\npreset = \"none\"\nid = [\"header:ä\"]\n".to_owned(),
                "sources.b.id[0]: not a header name",
            ),
            (
                "[sources.a]\npreset = \"github\"\n[unknown]\n".to_owned(),
                "unknown field `unknown`",
            ),
            (with("[functions.unknown]\n"), "unknown variant `unknown`"),
            (with("[functions.processor]\nenv = 1\n"), "unknown field `env`"),
            (
                with("[limits]\nmax_body_bytes = 4669441\n"),
                "must be from 1 to 4669440",
            ),
            (
                with("[limits]\ninline_payload_bytes = 358401\n"),
                "must be at most 358400",
            ),
            (with("[limits]\nrequests_per_second = 0.0\n"), "above 0"),
            (with("[limits"), "TOML parse error at line 4, column 8"),
            (
                with("[sources.b]\npreset = \"none\"\n"),
                "sources.b: accepts what anybody sends, which must be allowed",
            ),
            (
                "[sources.a]\npreset = \"github\"\nsecret = 1234567890123456\n".to_owned(),
                "a secret must be a text or a list of texts",
            ),
            (
                "[sources.a]\npreset = \"github\"\nretention_days = 2\n".to_owned(),
                "sources.a.retention_days: must be from 3 to 35 days here",
            ),
            (
                "[sources.a]\npreset = \"github\"\nretention_days = 36\n".to_owned(),
                "sources.a.retention_days: must be from 3 to 35 days here",
            ),
        ] {
            let message = format!("{:#}", parse(&text).unwrap_err());
            assert!(message.contains(expected), "{text}: {message}");
            assert!(!message.contains("1234567890123456"), "{message}");
        }
    }

    #[test]
    fn a_fault_is_told_with_the_file_that_it_is_in() {
        let directory = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = directory.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        write("sources.yaml", "far: {preset: md5}\nopen: {preset: none}\n");
        let own = write(
            "own.toml",
            "sources_file = \"sources.yaml\"\n[sources.near]\npreset = \"md4\"\n",
        );
        let told = format!("{:#}", Config::read(&own).unwrap_err());
        let (near, far) = told.split_once("; the sources ").unwrap();
        assert!(near.contains("own.toml: sources.near.preset"), "{told}");
        assert!(
            far.contains("sources.yaml: sources.far.preset") && !far.contains("own.toml"),
            "{told}"
        );
        write("sources.yaml", "far: {preset: github}\nopen: {preset: none}\n");
        let own = write("own.toml", "sources_file = \"sources.yaml\"\n");
        let told = format!("{:#}", Config::read(&own).unwrap_err());
        assert!(
            told.contains("sources.yaml: sources.open: accepts what anybody sends"),
            "{told}"
        );
    }

    #[test]
    fn failed_invocations_are_repeated_as_configured_and_without_a_number_for_ever() {
        let with = |text: &str| parse(&format!("[durable]\n{text}")).unwrap().durable.driver();
        let repeats = with("max_recoveries = 9\nfailure_delay_ms = 50\nmax_failure_delay_ms = 200\n");
        assert_eq!(repeats.max_recoveries, Some(9));
        assert_eq!(
            (repeats.failure_delay, repeats.max_failure_delay),
            (Duration::from_millis(50), Duration::from_millis(200))
        );
        assert_eq!(with("").max_recoveries, None);
    }
}
