//! A function with a bad configuration logs every fault of it and does not start.

use std::process::Command;

use tracehook_test_support::service::binaries;

#[test]
fn every_wrong_variable_is_named_in_one_line_and_the_function_ends() {
    for (function, names) in [
        (
            "validator",
            &[
                "TABLE_NAME",
                "SECRET_ID",
                "CONFIGURATION_SHA256",
                "PROCESSOR_FUNCTION",
                "EXECUTION_NAME_PREFIX",
                "MAX_BODY_BYTES",
            ][..],
        ),
        ("processor", &["TABLE_NAME", "STEP_MAX_TRIES"]),
        ("status", &["TABLE_NAME", "TRACE_URL_TEMPLATE"]),
    ] {
        let output = Command::new(binaries().unwrap().join(function))
            .env_clear()
            .env("MAX_BODY_BYTES", "9999999")
            .env("STEP_MAX_TRIES", "none")
            .env("TRACE_URL_TEMPLATE", "nowhere")
            .env("AWS_REGION", "eu-west-1")
            // The address of the runtime: a function that asked for work would hang here and not end.
            .env("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9")
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{function}");
        let text = String::from_utf8(output.stdout).unwrap();
        let lines: Vec<_> = text.lines().filter(|line| line.contains("bad configuration")).collect();
        assert_eq!(lines.len(), 1, "{function}: {text}");
        for name in names {
            assert!(lines[0].contains(name), "{function}: {name} in {text}");
        }
    }
}
