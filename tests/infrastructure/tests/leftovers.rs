//! `make leftovers` lists what AWS still has of a deployment. The AWS CLI is a program of the test: what each command prints after its query.

#![cfg(test)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use tracehook_infrastructure::path;

/// The exit code and the output, where the CLI prints `found` for its commands: the lines of a shell's `case`.
fn leftovers(found: &str) -> (Option<i32>, String) {
    let directory = tempfile::tempdir().unwrap();
    let program = directory.path().join("aws");
    let text = format!(
        "#!/usr/bin/env bash\ncase \"$1 $2\" in\n\
         \"sts get-caller-identity\") echo 123456789012 ;;\n\
         \"dynamodb describe-table\") echo 'An error occurred (ResourceNotFoundException): not found' >&2; exit 254 ;;\n\
         {found}\nesac\n"
    );
    fs::write(&program, text).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let searched = std::env::var("PATH").unwrap();
    let output = Command::new(path("terraform/leftovers"))
        .env("PATH", format!("{}:{searched}", directory.path().display()))
        .env("AWS_REGION", "eu-west-1")
        .env("NAME_PREFIX", "hooks")
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

#[test]
fn an_account_without_the_deployment_has_nothing_left() {
    let (code, text) = leftovers("");
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("Nothing of what is looked for is left"), "{text}");
}

#[test]
fn what_goes_by_itself_is_told_and_is_no_failure() {
    let (code, text) =
        leftovers(r#""secretsmanager list-secrets") [[ "$*" == *planned* ]] && echo hooks-secrets; : ;;"#);
    assert_eq!(code, Some(0), "{text}");
    let told = "goes       secret hooks-secrets: its recovery window runs";
    assert!(text.contains(told), "{text}");
}

#[test]
fn what_stays_is_told_with_what_to_do() {
    let groups = r#""logs describe-log-groups") [[ "$*" == *"prefix /aws/lambda/hooks-processor "* ]] && echo /aws/lambda/hooks-processor; : ;;"#;
    let (code, text) = leftovers(&format!("{groups}\n\"sqs list-queues\") printf 'one\\ttwo\\n' ;;"));
    assert_eq!(code, Some(1), "{text}");
    for told in [
        "left       queue one: destroy again",
        "left       queue two: destroy again",
        "left       log group /aws/lambda/hooks-processor: ",
        "`aws logs delete-log-group --log-group-name /aws/lambda/hooks-processor`",
    ] {
        assert!(text.contains(told), "{told}: {text}");
    }
    assert_eq!(text.matches("left  ").count(), 3, "{text}");
}

#[test]
fn a_deployment_whose_prefix_begins_with_this_one_is_another() {
    let functions = r#""lambda list-functions") [[ "$*" == *ends_with* ]] && printf 'hooks-validator\thooks-two-validator\n'; : ;;"#;
    let alarms = r#""cloudwatch describe-alarms") printf 'hooks-two-intake-5xx\thooks-two-sweep\n' ;;"#;
    let (code, text) = leftovers(&format!("{functions}\n{alarms}"));
    assert_eq!(code, Some(0), "{text}");
    let (code, text) = leftovers(alarms);
    assert_eq!(code, Some(1), "{text}");
}

#[test]
fn a_warning_beside_an_answer_is_no_name() {
    let (code, text) = leftovers(r#""sns list-topics") echo "InsecureRequestWarning: unverified" >&2 ;;"#);
    assert_eq!(code, Some(0), "{text}");
}

#[test]
fn what_may_not_be_read_is_not_taken_for_nothing() {
    let denied = r#""kms list-aliases") echo "An error occurred (AccessDeniedException): no" >&2; exit 254 ;;"#;
    let (code, text) = leftovers(denied);
    assert_eq!(code, Some(2), "{text}");
    assert!(
        text.contains("not read   alias of the key: An error occurred (AccessDenied"),
        "{text}"
    );
    assert!(!text.contains("Nothing of what is looked for is left"), "{text}");
}
