//! No payload, secret or signature leaves the service: not in an answer, not in a log line.

use serde_json::json;
use tracehook_test_support::{Delivery, SECRET, sign};

use tracehook_test_support::service::scripted;

const MARKER: &str = "MARKER-5f1d9c";

#[tokio::test]
async fn neither_logs_nor_answers_hold_payloads_secrets_or_signatures() {
    let service = scripted("").await;
    // The functions write every log line that they have.
    let mut answers = Vec::new();
    let bodies = [
        json!({"value": MARKER}).to_string(),
        json!({"value": MARKER, "script": {"failures": 99}}).to_string(),
        json!({"value": MARKER, "script": {"then": "panic"}}).to_string(),
        json!({"value": MARKER, "script": MARKER}).to_string(),
        format!("{{\"value\":\"{MARKER}\""),
    ];
    let mut signatures = Vec::new();
    for body in &bodies {
        signatures.push(sign(SECRET, body.as_bytes()));
        let answer = service.send(&Delivery::github("push", body.as_str())).await.unwrap();
        if let Ok(token) = answer.token() {
            answers.push(service.end_of(&token).await.unwrap().to_string());
        }
        answers.push(answer.text);
        let wrong = format!("sha256={}", sign("wrong", body.as_bytes()));
        signatures.push(wrong.clone());
        let unsigned = Delivery::github("push", body.as_str()).with("X-Hub-Signature-256", wrong);
        answers.push(service.send(&unsigned).await.unwrap().text);
    }
    let captured = |log: &str| log.contains("accepted") && log.contains("refused");
    let log = service.output_with(captured).await.unwrap();
    // The banner shows the development secret's signature of its own example, and nothing else.
    let log: String = log.lines().filter(|line| !line.contains("curl")).collect();
    for text in answers.iter().chain([&log]) {
        assert!(!text.contains(MARKER), "{text}");
        assert!(!text.contains(SECRET), "{text}");
        for signature in &signatures {
            assert!(!text.contains(signature.trim_start_matches("sha256=")), "{text}");
        }
    }
}
