//! The environment: any is a configuration, or is refused with the names of its bad variables.

use tracehook_status::config::Config;
use tracehook_test_support::fuzzing::{environments, fuzz};

const NAMES: [&str; 16] = [
    "TABLE_NAME",
    "AWS_REGION",
    "TRACE_URL_TEMPLATE",
    "LOGS_URL_TEMPLATE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "CORS_ALLOW_ORIGIN",
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
        "status environment",
        values.len(),
        800,
        environments(&NAMES, &values),
        |variables| match Config::from_env(|name| variables.get(name).cloned().or_else(|| good(name))) {
            Ok(config) => {
                read.set(read.get() + 1);
                assert!(!config.table.name.is_empty());
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
        "AWS_REGION" => "eu-west-1",
        _ => return None,
    };
    Some(value.to_owned())
}
