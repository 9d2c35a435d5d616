//! The surroundings of a function: variables, the headers of an event, its log.

use std::time::Duration;

use serde_json::{Value, json};
use tracehook_local_lambda::LogStream;

use crate::support::{NEVER, Served, function, soon};

#[tokio::test]
async fn the_environment_is_lambdas_and_nothing_of_the_hosts() {
    let mut options = function("plain");
    options.memory_mb = 512;
    options.environment.insert("OWN".to_owned(), "value".to_owned());
    options.environment.insert("TZ".to_owned(), "own".to_owned());
    let host = Served::start(vec![options]).await;
    let answer = host.invoke("plain", json!({})).await;
    let variables = answer.body["environment"].as_object().unwrap();
    let expected = json!({
        "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EXECUTION_ENV": "AWS_Lambda_provided.al2023",
        "AWS_LAMBDA_FUNCTION_NAME": "plain", "AWS_LAMBDA_FUNCTION_VERSION": "1",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512", "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/plain",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand", "_HANDLER": "bootstrap",
        "OWN": "value", "TZ": "own", "FIXTURE": "plain",
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(variables.get(name), Some(value), "{name}");
    }
    for name in [
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "LAMBDA_TASK_ROOT",
        "PATH",
        "LANG",
    ] {
        assert!(variables.contains_key(name), "{name}");
    }
    let access_key = json!(host.lambda.sandboxes()[0].access_key_id);
    assert_eq!(variables["AWS_ACCESS_KEY_ID"], access_key);
    // Cargo sets this for the test, so it would be there if anything were inherited.
    assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some());
    assert!(!variables.contains_key("CARGO_MANIFEST_DIR"));
}

#[tokio::test]
async fn each_event_has_a_trace_and_a_request_id_of_its_own() {
    let host = Served::with("plain").await;
    let mut seen = Vec::new();
    for _ in 0..2 {
        let report = host.invoke("plain", json!({})).await.body;
        assert_eq!(report["environment"]["_X_AMZN_TRACE_ID"], report["trace"]);
        assert!(
            report["trace"].as_str().unwrap().starts_with("Root=1-"),
            "{}",
            report["trace"]
        );
        seen.push((report["trace"].to_string(), report["requestId"].to_string()));
    }
    assert!(seen[0].0 != seen[1].0 && seen[0].1 != seen[1].1, "{seen:?}");
}

#[tokio::test]
async fn the_callers_trace_is_passed_on() {
    let host = Served::with("plain").await;
    let trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0";
    let invoke = |header: &'static str| {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let url = format!("{}/2015-03-31/functions/plain/invocations", host.url);
        async move {
            let answer = client
                .post(url)
                .header("X-Amzn-Trace-Id", header)
                .body("{}")
                .send()
                .await
                .unwrap();
            answer.json::<Value>().await.unwrap()
        }
    };
    assert_eq!(invoke(trace).await["trace"], trace);
    // A value that the runtime cannot read is replaced and does not end the process.
    assert!(
        invoke("Root=1 2").await["trace"]
            .as_str()
            .unwrap()
            .starts_with("Root=1-")
    );
}

#[tokio::test]
async fn the_deadline_is_the_timeout_from_the_handing_out_of_the_event() {
    let host = Served::with("plain").await;
    let report = host.invoke("plain", json!({})).await.body;
    let left_ms = report["deadlineMs"].as_u64().unwrap() - report["nowMs"].as_u64().unwrap();
    assert!(Duration::from_millis(left_ms) <= NEVER, "{left_ms}");
    assert!(Duration::from_millis(left_ms) > NEVER / 2, "{left_ms}");
}

#[tokio::test]
async fn what_a_function_writes_is_its_log() {
    let host = Served::with("plain").await;
    let mut log = host.lambda.log_lines();
    host.invoke("plain", json!({ "then": "panic" })).await;
    let (mut stdout, mut stderr) = (false, false);
    while !(stdout && stderr) {
        let line = soon("both lines", log.recv()).await.unwrap();
        assert_eq!(line.function, "plain");
        stdout |= line.stream == LogStream::Stdout && line.line == "the fixture starts";
        stderr |= line.stream == LogStream::Stderr && line.line.contains("the script says so");
    }
}
