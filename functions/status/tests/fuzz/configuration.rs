//! The environment: any one is a configuration, or is refused with the names of its bad variables.

use tracehook_runtime::config::variables;
use tracehook_status::config::Config;
use tracehook_test_support::fuzzing::configurations;

#[test]
fn every_environment_is_a_configuration_or_is_refused_by_the_names_of_its_variables() {
    let required = [("TABLE_NAME", "tracehook"), ("AWS_REGION", "eu-west-1")];
    let names = variables(|get| Config::from_env(get));
    configurations(
        "status",
        &names,
        &required,
        |get| Config::from_env(get),
        |config, _| {
            assert!(!config.table.name.is_empty());
        },
    );
}
