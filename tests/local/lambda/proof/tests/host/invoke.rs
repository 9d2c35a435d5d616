//! Invoke: who is meant, what comes back, what is refused.

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use serde_json::json;
use tracehook_local_lambda::InvokeOutcome;

use crate::support::{Served, function};

#[tokio::test]
async fn the_answer_of_the_function_is_the_answer() {
    let host = Served::with("plain").await;
    let answer = host.invoke("plain", json!({ "order": "é" })).await;
    assert_eq!(answer.body["payload"], json!({ "order": "é" }));
    assert_eq!((answer.function_error, answer.execution_arn), (None, None));
    assert_eq!(answer.version.as_deref(), Some("$LATEST"));
}

#[tokio::test]
async fn every_form_of_a_name_reaches_the_function() {
    let host = Served::with("plain").await;
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:plain";
    for (name, version, invoked) in [
        ("plain".to_owned(), "$LATEST", arn.to_owned()),
        ("plain:live".to_owned(), "1", format!("{arn}:live")),
        ("000000000000:function:plain:1".to_owned(), "1", format!("{arn}:1")),
        (arn.to_owned(), "$LATEST", arn.to_owned()),
        (format!("{arn}:$LATEST"), "$LATEST", format!("{arn}:$LATEST")),
    ] {
        let answer = host.invoke(&name, json!({})).await;
        assert_eq!(answer.version.as_deref(), Some(version), "{name}");
        assert_eq!(answer.body["arn"], json!(invoked), "{name}");
    }
    let beside = host
        .client
        .invoke()
        .function_name("plain")
        .qualifier("live")
        .send()
        .await
        .unwrap();
    assert_eq!(beside.executed_version(), Some("1"));
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let host = Served::with("plain").await;
    for name in ["nobody", "plain:2", "plain:staging"] {
        assert_eq!(
            host.refused(name, json!({})).await,
            "ResourceNotFoundException",
            "{name}"
        );
    }
    let unlike = host
        .client
        .invoke()
        .function_name("plain:live")
        .qualifier("1")
        .send()
        .await;
    assert_eq!(
        crate::support::invocation::code(&unlike.unwrap_err()),
        "InvalidParameterValueException"
    );
    let unknown = host.lambda.invoke("nobody", "{}".into(), None).await;
    assert_eq!(unknown, InvokeOutcome::Unknown);
}

#[tokio::test]
async fn a_dry_run_runs_nothing() {
    let host = Served::with("plain").await;
    let dry = host
        .client
        .invoke()
        .function_name("plain")
        .invocation_type(InvocationType::DryRun)
        .send()
        .await
        .unwrap();
    assert_eq!(dry.status_code(), 204);
    assert!(host.lambda.sandboxes().is_empty());
    let dry = host
        .client
        .invoke()
        .function_name("nobody")
        .invocation_type(InvocationType::DryRun)
        .send()
        .await;
    assert!(dry.is_err());
}

#[tokio::test]
async fn no_payload_is_an_empty_object() {
    let host = Served::with("plain").await;
    let answer = host.client.invoke().function_name("plain").send().await.unwrap();
    let report: serde_json::Value = serde_json::from_slice(answer.payload().unwrap().as_ref()).unwrap();
    assert_eq!(report["payload"], json!({}));
}

#[tokio::test]
async fn a_payload_must_be_json() {
    let host = Served::with("plain").await;
    for kind in [InvocationType::RequestResponse, InvocationType::Event] {
        let sent = host
            .client
            .invoke()
            .function_name("plain")
            .invocation_type(kind)
            .payload(Blob::new("{"))
            .send()
            .await;
        assert_eq!(
            crate::support::invocation::code(&sent.unwrap_err()),
            "InvalidRequestContentException"
        );
    }
}

#[tokio::test]
async fn an_unknown_invocation_type_is_refused() {
    let host = Served::with("plain").await;
    let sent = host
        .client
        .invoke()
        .function_name("plain")
        .invocation_type("Later".into())
        .send()
        .await;
    assert_eq!(
        crate::support::invocation::code(&sent.unwrap_err()),
        "InvalidParameterValueException"
    );
}

/// The runtime reads it from a header, and ends at what it cannot read.
#[tokio::test]
async fn a_client_context_reaches_the_function_whatever_its_letters() {
    use base64::Engine as _;
    let host = Served::with("plain").await;
    let context = json!({ "custom": { "greeting": "grüß dich 👋" } });
    let encoded = base64::engine::general_purpose::STANDARD.encode(context.to_string());
    let answer = host
        .client
        .invoke()
        .function_name("plain")
        .client_context(encoded)
        .send()
        .await
        .unwrap();
    let report: serde_json::Value = serde_json::from_slice(answer.payload().unwrap().as_ref()).unwrap();
    assert_eq!(report["clientContext"], context["custom"], "{report}");
    for wrong in ["not base64!", "bm90IGpzb24=", "W10="] {
        let sent = host
            .client
            .invoke()
            .function_name("plain")
            .client_context(wrong)
            .send()
            .await;
        assert_eq!(
            crate::support::invocation::code(&sent.unwrap_err()),
            "InvalidRequestContentException",
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn a_failure_of_the_function_is_its_error() {
    let host = Served::with("plain").await;
    let answer = host.invoke("plain", json!({ "then": "error" })).await;
    assert_eq!(answer.function_error.as_deref(), Some("Unhandled"));
    assert_eq!(answer.error_message(), "the script says so");
}

#[tokio::test]
async fn functions_have_unlike_names() {
    let directory = tempfile::tempdir().unwrap();
    let options = crate::support::options(directory.path(), vec![function("plain"), function("plain")]);
    assert!(tracehook_local_lambda::Lambda::start(options).await.is_err());
}
