//! Sizes.

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use serde_json::json;

use crate::support::{Raw, Served, Start, function, invocation::code};

const MIB: usize = 1024 * 1024;

/// A JSON object of exactly that many bytes.
fn object(bytes: usize) -> Blob {
    let frame = json!({ "x": "" }).to_string().len();
    Blob::new(json!({ "x": "x".repeat(bytes - frame) }).to_string())
}

#[tokio::test]
async fn payloads_are_six_mebibytes_at_most_and_those_of_events_one() {
    let host = Served::with("plain").await;
    let send = |kind: InvocationType, bytes: usize| {
        host.client
            .invoke()
            .function_name("plain")
            .invocation_type(kind)
            .payload(object(bytes))
            .send()
    };
    // A dry run checks as a synchronous call does, and spares the function the work.
    assert!(send(InvocationType::DryRun, 6 * MIB).await.is_ok());
    assert!(send(InvocationType::Event, MIB).await.is_ok());
    for (kind, bytes) in [
        (InvocationType::RequestResponse, 6 * MIB + 1),
        (InvocationType::RequestResponse, 8 * MIB),
        (InvocationType::Event, MIB + 1),
    ] {
        let refused = send(kind, bytes).await.unwrap_err();
        assert_eq!(code(&refused), "RequestTooLargeException", "{bytes}");
        assert_eq!(refused.raw_response().unwrap().status().as_u16(), 413);
    }
}

/// Two steps beyond the quota are refused in one call, and the execution goes on with what it has.
#[tokio::test]
async fn an_execution_has_three_thousand_operations() {
    let mut by_hand = function("durable-by-hand");
    by_hand.name = "durable".to_owned();
    let host = Served::start(vec![by_hand]).await;
    let arn = host
        .begin(Start {
            name: None,
            input: json!({}),
        })
        .await
        .unwrap();
    let (raw, envelope) = (Raw::new(&host, &arn), host.files.json("envelope-1").await);
    let steps = |ids: std::ops::Range<u32>| {
        let step = |id: u32| json!({ "Id": id.to_string(), "Type": "STEP", "Action": "SUCCEED" });
        json!(ids.map(step).collect::<Vec<_>>())
    };
    let answer = raw.checkpoint(&envelope["CheckpointToken"], steps(0..2998)).await;
    let token = &answer["CheckpointToken"];
    let beyond = json!({ "CheckpointToken": token, "Updates": steps(2998..3000) });
    let (status, kind, body) = raw.post("/checkpoint", &beyond).await;
    assert_eq!((status, kind.as_deref()), (400, Some("InvalidParameterValueException")));
    assert!(body["Message"].as_str().unwrap().contains("3000 operations"), "{body}");
    raw.checkpoint(token, steps(2998..2999)).await;
    host.files.put("answer-1", r#"{"Status":"SUCCEEDED","Result":"7"}"#);
    assert_eq!(host.end_of(&arn).await, ("SUCCEEDED".to_owned(), json!(7)));
}

#[tokio::test]
async fn an_answer_may_be_six_mebibytes_and_a_hundred_bytes() {
    let host = Served::with("plain").await;
    let fits = host
        .invoke("plain", json!({ "then": "large", "bytes": 6 * MIB + 100 }))
        .await;
    assert_eq!(fits.function_error, None);
    let too_large = host
        .invoke("plain", json!({ "then": "large", "bytes": 6 * MIB + 101 }))
        .await;
    assert_eq!(too_large.error_type(), "Function.ResponseSizeTooLarge");
    // The process lives on.
    let after = host.invoke("plain", json!({})).await;
    assert_eq!(after.body["count"], 3);
}
