//! The reconciler's environment.

use std::time::Duration;

use tracehook_core::env::{ConfigError, Env};
use tracehook_core::record::Ages;
use tracehook_runtime::config::{Bucket, Starts, Table};

/// The age at which the deployment lets Lambda drop a start that waits; it does not drop one sooner.
pub const MAX_START_AGE: Duration = Duration::from_hours(6);

/// Read once at start.
#[derive(Debug, Clone)]
pub struct Config {
    /// The table.
    pub table: Table,
    /// The bucket of large payloads.
    pub bucket: Bucket,
    /// The executions that are started, and how long redriven records are kept.
    pub starts: Starts,
    /// `RECEIVED_AGE_SECONDS`, `STARTED_AGE_SECONDS`, `STUCK_AGE_SECONDS`.
    pub ages: Ages,
    /// `MAX_ATTEMPTS`: up to this one, an attempt whose start was dropped is followed by another by itself.
    pub max_attempts: u32,
    /// `SWEEP_MAX_RECORDS`: records that one sweep looks at.
    pub sweep_records: usize,
    /// `ENGINE_CALLS_PER_SECOND`: reads of executions; the account shares 30, 15 for lists.
    pub engine_calls_per_second: u32,
    /// `STARTS_PER_SECOND`: starts of executions; the account has 300, which the validator needs as well.
    pub starts_per_second: u32,
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
        let starts = Starts::read(&mut env);
        let received = env.within("RECEIVED_AGE_SECONDS", 1..=3600, 60);
        let started = env.within("STARTED_AGE_SECONDS", 1..=86_400, 300);
        // By then the engine has ended it.
        let timeout = starts
            .as_ref()
            .map_or(0, |starts: &Starts| starts.life.execution_timeout.as_secs());
        let stuck = env.within("STUCK_AGE_SECONDS", 1..=31_622_400, (timeout + 3600).min(31_622_400));
        let max_attempts = env.within("MAX_ATTEMPTS", 1..=100, 3);
        let sweep_records = env.within("SWEEP_MAX_RECORDS", 1..=100_000, 20_000);
        let engine_calls_per_second = env.within("ENGINE_CALLS_PER_SECOND", 1..=30, 15);
        let starts_per_second = env.within("STARTS_PER_SECOND", 1..=10_000, 200);
        if let (Some(received), Some(started)) = (received, started)
            && started < received
        {
            env.problem("STARTED_AGE_SECONDS must not be below RECEIVED_AGE_SECONDS");
        }
        let telemetry = tracehook_telemetry::Config::read(&mut env);
        env.finish(|| {
            Some(Self {
                table: table?,
                bucket: bucket?,
                starts: starts?,
                ages: Ages {
                    received: Duration::from_secs(received?),
                    started: Duration::from_secs(started?),
                    stuck: Duration::from_secs(stuck?),
                },
                max_attempts: max_attempts?,
                sweep_records: sweep_records?,
                engine_calls_per_second: engine_calls_per_second?,
                starts_per_second: starts_per_second?,
                telemetry: telemetry?,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(changes: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let good = [
            ("TABLE_NAME", "t"),
            ("PROCESSOR_FUNCTION", "p:live"),
            ("EXECUTION_NAME_PREFIX", "t"),
        ];
        Config::from_env(|name| {
            let value = changes.iter().chain(&good).find(|(known, _)| *known == name)?.1;
            Some(value.to_owned())
        })
    }

    #[test]
    fn what_is_not_said_has_a_default_that_starts_within_two_minutes_of_a_sweep_a_minute() {
        let config = read(&[]).unwrap();
        assert_eq!(config.ages.received, Duration::from_mins(1));
        assert_eq!((config.max_attempts, config.engine_calls_per_second), (3, 15));
    }

    #[test]
    fn every_wrong_variable_is_named_in_one_message() {
        let wrong = [
            ("TABLE_NAME", ""),
            ("PAYLOAD_BUCKET", "a.b"),
            ("PROCESSOR_FUNCTION", ""),
            ("EXECUTION_NAME_PREFIX", "a b"),
            ("RECEIVED_AGE_SECONDS", "0"),
            ("STARTED_AGE_SECONDS", "x"),
            ("STUCK_AGE_SECONDS", "-1"),
            ("MAX_ATTEMPTS", "0"),
            ("SWEEP_MAX_RECORDS", "0"),
            ("ENGINE_CALLS_PER_SECOND", "31"),
            ("STARTS_PER_SECOND", "0"),
            ("RETENTION_DAYS", "0"),
        ];
        let message = read(&wrong).unwrap_err().to_string();
        for (name, _) in wrong {
            assert!(message.contains(name), "{name}: {message}");
        }
        let message = read(&[("STARTED_AGE_SECONDS", "30")]).unwrap_err().to_string();
        assert!(message.contains("must not be below"), "{message}");
    }
}
