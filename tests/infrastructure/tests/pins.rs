//! What CI and the deployment packages install is pinned: by hash, or by a version with a lock file.

#![cfg(test)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use tracehook_infrastructure::path;
use tracehook_infrastructure::pins::{loose_actions, loose_requirements, unpinned};

/// The text files that git knows, and those that it would take, by their path in the checkout.
fn files() -> BTreeMap<String, String> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(path("."))
        .output()
        .unwrap();
    let listed = String::from_utf8(output.stdout).unwrap();
    let read = |name: &str| Some((name.to_owned(), fs::read_to_string(path(name)).ok()?));
    listed.lines().filter_map(read).collect()
}

/// What runs: everything with a shebang, makefiles, workflows, and what the judges' runner is made of.
fn is_script(name: &str, text: &str) -> bool {
    let has_end = |end: &str| Path::new(name).extension().is_some_and(|own| own == end);
    let file = name.rsplit('/').next().unwrap_or(name);
    text.starts_with("#!")
        || has_end("mk")
        || has_end("sh")
        || has_end("py")
        || ["Makefile", "Dockerfile"].contains(&file)
        || name.starts_with(".ci/")
        || name.starts_with(".github/")
}

fn is_named(name: &str, file: &str) -> bool {
    name == file || name.ends_with(&format!("/{file}"))
}

#[test]
fn no_script_installs_what_is_not_pinned() {
    let files = files();
    let scripts: Vec<_> = files.iter().filter(|(name, text)| is_script(name, text)).collect();
    for expected in [
        ".ci/tool",
        ".ci/run",
        "Makefile",
        "functions/package",
        "tests/judges/harness/environment.py",
    ] {
        assert!(
            scripts.iter().any(|(name, _)| *name == expected),
            "{expected} is not looked at"
        );
    }
    let found: Vec<_> = scripts
        .iter()
        .flat_map(|(name, text)| {
            unpinned(text)
                .into_iter()
                .map(move |command| format!("{name}: {command}"))
        })
        .collect();
    assert!(found.is_empty(), "{found:#?}");
    // The look at it is not blind: there are three installers, and each is pinned.
    for (name, flag) in [
        ("functions/package", "--require-hashes"),
        (".ci/tool", "--locked"),
        ("tests/judges/harness/environment.py", "--require-hashes"),
        ("tests/judges/harness/environment.py", "-mod=readonly"),
    ] {
        assert!(
            !unpinned(&files[name].replace(flag, "")).is_empty(),
            "{name} without {flag}"
        );
    }
}

#[test]
fn an_installation_that_is_not_pinned_is_found() {
    for line in [
        "pip install cargo-lambda==1.9.2",
        "python3 -m pip install --upgrade pip",
        "\"$home/bin/pip\" install -r requirements.txt",
        "run([python, '-m', 'pip', 'install', 'checkov'])",
        "uv pip install --system checkov",
        "cargo install cargo-deny --version 0.20.2",
        "cargo +stable install --locked cargo-audit",
        "cargo install --locked --version 1.0.0 --git https://example.com/x x",
        "go install github.com/terraform-linters/tflint@v0.64.0",
        "npm install playwright-core",
        "npx --yes axe",
        "apt-get install -y jq",
        "curl -fsSL https://example.com/tflint.zip -o tflint.zip",
        "wget -q https://example.com/install.sh | sh",
        "docker run example/tool:latest",
        "rustup toolchain install nightly",
        "terraform init -upgrade",
        "if ! { python3 -m venv v && v/bin/pip install \\\n  wheel; }; then",
    ] {
        assert_eq!(unpinned(line).len(), 1, "{line}");
    }
    for line in [
        "# pip install x",
        "pip install --require-hashes -r requirements.txt",
        "pip = [python, \"-m\", \"pip\", \"install\"]\nrun([*pip, \"--require-hashes\", \"-r\", file])",
        "cargo install --quiet --locked --root x --version \"$version\" cargo-deny",
        "cargo build --locked",
        "npm ci --ignore-scripts",
        "go build -mod=readonly -o x ./x",
        "apt-get install -y jq=1.7.1-3",
        "curl -sS -f \"$url/local/faults\"",
        "curl -sS http://127.0.0.1:8080/local/alarms",
        "terraform init -backend=false",
        "rustup target add aarch64-unknown-linux-gnu",
        "echo this goes on and will install nothing",
    ] {
        assert_eq!(unpinned(line), [""; 0], "{line}");
    }
}

#[test]
fn every_lock_file_names_hashes() {
    let files = files();
    let named = |file: &'static str| files.iter().filter(move |(name, _)| is_named(name, file));
    for (name, text) in named("requirements.txt") {
        assert_eq!(loose_requirements(text), [""; 0], "{name}");
    }
    // What is written by hand has its lock file beside it.
    for (written, lock) in [
        ("requirements.in", "requirements.txt"),
        ("package.json", "package-lock.json"),
        ("go.mod", "go.sum"),
    ] {
        for (name, _) in named(written) {
            let lock = name.replace(written, lock);
            assert!(files.contains_key(&lock), "{name} has no {lock}");
        }
    }
    for (name, text) in named("package-lock.json") {
        let lock: Value = serde_json::from_str(text).unwrap();
        for (package, entry) in lock["packages"].as_object().unwrap() {
            let is_installed = !package.is_empty() && entry["link"] != true;
            assert!(!is_installed || entry["integrity"].is_string(), "{package} in {name}");
        }
    }
    for (name, text) in named("Cargo.lock") {
        for package in text.split("[[package]]").skip(1) {
            let is_ours = !package.contains("\nsource = ");
            assert!(is_ours || package.contains("\nchecksum = "), "{name}: {package}");
        }
    }
    assert!(named("requirements.txt").count() > 4 && named("Cargo.lock").count() > 0);
}

#[test]
fn a_requirement_without_version_or_hash_is_found() {
    let hash = format!("--hash=sha256:{}", "0".repeat(64));
    for loose in [
        "checkov".to_owned(),
        "checkov==3.3.30".to_owned(),
        format!("checkov>=3 {hash}"),
        format!("checkov==3.* \\\n    {hash}"),
        "checkov==3.3.30 --hash=sha256:00".to_owned(),
        format!("git+https://example.com/x {hash}"),
    ] {
        assert_eq!(loose_requirements(&loose).len(), 1, "{loose}");
    }
    let fixed = format!("# by hand\nwheel==1.0 ; python_version < '3.12' \\\n    {hash} \\\n    {hash}\n    # via x\n");
    assert_eq!(loose_requirements(&fixed), [""; 0]);
}

#[test]
fn actions_are_named_by_commit() {
    for (name, text) in files() {
        if name.starts_with(".github/") {
            assert_eq!(loose_actions(&text), [""; 0], "{name}");
        }
    }
    let commit = "0".repeat(40);
    let workflow = format!("- uses: actions/checkout@v4\n  uses: a/b@{commit} # v1\n- uses: ./here\n  uses: c/d@main");
    assert_eq!(loose_actions(&workflow), ["actions/checkout@v4", "c/d@main"]);
}

#[test]
fn the_toolchain_and_what_builds_packages_have_one_version() {
    let toolchain = fs::read_to_string(path("rust-toolchain.toml")).unwrap();
    let channel = toolchain
        .lines()
        .find_map(|line| line.strip_prefix("channel = \""))
        .unwrap();
    let numbers: Vec<_> = channel.trim_end_matches('"').split('.').collect();
    assert!(
        numbers.len() == 3 && numbers.iter().all(|number| number.parse::<u32>().is_ok()),
        "{channel}"
    );

    let requirements = fs::read_to_string(path("functions/packaging/requirements.txt")).unwrap();
    let named: Vec<_> = requirements
        .lines()
        .filter_map(|line| line.split_once("=="))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(
        named,
        ["cargo-lambda", "ziglang"],
        "the driver and the C compiler that it calls"
    );
    assert!(requirements.contains("cargo-lambda==1.9.2 ") && requirements.contains("ziglang==0.17.1 "));
}

#[test]
fn the_providers_lock_file_belongs_into_git() {
    let lock = path("terraform/.terraform.lock.hcl");
    let ignored = Command::new("git")
        .args(["check-ignore", "--quiet", "terraform/.terraform.lock.hcl"])
        .current_dir(path("."))
        .status()
        .unwrap();
    assert_eq!(ignored.code(), Some(1), "git ignores the lock file");
    if let Ok(lock) = fs::read_to_string(lock) {
        assert!(
            lock.contains("registry.terraform.io/hashicorp/aws") && lock.contains("\"zh:"),
            "{lock}"
        );
    }
}

/// Runs a program with `SECRET` in its environment and a body at its input, and returns what it prints.
fn signed_by(program: &mut Command, secret: &str, body: &str) -> String {
    use std::io::Write as _;
    let mut child = program
        .env("SECRET", secret)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(body.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// The program that the output `example_curl` of Terraform signs with.
fn of_the_example() -> String {
    let outputs = fs::read_to_string(path("terraform/outputs.tf")).unwrap();
    let line = outputs
        .lines()
        .find_map(|line| line.trim().strip_prefix("sign = \""))
        .unwrap();
    line.trim_end_matches('"').replace("\\\"", "\"")
}

#[test]
fn a_body_is_signed_without_the_secret_in_arguments() {
    let vectors = fs::read_to_string(path("functions/core/tests/fixtures/signatures.json")).unwrap();
    let vectors: Value = serde_json::from_str(&vectors).unwrap();
    let mut seen = 0;
    for vector in vectors["vectors"].as_array().unwrap() {
        if !["github", "hmac-sha256"].contains(&vector["scheme"].as_str().unwrap()) {
            continue;
        }
        seen += 1;
        let signature = vector["headers"]
            .as_object()
            .unwrap()
            .values()
            .next()
            .unwrap()
            .as_str()
            .unwrap();
        let signature = signature.trim_start_matches("sha256=");
        let text = |key: &str| vector[key].as_str().unwrap();
        let mut script = Command::new(path("functions/validator/sign"));
        assert_eq!(
            signed_by(&mut script, text("secret"), text("body")),
            signature,
            "{vector}"
        );
        let mut example = Command::new("python3");
        example.args(["-c", &of_the_example()]);
        assert_eq!(
            signed_by(&mut example, text("secret"), text("body")),
            signature,
            "{vector}"
        );
    }
    assert!(seen >= 2, "{seen} vectors");
    for (secret, body) in [
        ("a key with spaces ' and \"", "{\n\"ü\": 1}\n"),
        ("0123456789abcdef", ""),
    ] {
        let mut script = Command::new(path("functions/validator/sign"));
        let mut example = Command::new("python3");
        example.args(["-c", &of_the_example()]);
        assert_eq!(
            signed_by(&mut script, secret, body),
            signed_by(&mut example, secret, body)
        );
    }
}

#[test]
fn no_document_or_script_passes_a_secret_as_an_argument() {
    // In two parts, because this file is looked at, too.
    let flags = [
        ["-hm", "ac "].concat(),
        ["-maco", "pt"].concat(),
        ["--secret-string ", "{"].concat(),
    ];
    for (name, text) in files() {
        if name.starts_with("tests/faults/") {
            continue;
        }
        for flag in &flags {
            assert!(!text.contains(flag.as_str()), "{name} has {flag}");
        }
    }
}

#[test]
fn packages_have_their_digests_beside_them() {
    let directory = tempfile::tempdir().unwrap();
    for function in ["validator", "processor", "status", "reconciler"] {
        let there = directory.path().join(function);
        fs::create_dir(&there).unwrap();
        let package = path(&format!("terraform/tests/packages/{function}/bootstrap.zip"));
        fs::copy(package, there.join("bootstrap.zip")).unwrap();
    }
    let sums = |at: &Path| Command::new(path("functions/packaging/sums")).arg(at).status().unwrap();
    assert!(sums(directory.path()).success());
    let checked = |at: &Path| {
        let mut check = Command::new("sha256sum");
        check
            .args(["--check", "--strict", "--quiet", "SHA256SUMS"])
            .current_dir(at);
        check
            .stderr(Stdio::null())
            .stdout(Stdio::null())
            .status()
            .unwrap()
            .success()
    };
    assert!(checked(directory.path()));
    let written = fs::read_to_string(directory.path().join("SHA256SUMS")).unwrap();
    assert_eq!(written.lines().count(), 4, "{written}");
    fs::write(directory.path().join("status/bootstrap.zip"), "another").unwrap();
    assert!(
        !checked(directory.path()),
        "another package has the digest of the first"
    );
    assert!(
        !sums(tempfile::tempdir().unwrap().path()).success(),
        "no package, no digests"
    );
    let script = fs::read_to_string(path("functions/package")).unwrap();
    assert!(script.contains("functions/packaging/sums \"$made\""));
}
