//! The environment: any is a configuration, or is refused with the names of its bad variables.

use tracehook_test_support::fuzzing::{environments, fuzz};
use tracehook_validator::config::Config;

const NAMES: [&str; 22] = [
    "TABLE_NAME",
    "SECRET_ID",
    "SOURCES",
    "PROCESSOR_FUNCTION",
    "EXECUTION_NAME_PREFIX",
    "MAX_BODY_BYTES",
    "RETENTION_DAYS",
    "PUBLIC_BASE_URL",
    "TRACE_URL_TEMPLATE",
    "CORS_ALLOW_ORIGIN",
    "ALLOW_UNSIGNED",
    "AWS_REGION",
    "LOG_LEVEL",
    "OTEL_SDK_DISABLED",
    "OTEL_TRACES_EXPORTER",
    "OTEL_TRACES_SAMPLER",
    "OTEL_TRACES_SAMPLER_ARG",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_HEADERS",
    "OTEL_EXPORTER_OTLP_TIMEOUT",
    "OTEL_METRICS_EXPORTER",
    "OTEL_RESOURCE_ATTRIBUTES",
];

/// One value a line.
const VALUES: &str = include_str!("../../../core/tests/corpus/environment.txt");

#[test]
fn every_environment_is_a_configuration_or_is_refused_by_the_names_of_its_variables() {
    let values: Vec<_> = VALUES.lines().map(|line| line.as_bytes().to_vec()).collect();
    let read = std::cell::Cell::new(0);
    fuzz(
        "validator environment",
        values.len(),
        800,
        environments(&NAMES, &values),
        |variables| match Config::from_env(|name| variables.get(name).cloned().or_else(|| good(name))) {
            Ok(config) => {
                read.set(read.get() + 1);
                assert!(
                    (1..=358_400).contains(&config.max_body_bytes)
                        && (1..=3650).contains(&config.starts.retention_days)
                );
                let allowed = variables.get("ALLOW_UNSIGNED").is_some_and(|value| value == "true");
                assert!(
                    allowed || config.sources.unsigned().next().is_none(),
                    "nobody allowed unsigned webhooks"
                );
            }
            Err(error) => {
                let message = error.to_string();
                assert!(NAMES.iter().any(|name| message.contains(name)), "{message}");
            }
        },
    );
    assert!(read.get() > 0, "some environments are good");
}

/// What every configuration needs.
fn good(name: &str) -> Option<String> {
    let value = match name {
        "TABLE_NAME" => "tracehook",
        "SECRET_ID" => "tracehook",
        "SOURCES" => r#"{"github":{"scheme":"github"}}"#,
        "PROCESSOR_FUNCTION" => "processor:live",
        "EXECUTION_NAME_PREFIX" => "tracehook",
        "AWS_REGION" => "eu-west-1",
        _ => return None,
    };
    Some(value.to_owned())
}
