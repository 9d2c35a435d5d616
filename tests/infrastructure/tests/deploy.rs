//! `make deploy` says what is missing before Terraform does anything.

#![cfg(test)]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use tracehook_infrastructure::path;

/// A checkout with the script alone, and a PATH with the tools that it needs and the programs of a test.
struct Machine {
    directory: TempDir,
    environment: BTreeMap<&'static str, &'static str>,
}

impl Machine {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        for part in ["bin", "terraform", "target/lambda"] {
            fs::create_dir_all(directory.path().join(part)).unwrap();
        }
        fs::copy(path("terraform/deploy"), directory.path().join("terraform/deploy")).unwrap();
        let tools = ["bash", "dirname", "git", "grep", "head", "sed", "sort"];
        for tool in tools {
            symlink(program(tool), directory.path().join("bin").join(tool)).unwrap();
        }
        let environment = BTreeMap::from([("AWS_REGION", "eu-west-1")]);
        let machine = Self { directory, environment };
        machine.install("terraform", TERRAFORM);
        machine.install("aws", AWS);
        machine
    }

    fn install(&self, name: &str, script: &str) {
        let file = self.directory.path().join("bin").join(name);
        fs::write(&file, format!("#!/usr/bin/env bash\n{script}\n")).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn remove(&self, part: &str) {
        let file = self.directory.path().join(part);
        if file.is_dir() {
            fs::remove_dir_all(file)
        } else {
            fs::remove_file(file)
        }
        .unwrap();
    }

    /// Whether the script succeeds, and all that it and its programs say.
    fn deploy(&self) -> (bool, String) {
        let bin = self.directory.path().join("bin");
        let output = Command::new(bin.join("bash"))
            .arg(self.directory.path().join("terraform/deploy"))
            .env_clear()
            .env("PATH", &bin)
            .env("GIT_CEILING_DIRECTORIES", self.directory.path().parent().unwrap())
            .envs(&self.environment)
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(text).unwrap())
    }
}

const TERRAFORM: &str = r#"case $1 in
  version) echo '{"terraform_version": "1.11.4"}' ;;
  *) echo "terraform $* with $TF_VAR_runbooks_url" ;;
esac"#;

const AWS: &str = r#"case $1 in
  --version) echo "aws-cli/2.31.0 Python/3.13" ;;
  *) exit 0 ;;
esac"#;

/// Where a program of this machine is.
fn program(name: &str) -> PathBuf {
    let directories = std::env::var_os("PATH").unwrap();
    let found = std::env::split_paths(&directories)
        .map(|at| at.join(name))
        .find(|at| at.is_file());
    found.unwrap_or_else(|| panic!("{name} is not installed"))
}

fn refused(machine: &Machine, why: &str) {
    let (succeeded, text) = machine.deploy();
    assert!(!succeeded, "{text}");
    assert!(text.contains(&format!("make deploy: {why}")), "{text}");
    assert!(!text.contains("terraform apply"), "{text}");
}

#[test]
fn what_is_missing_is_said_before_anything_is_done() {
    let machine = Machine::new();
    machine.remove("bin/terraform");
    refused(&machine, "terraform is not installed");

    let machine = Machine::new();
    machine.install("terraform", r#"echo '{"terraform_version": "1.9.8"}'"#);
    refused(&machine, "terraform 1.9.8 is too old");

    let machine = Machine::new();
    machine.remove("bin/aws");
    refused(&machine, "the AWS CLI is not installed");

    let machine = Machine::new();
    machine.install("aws", r#"echo "aws-cli/1.32.0 Python/3.8" >&2"#);
    refused(&machine, "the AWS CLI is version 1");

    let mut machine = Machine::new();
    machine.environment.remove("AWS_REGION");
    machine.install("aws", r#"[ "$1" = --version ] && echo aws-cli/2.31.0"#);
    refused(&machine, "AWS_REGION is not set");

    let machine = Machine::new();
    machine.install("aws", r#"[ "$1" = --version ] && echo aws-cli/2.31.0"#);
    refused(&machine, "no credentials");

    let machine = Machine::new();
    machine.remove("target/lambda");
    refused(&machine, "there are no packages: run `make package` first");
}

fn git(at: &Path, arguments: &[&str]) {
    let status = Command::new("git").arg("-C").arg(at).args(arguments).status().unwrap();
    assert!(status.success(), "git {arguments:?}");
}

#[test]
fn alarms_link_to_the_runbooks_of_the_checkouts_repository() {
    let machine = Machine::new();
    let (succeeded, text) = machine.deploy();
    assert!(
        succeeded && text.contains("terraform apply with \n"),
        "no repository: {text}"
    );
    assert!(text.contains("make lock"), "without a lock file: {text}");

    git(machine.directory.path(), &["init", "-q"]);
    git(
        machine.directory.path(),
        &["remote", "add", "origin", "git@github.com:shop/hooks.git"],
    );
    let (succeeded, text) = machine.deploy();
    let link = "terraform apply with https://github.com/shop/hooks/blob/HEAD/alarms/runbooks\n";
    assert!(succeeded && text.contains(link), "{text}");

    let lock = machine.directory.path().join("terraform/.terraform.lock.hcl");
    fs::write(lock, "").unwrap();
    let (succeeded, text) = machine.deploy();
    assert!(
        succeeded && text.contains("terraform init -input=false -lockfile=readonly"),
        "{text}"
    );
}
