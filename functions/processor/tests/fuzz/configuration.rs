//! The environment: any is a configuration, or is refused with the names of its bad variables.

use tracehook_processor::config::Config;
use tracehook_test_support::fuzzing::{environments, fuzz};

const NAMES: [&str; 15] = [
    "TABLE_NAME",
    "STEP_MAX_ATTEMPTS",
    "STEP_INITIAL_DELAY_SECONDS",
    "STEP_MAX_DELAY_SECONDS",
    "LAMBDA_TASK_ROOT",
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
        "processor environment",
        values.len(),
        800,
        environments(&NAMES, &values),
        |variables| match Config::from_env(|name| variables.get(name).cloned().or_else(|| good(name))) {
            Ok(config) => {
                read.set(read.get() + 1);
                assert!((1..=100).contains(&config.retry.max_attempts));
                let seconds = config.retry.initial_delay.as_secs();
                assert!((1..=3600).contains(&seconds) && (1..=86_400).contains(&config.retry.max_delay.as_secs()));
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
        _ => return None,
    };
    Some(value.to_owned())
}
