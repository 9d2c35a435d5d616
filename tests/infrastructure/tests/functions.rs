//! Terraform sets exactly the variables that the functions read, and allows exactly the actions that they call.

#![cfg(test)]

use std::collections::BTreeSet;

use tracehook_core::Rejection;
use tracehook_core::body::{BODY_LIMIT_BYTES, DEFAULT_BODY_LIMIT_BYTES, DEFAULT_INLINE_BYTES, ITEM_LIMIT_BYTES};
use tracehook_core::preset;
use tracehook_infrastructure::{code, path, terraform};
use tracehook_store::keys;

#[test]
fn terraform_knows_every_function() {
    let functions: BTreeSet<_> = code::functions()
        .iter()
        .map(|function| function.name.to_owned())
        .collect();
    assert_eq!(functions, code::directories().unwrap());
    assert_eq!(functions, terraform::variables().unwrap().into_keys().collect());
    assert_eq!(functions, terraform::actions().unwrap().into_keys().collect());
}

#[test]
fn every_variable_that_a_function_reads_is_set_and_no_other() {
    let set = terraform::variables().unwrap();
    for function in code::functions() {
        let name = function.name;
        assert!(function.variables.contains("TABLE_NAME"), "{function:?}");
        assert_eq!(
            set[name], function.variables,
            "variables of {name}: Terraform's left, the code's right"
        );
    }
}

#[test]
fn every_variable_of_telemetry_can_be_set_and_no_other() {
    let read = code::telemetry_variables();
    assert!(read.contains("OTEL_TRACES_SAMPLER") && read.len() > 10, "{read:?}");
    assert_eq!(terraform::telemetry_variables().unwrap(), read);
}

#[test]
fn every_action_that_a_function_calls_is_allowed_and_no_other() {
    let allowed = terraform::actions().unwrap();
    for function in code::functions() {
        let name = function.name;
        assert!(!function.actions.is_empty(), "{function:?}");
        assert_eq!(
            allowed[name], function.actions,
            "actions of {name}: Terraform's left, the code's right"
        );
    }
}

#[test]
fn the_table_has_the_keys_of_the_store() {
    let table = std::fs::read_to_string(path("terraform/modules/table/main.tf")).unwrap();
    for (argument, name) in [
        ("hash_key", keys::TOKEN),
        ("range_key", keys::ITEM),
        ("attribute_name", keys::OPEN_SHARD),
        ("attribute_name", keys::OPEN_SINCE),
        ("attribute_name", keys::TTL),
    ] {
        let line = format!("{argument} = \"{name}\"");
        let mut lines = table
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
        assert!(lines.any(|found| found == line), "{line} is not in the table's file");
    }
}

#[test]
fn the_bucket_has_the_keys_of_the_store() {
    let prefix = keys::OBJECT_PREFIX;
    for (file, part) in [
        ("terraform/modules/payloads/main.tf", format!("prefix = \"{prefix}\"")),
        ("terraform/modules/functions/main.tf", format!("/{prefix}*\"]")),
    ] {
        let text = std::fs::read_to_string(path(file)).unwrap();
        assert!(text.contains(&part), "{part} is not in {file}");
    }
}

#[test]
fn the_configuration_is_where_the_store_reads_it() {
    let module = std::fs::read_to_string(path("terraform/modules/functions/configuration.tf")).unwrap();
    let words = module.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        format!("{} = {{ S = \"{}\" }}", keys::TOKEN, keys::CONFIGURATION),
        format!("{} = {{ S = \"{}${{", keys::ITEM, keys::DEPLOYED_PREFIX),
        format!("{} = {{ S = local.configuration }}", keys::DOCUMENT),
    ] {
        assert!(words.contains(&part), "{part} is not in the module");
    }
}

#[test]
fn a_start_may_wait_as_long_as_the_reconciler_believes() {
    let functions = std::fs::read_to_string(path("terraform/modules/functions/main.tf")).unwrap();
    let seconds = tracehook_reconciler::config::MAX_START_AGE.as_secs();
    let line = format!("maximum_event_age_in_seconds = {seconds}");
    assert!(functions.contains(&line), "{line} is not in the functions' module");
}

#[test]
fn terraform_takes_the_limits_of_the_code() {
    let variables = std::fs::read_to_string(path("terraform/variables_service.tf")).unwrap();
    let (least, most) = (BODY_LIMIT_BYTES.start(), BODY_LIMIT_BYTES.end());
    for part in [
        format!("var.max_body_bytes >= {least} && var.max_body_bytes <= {most}"),
        format!("default     = {DEFAULT_BODY_LIMIT_BYTES}"),
        format!("var.inline_payload_bytes >= 0 && var.inline_payload_bytes <= {ITEM_LIMIT_BYTES}"),
        format!("default     = {DEFAULT_INLINE_BYTES}"),
    ] {
        assert!(variables.contains(&part), "{part} is not in variables_service.tf");
    }
}

#[test]
fn the_readme_names_every_preset_of_its_own_and_every_code() {
    let readme = std::fs::read_to_string(path("README.md")).unwrap();
    for preset in ["github", "hmac-sha256", "none"] {
        assert!(preset::find(preset).is_some());
        let row = format!("\n| `{preset}` |");
        assert!(readme.contains(&row), "README.md: the table of presets lacks {preset}");
    }
    for rejection in Rejection::ALL {
        let code = format!("`{}`", rejection.code());
        assert!(readme.contains(&code), "README.md: the table of codes lacks {code}");
    }
}

#[test]
fn every_readme_names_every_variable_and_output() {
    let mut modules = vec![path("terraform")];
    modules.extend(
        std::fs::read_dir(path("terraform/modules"))
            .unwrap()
            .map(|entry| entry.unwrap().path()),
    );
    for module in modules {
        let readme = std::fs::read_to_string(module.join("README.md")).unwrap();
        for file in std::fs::read_dir(&module).unwrap().map(|entry| entry.unwrap().path()) {
            if file.extension().is_none_or(|extension| extension != "tf") {
                continue;
            }
            let body: hcl::Body = hcl::parse(&std::fs::read_to_string(&file).unwrap()).unwrap();
            for block in body
                .blocks()
                .filter(|block| ["variable", "output"].contains(&block.identifier()))
            {
                let name = block.labels()[0].as_str();
                assert!(
                    readme.contains(&format!("| `{name}` |")),
                    "{name} is not in {}/README.md",
                    module.display()
                );
            }
        }
    }
}
