//! The environment: any one is a configuration, or is refused with the names of its bad variables.

use tracehook_runtime::config::variables;
use tracehook_test_support::fuzzing::configurations;
use tracehook_validator::config::Config;

#[test]
fn every_environment_is_a_configuration_or_is_refused_by_the_names_of_its_variables() {
    let required = [
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
    let names = variables(|get| Config::from_env(get));
    configurations(
        "validator",
        &names,
        &required,
        |get| Config::from_env(get),
        |config, variables| {
            let most = config.bucket.name.as_ref().map_or(358_400, |_| 4_669_440);
            assert!((1..=most).contains(&config.max_body_bytes));
            assert!(config.inline_payload_bytes <= 358_400);
            let life = config.starts.life;
            assert!((1..=life.deduplication_days).contains(&life.retention_days));
            let allowed = variables.get("ALLOW_UNSIGNED").is_some_and(|value| value == "true");
            assert_eq!(config.allow_unsigned, allowed);
        },
    );
}
