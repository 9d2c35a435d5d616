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
        let max_interrupted_tries = env.within("STEP_MAX_INTERRUPTED_TRIES", 1..=1000, 10);
        let mark_after_seconds = env.within("STEP_MARK_AFTER_SECONDS", 0..=3600, 30);
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
    use super::*;

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
