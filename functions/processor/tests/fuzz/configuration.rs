//! The environment: any one is a configuration, or is refused with the names of its bad variables.

use tracehook_processor::config::Config;
use tracehook_runtime::config::variables;
use tracehook_test_support::fuzzing::configurations;

#[test]
fn every_environment_is_a_configuration_or_is_refused_by_the_names_of_its_variables() {
    let required = [("TABLE_NAME", "tracehook")];
    let names = variables(|get| Config::from_env(get));
    configurations(
        "processor",
        &names,
        &required,
        |get| Config::from_env(get),
        |config, _| {
            assert!((1..=1000).contains(&config.retry.max_tries));
            let seconds = config.retry.initial_delay.as_secs();
            assert!((1..=3600).contains(&seconds) && (1..=86_400).contains(&config.retry.max_delay.as_secs()));
        },
    );
}
