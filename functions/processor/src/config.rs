//! The processor's environment.

use std::time::Duration;

use tracehook_core::config::{ConfigError, Env};

use crate::retry::RetryPolicy;

/// Read once at start.
#[derive(Debug, Clone)]
pub struct Config {
    /// `TABLE_NAME`.
    pub table: String,
    /// `STEP_MAX_ATTEMPTS`, `STEP_INITIAL_DELAY_SECONDS`, `STEP_MAX_DELAY_SECONDS`.
    pub retry: RetryPolicy,
    /// What concerns logs, metrics and traces.
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
        let table = env.required("TABLE_NAME");
        let max_attempts = env.within("STEP_MAX_ATTEMPTS", 1..=100, 6);
        let initial_seconds = env.within("STEP_INITIAL_DELAY_SECONDS", 1..=3600, 2);
        let max_seconds = env.within("STEP_MAX_DELAY_SECONDS", 1..=86_400, 60);
        let telemetry = tracehook_telemetry::Config::read(&mut env);
        env.finish(|| {
            Some(Self {
                table: table?,
                retry: RetryPolicy {
                    max_attempts: max_attempts?,
                    initial_delay: Duration::from_secs(initial_seconds?),
                    max_delay: Duration::from_secs(max_seconds?),
                },
                telemetry: telemetry?,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_variable_is_named_in_one_message() {
        let names = [
            "TABLE_NAME",
            "STEP_MAX_ATTEMPTS",
            "STEP_INITIAL_DELAY_SECONDS",
            "STEP_MAX_DELAY_SECONDS",
            "OTEL_TRACES_SAMPLER",
        ];
        let message = Config::from_env(|name| (name != "TABLE_NAME").then(|| "0".to_owned()))
            .unwrap_err()
            .to_string();
        for name in names {
            assert!(message.contains(name), "{name}: {message}");
        }
    }
}
