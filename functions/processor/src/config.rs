//! The processor's environment.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tracehook_core::env::{ConfigError, Env};
use tracehook_runtime::config::{Bucket, Table};

use crate::retry::RetryPolicy;
use crate::schema::SourceSchemas;

/// Read once at start.
#[derive(Debug, Clone)]
pub struct Config {
    /// The table.
    pub table: Table,
    /// The bucket of large payloads.
    pub bucket: Bucket,
    /// `STEP_RETRY_SECONDS`, `STEP_MAX_TRIES`, `STEP_INITIAL_DELAY_SECONDS`, `STEP_MAX_DELAY_SECONDS`,
    /// `STEP_MAX_INTERRUPTED_TRIES`, `STEP_MARK_AFTER_SECONDS`.
    pub retry: RetryPolicy,
    /// The files `schemas/SOURCE.json` in `LAMBDA_TASK_ROOT`, where Lambda unpacks the deployment package.
    pub schemas: Arc<SourceSchemas>,
    /// Logs, metrics and traces.
    pub telemetry: tracehook_telemetry::Config,
}

impl AsRef<tracehook_telemetry::Config> for Config {
    fn as_ref(&self) -> &tracehook_telemetry::Config {
        &self.telemetry
    }
}

impl Config {
    /// Reads every variable.
    ///
    /// # Errors
    /// One message that names every bad variable.
    pub fn from_env(get: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut env = Env::new(get);
        let table = Table::read(&mut env);
        let bucket = Bucket::read(&mut env);
        let max_tries = env.within("STEP_MAX_TRIES", 1..=1000, 1000);
        let retry_seconds = env.within("STEP_RETRY_SECONDS", 0..=31_622_400, 86_400);
        let initial_seconds = env.within("STEP_INITIAL_DELAY_SECONDS", 1..=3600, 2);
        let max_seconds = env.within("STEP_MAX_DELAY_SECONDS", 1..=86_400, 900);
        let max_interrupted_tries = env.within("STEP_MAX_INTERRUPTED_TRIES", 1..=1000, 5);
        let mark_after_seconds = env.within("STEP_MARK_AFTER_SECONDS", 0..=3600, 15);
        let schemas = env.optional_with("LAMBDA_TASK_ROOT", |root| {
            SourceSchemas::read(&Path::new(root).join("schemas"))
        });
        let telemetry = tracehook_telemetry::Config::read(&mut env);
        env.finish(|| {
            Some(Self {
                table: table?,
                bucket: bucket?,
                retry: RetryPolicy {
                    retry_for: Duration::from_secs(retry_seconds?),
                    max_tries: max_tries?,
                    initial_delay: Duration::from_secs(initial_seconds?),
                    max_delay: Duration::from_secs(max_seconds?),
                    max_interrupted_tries: max_interrupted_tries?,
                    mark_after: Duration::from_secs(mark_after_seconds?),
                },
                schemas: Arc::new(schemas?.unwrap_or_default()),
                telemetry: telemetry?,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use tracehook_core::record::StepName;

    use super::*;
    use crate::step::Try;

    /// Repeats of an invocation after which the service may fail the execution: one report of an account counts so many. The
    /// service documents no number, and delays that double.
    const RECOVERIES: u32 = 9;

    #[test]
    fn a_step_that_is_always_killed_is_given_up_by_its_record_before_the_engine_gives_up() {
        let config = Config::from_env(|name| (name == "TABLE_NAME").then(|| "t".to_owned()));
        let policy = config.unwrap().retry;
        // The first try of `process` is opened by a write, and of the others the first one that begins late.
        for (step, opened_after) in [
            (StepName::Validate, policy.mark_after),
            (StepName::Process, Duration::ZERO),
            (StepName::Finalize, policy.mark_after),
        ] {
            let (mut entry, mut at, mut delay, mut invocations) = (None, Duration::ZERO, Duration::from_secs(1), 1);
            loop {
                let (this, _) = Try::begin(step, 1, entry.as_ref());
                if this.interrupted >= policy.max_interrupted_tries {
                    break;
                }
                if at >= opened_after {
                    entry = Some(this.started());
                }
                (at, delay) = (at + delay, delay * 2);
                invocations += 1;
            }
            assert!(invocations <= RECOVERIES + 1, "{step}: in invocation {invocations}");
        }
    }

    #[test]
    fn a_schema_that_cannot_be_used_is_named_by_its_file() {
        let package = tempfile::tempdir().unwrap();
        let read = || {
            Config::from_env(|name| match name {
                "TABLE_NAME" => Some("t".to_owned()),
                "LAMBDA_TASK_ROOT" => Some(package.path().display().to_string()),
                _ => None,
            })
        };
        assert_eq!(read().unwrap().schemas.sources().count(), 0);
        std::fs::create_dir(package.path().join("schemas")).unwrap();
        let write = |text| std::fs::write(package.path().join("schemas/shop.json"), text).unwrap();
        write(r#"{"type": "object"}"#);
        assert_eq!(read().unwrap().schemas.sources().count(), 1);
        write(r#"{"type": "wrong"}"#);
        let message = read().unwrap_err().to_string();
        assert!(
            message.contains("LAMBDA_TASK_ROOT: ") && message.contains("schemas/shop.json"),
            "{message}"
        );
    }

    #[test]
    fn every_wrong_variable_is_named_in_one_message() {
        let names = [
            "TABLE_NAME",
            "PAYLOAD_BUCKET",
            "STEP_MAX_TRIES",
            "STEP_RETRY_SECONDS",
            "STEP_INITIAL_DELAY_SECONDS",
            "STEP_MAX_DELAY_SECONDS",
            "STEP_MAX_INTERRUPTED_TRIES",
            "OTEL_TRACES_SAMPLER",
        ];
        let message = Config::from_env(|name| (name != "TABLE_NAME").then(|| "x".to_owned()))
            .unwrap_err()
            .to_string();
        for name in names {
            assert!(message.contains(name), "{name}: {message}");
        }
    }
}
