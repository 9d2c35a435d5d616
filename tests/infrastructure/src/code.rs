//! The functions by name, the environment variables that each reads, and the IAM actions that each needs.

use std::collections::BTreeSet;
use std::fs;

use anyhow::Result;
use tracehook_core::env::Env;
use tracehook_runtime::config::variables;

use crate::path;

/// One function.
#[derive(Debug)]
pub struct Function {
    /// The name of its directory and of its entry in Terraform's maps.
    pub name: &'static str,
    /// The variables of its configuration, without those of telemetry and those that Lambda sets.
    pub variables: BTreeSet<String>,
    /// The IAM actions of its calls.
    pub actions: BTreeSet<String>,
}

impl Function {
    fn new(name: &'static str, variables: BTreeSet<String>, actions: &[&[&str]]) -> Self {
        Self {
            name,
            variables: &own(variables) - &telemetry_variables(),
            actions: actions.concat().into_iter().map(str::to_owned).collect(),
        }
    }
}

/// Every function.
#[must_use]
pub fn functions() -> [Function; 4] {
    use {
        tracehook_processor as processor, tracehook_reconciler as reconciler, tracehook_status as status,
        tracehook_validator as validator,
    };
    [
        Function::new(
            "validator",
            variables(|get| validator::config::Config::from_env(get)),
            validator::ACTIONS,
        ),
        Function::new(
            "processor",
            variables(|get| processor::config::Config::from_env(get)),
            processor::ACTIONS,
        ),
        Function::new(
            "status",
            variables(|get| status::config::Config::from_env(get)),
            status::ACTIONS,
        ),
        Function::new(
            "reconciler",
            variables(|get| reconciler::config::Config::from_env(get)),
            reconciler::ACTIONS,
        ),
    ]
}

/// The variables of telemetry, which every function reads.
#[must_use]
pub fn telemetry_variables() -> BTreeSet<String> {
    own(variables(|get| tracehook_telemetry::Config::read(&mut Env::new(get))))
}

/// The directories of `functions/` that hold a binary.
///
/// # Errors
/// When the directory cannot be read.
pub fn directories() -> Result<BTreeSet<String>> {
    let mut directories = BTreeSet::new();
    for entry in fs::read_dir(path("functions"))? {
        let entry = entry?;
        if entry.path().join("src/main.rs").is_file() {
            directories.insert(entry.file_name().to_string_lossy().into_owned());
        }
    }
    Ok(directories)
}

/// Without the variables that Lambda sets.
fn own(mut variables: BTreeSet<String>) -> BTreeSet<String> {
    variables.retain(|name| !name.starts_with("AWS_") && !name.starts_with("LAMBDA_"));
    variables
}
