//! The scripts that check a secret document, read it and make it the current one, with a stand-in for the AWS CLI that keeps
//! versions in files and moves a label only from the version that has it.

#![cfg(test)]

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The stand-in. While there is a file `rival`, its text becomes current right after the current version was read.
const AWS: &str = r#"#!/usr/bin/env bash
set -euo pipefail
cd "$STATE"
operation=$2
shift 2
declare -A given
while [ $# -gt 0 ]; do given[${1#--}]=$2; shift 2; done
[ "${given[secret-id]}" = hooks-secrets ]
make_current() { [ ! -e current ] || cp current previous; echo "$1" >current; }
case $operation in
  get-secret-value)
    [ -e current ] || { echo "An error occurred (ResourceNotFoundException) when calling the GetSecretValue operation" >&2; exit 254; }
    jq -n --arg id "$(cat current)" --rawfile text "version-$(cat current)" '{VersionId: $id, SecretString: $text}'
    if [ -e rival ]; then mv rival version-rival; make_current rival; fi
    ;;
  put-secret-value)
    id=${given[client-request-token]}
    [ ${#id} -ge 32 ] && [ ! -e "version-$id" ]
    cp "${given[secret-string]#file://}" "version-$id"
    [ -n "${given[version-stages]:-}" ] || make_current "$id"
    ;;
  update-secret-version-stage)
    if [ "$(cat current)" != "${given[remove-from-version-id]}" ]; then
      echo "An error occurred (InvalidParameterException): the label is attached to another version" >&2
      exit 254
    fi
    make_current "${given[move-to-version-id]}"
    ;;
esac
"#;

const DOCUMENT: &str = r#"{"tokenKey":"0123456789abcdef","sources":{"shop":"the-secret-of-the-shop"}}"#;

struct Operator(tempfile::TempDir);

impl Operator {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let aws = directory.path().join("aws");
        std::fs::write(&aws, AWS).unwrap();
        std::fs::set_permissions(&aws, std::fs::Permissions::from_mode(0o755)).unwrap();
        Self(directory)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    /// The text of a version that has this label.
    fn labelled(&self, label: &str) -> Option<String> {
        let version = std::fs::read_to_string(self.path(label)).ok()?;
        std::fs::read_to_string(self.path(&format!("version-{}", version.trim()))).ok()
    }

    fn run(&self, script: &str, variables: &[(&str, &str)]) -> Output {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(script);
        let path = format!("{}:{}", self.0.path().display(), env!("PATH"));
        Command::new(script)
            .arg(self.path("secret.json"))
            .env("PATH", path)
            .env("STATE", self.0.path())
            .env("SECRET_ID", "hooks-secrets")
            .envs(variables.iter().copied())
            .output()
            .unwrap()
    }

    fn refused(&self, script: &str, variables: &[(&str, &str)], because: &str) {
        let before = self.labelled("current");
        let output = self.run(script, variables);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && text.contains(because), "{because}: {text}");
        assert!(!text.contains("the-secret-of"), "{text}");
        assert_eq!(self.labelled("current"), before, "{because}");
    }

    fn done(&self, script: &str, variables: &[(&str, &str)]) {
        let output = self.run(script, variables);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn a_document_that_cannot_be_used_is_not_put_and_not_shown() {
    let operator = Operator::new();
    for (document, because) in [
        (
            r#"{"tokenKey":"0123456789abcdef","sources":{"shop":"short"}}"#,
            "shop would be closed: its entry is shorter",
        ),
        (
            r#"{"tokenKey":"0123456789abcdef","sources":{"shop":"the-secret-of-the-shop\n"}}"#,
            "white space",
        ),
        (
            r#"{"tokenKey":"0123456789abcdef","sources":{"Shop":"the-secret-of-the-shop"}}"#,
            "names are no source's",
        ),
        (
            r#"{"tokenKey":"short","sources":{"shop":"the-secret-of-the-shop"}}"#,
            "every source would be closed",
        ),
        (
            r#"{"tokenKey":"0123456789abcdef","sources":{"shop":the-secret-of-the-shop}}"#,
            "line 1, column",
        ),
    ] {
        operator.write("secret.json", document);
        operator.refused("check-secret", &[], because);
        operator.refused("put-secret", &[("VERSION", "none")], because);
    }
}

#[test]
fn with_its_sources_each_secret_is_judged_as_a_key_of_its_own() {
    let operator = Operator::new();
    operator.write(
        "sources.yaml",
        "shop: {verify: [{kind: basic}]}\nmail: {preset: sendgrid}\n",
    );
    let toml = "sources_file = \"sources.yaml\"\n[sources.hub]\npreset = \"github\"\nsecret = \"the-secret-of-the-hub\"\n\
                [sources.mail]\nsecret = \"the-secret-of-the-mail\"\n";
    operator.write("sources.toml", toml);
    operator.write("faulty.yaml", "shop: {preset: githib}\n");
    let path = |name: &str| operator.path(name).display().to_string();
    let document = |shop: &str, more: &str| {
        let text = format!(r#"{{"tokenKey":"0123456789abcdef","sources":{{"shop":"{shop}"{more}}}}}"#);
        operator.write("secret.json", &text);
    };
    let key = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==";
    let mail = format!(r#","mail":"{key}""#);
    for (sources, shop, more, because) in [
        (
            "sources.yaml",
            "the-secret-of-the-shop",
            &mail,
            "shop would be closed: its entry is no key",
        ),
        (
            "sources.yaml",
            "shop:the-secret-of-the-shop",
            &String::new(),
            "mail would be closed: it has no entry",
        ),
        (
            "sources.yaml",
            "shop:the-secret-of-the-shop",
            &r#","mail":"the-secret-of-the-mail""#.to_owned(),
            "an ECDSA P-256 public key",
        ),
        (
            "sources.toml",
            "shop:the-secret-of-the-shop",
            &mail,
            "hub would be closed: it has no entry",
        ),
        (
            "faulty.yaml",
            "shop:the-secret-of-the-shop",
            &mail,
            "sources.shop.preset: is no preset",
        ),
        ("absent.yaml", "shop:the-secret-of-the-shop", &mail, "cannot be read"),
    ] {
        document(shop, more);
        for script in ["check-secret", "put-secret"] {
            operator.refused(script, &[("SOURCES", &path(sources)), ("VERSION", "none")], because);
        }
    }
    document(
        "shop:the-secret-of-the-shop",
        &format!(r#"{mail},"hub":"the-secret-of-the-hub""#),
    );
    for sources in ["sources.yaml", "sources.toml"] {
        operator.done("check-secret", &[("SOURCES", &path(sources))]);
    }
}

#[test]
fn a_document_is_put_only_if_the_one_that_it_was_made_from_is_current() {
    let operator = Operator::new();
    operator.write("secret.json", DOCUMENT);
    operator.refused("put-secret", &[], "which version");
    operator.done("put-secret", &[("VERSION", "none")]);
    assert_eq!(operator.labelled("current").unwrap(), DOCUMENT);
    operator.refused("put-secret", &[("VERSION", "none")], "was made from none");

    // As it was read, and changed.
    operator.refused("get-secret", &[], "is there already");
    std::fs::remove_file(operator.path("secret.json")).unwrap();
    operator.done("get-secret", &[]);
    let mode = std::fs::metadata(operator.path("secret.json"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let rotated = DOCUMENT.replace("of-the-shop", "of-the-shop-2");
    operator.write("secret.json", &rotated);
    operator.done("put-secret", &[]);
    assert_eq!(
        (operator.labelled("current"), operator.labelled("previous")),
        (Some(rotated.clone()), Some(DOCUMENT.to_owned()))
    );

    // Somebody else puts between the look and the put.
    operator.write("rival", DOCUMENT);
    let output = operator.run("put-secret", &[]);
    assert!(!output.status.success());
    assert_eq!(operator.labelled("current").unwrap(), DOCUMENT, "the rival's stays");
    operator.refused("put-secret", &[], "somebody has put another document");
}

#[test]
fn another_token_key_needs_a_word_and_a_leaked_secret_is_gone_after_a_document_was_put_twice() {
    let operator = Operator::new();
    operator.write("secret.json", DOCUMENT);
    operator.done("put-secret", &[("VERSION", "none")]);
    let other = DOCUMENT.replace("0123456789abcdef", "fedcba9876543210");
    operator.write("secret.json", &other);
    operator.refused("put-secret", &[], "the token key differs");
    operator.done("put-secret", &[("NEW_TOKEN_KEY", "1")]);
    let clean = other.replace("of-the-shop", "of-the-shop-2");
    operator.write("secret.json", &clean);
    operator.done("put-secret", &[("TWICE", "1")]);
    for label in ["current", "previous"] {
        assert_eq!(operator.labelled(label).unwrap(), clean, "{label}");
    }
}
