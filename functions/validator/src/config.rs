//! The validator's environment.

use std::time::Duration;

use tracehook_core::ConfigurationHash;
use tracehook_core::body::{BODY_LIMIT_BYTES, DEFAULT_BODY_LIMIT_BYTES, DEFAULT_INLINE_BYTES, ITEM_LIMIT_BYTES};
use tracehook_core::env::{ConfigError, Env};
use tracehook_runtime::config::{Bucket, Http, Starts, Table};

/// Read once at start.
#[derive(Debug, Clone)]
pub struct Config {
    /// The table.
    pub table: Table,
    /// `SECRET_ID`: name or ARN of the secret with the token key and the sources' secrets.
    pub secret_id: String,
    /// `CONFIGURATION_SHA256`: the hash of the configuration document in the table.
    pub configuration: ConfigurationHash,
    /// `ALLOW_UNSIGNED`: sources that accept unsigned bodies are allowed.
    pub allow_unsigned: bool,
    /// The executions that are started, and how long a record is kept.
    pub starts: Starts,
    /// The bucket of large payloads.
    pub bucket: Bucket,
    /// `INLINE_PAYLOAD_BYTES`: payloads of more bytes are objects of the bucket.
    pub inline_payload_bytes: usize,
    /// `MAX_BODY_BYTES`, and at most what the table takes where there is no bucket.
    pub max_body_bytes: usize,
    /// `ANSWER_BUDGET_MS`: the longest time from a request's arrival to its answer.
    pub answer_budget: Duration,
    /// `MAX_REDELIVERIES`: attempts that a producer may open by sending what has failed again.
    pub max_redeliveries: u32,
    /// `PUBLIC_BASE_URL`: where the API is reached; the gateway's own URL when unset.
    pub base_url: Option<String>,
    /// Links to traces, and the pages that may read answers.
    pub http: Http,
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
        let secret_id = env.required("SECRET_ID");
        let configuration = env.required("CONFIGURATION_SHA256");
        let starts = Starts::read(&mut env);
        let bucket = Bucket::read(&mut env);
        let inline_payload_bytes = env.within("INLINE_PAYLOAD_BYTES", 0..=ITEM_LIMIT_BYTES, DEFAULT_INLINE_BYTES);
        let max_body_bytes = env.within("MAX_BODY_BYTES", BODY_LIMIT_BYTES, DEFAULT_BODY_LIMIT_BYTES);
        let answer_budget_ms = env.within("ANSWER_BUDGET_MS", 1000..=25_000, 2500);
        let max_redeliveries = env.within("MAX_REDELIVERIES", 0..=100, 3);
        let base_url = env.optional_with("PUBLIC_BASE_URL", |url| match url.strip_suffix('/').unwrap_or(url) {
            url if url.starts_with("https://") || url.starts_with("http://") => Ok(url.to_owned()),
            _ => Err("must begin with https:// or http://".to_owned()),
        });
        let http = Http::read(&mut env);
        let allow_unsigned = env.or("ALLOW_UNSIGNED", false);
        let telemetry = tracehook_telemetry::Config::read(&mut env);
        env.finish(|| {
            let bucket = bucket?;
            let storable_bytes = bucket.name.as_ref().map_or(ITEM_LIMIT_BYTES, |_| usize::MAX);
            Some(Self {
                table: table?,
                secret_id: secret_id?,
                configuration: configuration?,
                allow_unsigned: allow_unsigned?,
                starts: starts?,
                bucket,
                inline_payload_bytes: inline_payload_bytes?,
                max_body_bytes: max_body_bytes?.min(storable_bytes),
                answer_budget: Duration::from_millis(answer_budget_ms?),
                max_redeliveries: max_redeliveries?,
                base_url: base_url?,
                http: http?,
                telemetry: telemetry?,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: [(&str, &str); 6] = [
        ("TABLE_NAME", "tracehook"),
        ("SECRET_ID", "tracehook"),
        (
            "CONFIGURATION_SHA256",
            "ea8fc4ac6125411b26dc4ad44d4322b2b400759a0dd9b69cb78565ff35523469",
        ),
        ("PROCESSOR_FUNCTION", "processor:live"),
        ("EXECUTION_NAME_PREFIX", "tracehook"),
        ("AWS_REGION", "eu-west-1"),
    ];

    fn read(changes: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::from_env(|name| {
            let value = changes.iter().chain(&GOOD).find(|(known, _)| *known == name)?.1;
            Some(value.to_owned())
        })
    }

    #[test]
    fn an_unset_variable_has_a_safe_default() {
        let config = read(&[]).unwrap();
        assert_eq!((config.inline_payload_bytes, config.max_redeliveries), (32 * 1024, 3));
        assert_eq!(config.answer_budget, Duration::from_millis(2500));
        assert_eq!(config.http.cors.allow_origin, None);
        assert_eq!(config.base_url, None);
    }

    #[test]
    fn a_body_is_as_large_as_the_gateway_hands_on_where_a_bucket_takes_it_and_as_an_item_holds_where_none_does() {
        let most = |changes: &[(&str, &str)]| read(changes).unwrap().max_body_bytes;
        let bucket = ("PAYLOAD_BUCKET", "tracehook-payloads");
        assert_eq!(most(&[bucket]), 4_669_440);
        assert_eq!(most(&[]), 358_400);
        assert_eq!(most(&[bucket, ("MAX_BODY_BYTES", "1000000")]), 1_000_000);
        assert_eq!(most(&[("MAX_BODY_BYTES", "1000000")]), 358_400);
        assert_eq!(most(&[("MAX_BODY_BYTES", "1000")]), 1000);
    }

    #[test]
    fn every_wrong_variable_is_named_in_one_message() {
        let wrong = [
            ("TABLE_NAME", ""),
            ("SECRET_ID", ""),
            ("CONFIGURATION_SHA256", "EA8F"),
            ("PROCESSOR_FUNCTION", ""),
            ("EXECUTION_NAME_PREFIX", "a b"),
            ("MAX_BODY_BYTES", "4669441"),
            ("PAYLOAD_BUCKET", "a.b"),
            ("INLINE_PAYLOAD_BYTES", "358401"),
            ("RETENTION_DAYS", "0"),
            ("DEDUPLICATION_DAYS", "0"),
            ("EXECUTION_TIMEOUT_SECONDS", "0"),
            ("ANSWER_BUDGET_MS", "999"),
            ("MAX_REDELIVERIES", "101"),
            ("PUBLIC_BASE_URL", "ftp://x"),
            ("TRACE_URL_TEMPLATE", "https://x/{y}"),
            ("ALLOW_UNSIGNED", "yes"),
            ("AWS_REGION", ""),
            ("LOG_LEVEL", "loud"),
            ("OTEL_TRACES_SAMPLER", "sometimes"),
        ];
        let message = read(&wrong).unwrap_err().to_string();
        for (name, _) in wrong {
            assert!(message.contains(name), "{name}: {message}");
        }
    }
}
