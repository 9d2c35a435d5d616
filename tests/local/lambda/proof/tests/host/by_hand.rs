//! The durable protocol call by call: the function is played by the test.

use serde_json::{Value, json};

use crate::support::{Raw, Served, Start, function};

/// A host, its only execution, and the envelope of the first invocation.
async fn started() -> (Served, String, Raw, Value) {
    let mut by_hand = function("durable-by-hand");
    by_hand.name = "durable".to_owned();
    let host = Served::start(vec![by_hand]).await;
    let arn = host
        .begin(Start {
            name: Some("order-7"),
            input: json!({ "order": 7 }),
        })
        .await
        .unwrap();
    let raw = Raw::new(&host, &arn);
    let envelope = host.files.json("envelope-1").await;
    (host, arn, raw, envelope)
}

fn step(id: &str, action: &str) -> Value {
    json!({ "Id": id, "Type": "STEP", "SubType": "Step", "Name": id, "Action": action })
}

fn wait(id: &str) -> Value {
    json!({ "Id": id, "Type": "WAIT", "SubType": "Wait", "Action": "START", "WaitOptions": { "WaitSeconds": 1 } })
}

#[tokio::test]
async fn the_envelope_tells_the_execution_and_its_input() {
    let (host, arn, _, envelope) = started().await;
    assert_eq!(envelope["DurableExecutionArn"], arn);
    let operations = &envelope["InitialExecutionState"]["Operations"];
    assert_eq!(operations[0]["ExecutionDetails"]["InputPayload"], r#"{"order":7}"#);
    assert!(
        operations[0]["StartTimestamp"].as_i64().unwrap() > 1_500_000_000_000,
        "milliseconds: {operations}"
    );
    host.files.put("answer-1", r#"{"Status":"SUCCEEDED","Result":"[7]"}"#);
    assert_eq!(host.end_of(&arn).await, ("SUCCEEDED".to_owned(), json!([7])));
}

/// The SDK sends the same call again when its answer was lost, also while the first one is still under way.
#[tokio::test]
async fn a_repeated_call_is_applied_once_and_gets_the_same_answer() {
    let (host, _, raw, envelope) = started().await;
    let call = json!({
        "CheckpointToken": envelope["CheckpointToken"], "ClientToken": "c-1", "Updates": [step("a", "SUCCEED")],
    });
    let calls = (0..8).map(|_| {
        let (raw, call) = (raw.clone(), call.clone());
        tokio::spawn(async move { raw.post("/checkpoint", &call).await })
    });
    let mut answers = Vec::new();
    for call in calls.collect::<Vec<_>>() {
        answers.push(call.await.unwrap());
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert_eq!(answers[0].0, 200, "{answers:?}");
    // The answer's token is current, and the first one is not any more.
    raw.checkpoint(&answers[0].2["CheckpointToken"], json!([step("b", "SUCCEED")]))
        .await;
    let mut stale = call.clone();
    stale["ClientToken"] = json!("c-2");
    let (status, _, body) = raw.post("/checkpoint", &stale).await;
    assert_eq!(status, 400);
    assert!(
        body["Message"]
            .as_str()
            .unwrap()
            .starts_with("Invalid checkpoint token"),
        "{body}"
    );
    host.files.put("answer-1", r#"{"Status":"SUCCEEDED"}"#);
}

#[tokio::test]
async fn a_refused_batch_is_not_applied_and_the_token_stays() {
    let (_host, _, raw, envelope) = started().await;
    let token = &envelope["CheckpointToken"];
    let bad = json!([step("a", "SUCCEED"), { "Id": "b", "Type": "CALLBACK", "Action": "START" }]);
    let (status, kind, body) = raw
        .post("/checkpoint", &json!({ "CheckpointToken": token, "Updates": bad }))
        .await;
    assert_eq!((status, kind.as_deref()), (400, Some("InvalidParameterValueException")));
    assert!(body["Message"].as_str().unwrap().contains("CALLBACK"), "{body}");
    let answer = raw.checkpoint(token, json!([step("c", "SUCCEED")])).await;
    assert_eq!(
        answer["NewExecutionState"]["Operations"].as_array().map(Vec::len),
        Some(1)
    );
    let token = percent_encode(&answer["CheckpointToken"]);
    let (_, _, state) = raw.get(&format!("/state?CheckpointToken={token}")).await;
    let ids: Vec<_> = state["Operations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|operation| &operation["Type"])
        .collect();
    assert_eq!(json!(ids), json!(["EXECUTION", "STEP"]));
}

#[tokio::test]
async fn the_state_is_read_in_pages() {
    let (_host, _, raw, envelope) = started().await;
    let steps: Vec<Value> = (0..4).map(|number| step(&format!("s{number}"), "SUCCEED")).collect();
    let answer = raw.checkpoint(&envelope["CheckpointToken"], json!(steps)).await;
    let token = percent_encode(&answer["CheckpointToken"]);
    let (mut seen, mut marker) = (Vec::new(), String::new());
    loop {
        let (status, _, page) = raw
            .get(&format!("/state?CheckpointToken={token}&MaxItems=2&Marker={marker}"))
            .await;
        assert_eq!(status, 200, "{page}");
        for operation in page["Operations"].as_array().unwrap() {
            assert!(
                operation["StartTimestamp"].as_f64().unwrap() < 1e11,
                "seconds: {operation}"
            );
            seen.push(operation["Name"].as_str().unwrap().to_owned());
        }
        match page["NextMarker"].as_str() {
            Some(next) => marker = percent_encode(&json!(next)),
            None => break,
        }
    }
    assert_eq!(seen, ["order-7", "s0", "s1", "s2", "s3"]);
}

#[tokio::test]
async fn a_suspended_function_is_invoked_when_its_wait_is_over() {
    let (host, arn, raw, envelope) = started().await;
    raw.checkpoint(&envelope["CheckpointToken"], json!([wait("w")])).await;
    host.files.put("answer-1", r#"{"Status":"PENDING"}"#);
    let envelope = host.files.json("envelope-2").await;
    let operation = &envelope["InitialExecutionState"]["Operations"][1];
    assert_eq!(
        (&operation["Status"], &envelope["UpdatedOperationIds"]),
        (&json!("SUCCEEDED"), &json!(["w"]))
    );
    host.files.put("answer-2", r#"{"Status":"SUCCEEDED"}"#);
    assert_eq!(host.end_of(&arn).await.0, "SUCCEEDED");
}

/// A completion that was delivered in an answer counts as seen, yet the SDK parks: only another invocation acts on it.
#[tokio::test]
async fn a_wait_that_ended_during_the_invocation_is_followed_by_another_one() {
    let (host, arn, raw, envelope) = started().await;
    let mut answer = raw.checkpoint(&envelope["CheckpointToken"], json!([wait("w")])).await;
    let delivered = |answer: &Value| {
        let operations = answer["NewExecutionState"]["Operations"].as_array().unwrap();
        operations
            .iter()
            .any(|operation| operation["Type"] == "WAIT" && operation["Status"] == "SUCCEEDED")
    };
    while !delivered(&answer) {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        answer = raw.checkpoint(&answer["CheckpointToken"], json!([])).await;
    }
    host.files.put("answer-1", r#"{"Status":"PENDING"}"#);
    host.files.json("envelope-2").await;
    host.files.put("answer-2", r#"{"Status":"SUCCEEDED"}"#);
    assert_eq!(host.end_of(&arn).await.0, "SUCCEEDED");
}

/// For results that no answer can carry. The call may be repeated as any other.
#[tokio::test]
async fn an_execution_is_closed_by_a_checkpoint_and_the_answer_of_its_function_is_ignored() {
    let (host, arn, raw, envelope) = started().await;
    let result = json!("x".repeat(6_291_456 - 2)).to_string();
    let close = json!({ "Id": "execution-result-1", "Type": "EXECUTION", "Action": "SUCCEED", "Payload": result });
    let call = json!({
        "CheckpointToken": envelope["CheckpointToken"], "ClientToken": "c-1", "Updates": [step("a", "SUCCEED"), close],
    });
    let first = raw.post("/checkpoint", &call).await;
    assert_eq!(
        (first.0, &first.2["CheckpointToken"]),
        (200, &Value::Null),
        "{:?}",
        first.1
    );
    assert_eq!(raw.post("/checkpoint", &call).await, first);
    // The function still runs.
    let (status, result) = host.end_of(&arn).await;
    assert_eq!(
        (status.as_str(), result.as_str().map(str::len)),
        ("SUCCEEDED", Some(6_291_454))
    );
    let mut late = call.clone();
    late["ClientToken"] = json!("c-2");
    let (status, _, body) = raw.post("/checkpoint", &late).await;
    assert_eq!(status, 400);
    assert!(
        body["Message"]
            .as_str()
            .unwrap()
            .starts_with("Invalid checkpoint token"),
        "{body}"
    );
    host.files.put("answer-1", r#"{"Status":"FAILED"}"#);
    let next = host
        .begin(Start {
            name: None,
            input: json!({}),
        })
        .await
        .unwrap();
    host.files.json("envelope-2").await;
    host.files.put("answer-2", r#"{"Status":"SUCCEEDED","Result":"2"}"#);
    assert_eq!(host.end_of(&next).await.0, "SUCCEEDED");
    assert_eq!(host.end_of(&arn).await.0, "SUCCEEDED");
}

#[tokio::test]
async fn a_function_that_parks_for_nothing_is_given_up() {
    let (host, arn, _, _) = started().await;
    for number in 1..=3 {
        host.files.json(&format!("envelope-{number}")).await;
        host.files.put(&format!("answer-{number}"), r#"{"Status":"PENDING"}"#);
    }
    assert_eq!(
        host.end_of(&arn).await,
        ("FAILED".to_owned(), json!("InvalidParameterValueException"))
    );
}

fn percent_encode(text: &Value) -> String {
    let bytes = text.as_str().unwrap().bytes();
    bytes.map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat()
}
