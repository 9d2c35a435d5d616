//! What the validator counts of requests whose signature is good, and of secrets that cannot be used: what alarms judge by.

use serde_json::{Value, json};
use tracehook_test_support::{Delivery, Options, SECRET, Service};

/// The sum of a counter of the validator in the service's output, or the number of a histogram's values.
fn counted(output: &str, name: &str) -> f64 {
    let documents = output.lines().filter(|line| line.contains("\"_aws\""));
    let lines = documents.filter_map(|line| serde_json::from_str::<Value>(&line[line.find('{')?..]).ok());
    lines
        .filter(|line| line["service"] == "validator")
        .map(|line| match &line[name] {
            Value::Number(number) => number.as_f64().unwrap(),
            Value::Array(values) => values.iter().map(|_| 1.0).sum(),
            _ => 0.0,
        })
        .sum()
}

/// The output once this metric has come to that; a function writes its metrics after its answer was posted.
async fn output_with(service: &Service, name: &str, value: f64) -> String {
    let ended = |output: &str| counted(output, name) >= value;
    service.output_with(ended).await.unwrap()
}

#[tokio::test]
async fn strangers_add_nothing_to_what_is_judged_and_producers_do() {
    let service = Service::start().await.unwrap();
    let signed = Delivery::github("push", "{}");
    let forged = signed.clone().with("X-Hub-Signature-256", "0".repeat(64));
    for _ in 0..3 {
        for stranger in [&forged, &signed.clone().without("X-Hub-Signature-256")] {
            assert_eq!(service.send(stranger).await.unwrap().status, 401);
        }
    }
    let output = output_with(&service, "WebhooksReceived", 6.0).await;
    for name in [
        "WebhooksVerified",
        "AnswerTime",
        "RequestsFailed",
        "RequestsUnavailable",
    ] {
        assert!(!output.contains(name), "{name}");
    }
    assert_eq!(service.send(&signed).await.unwrap().status, 202);
    // Whoever has captured it can send it again: its signature is good.
    assert_eq!(service.send(&signed).await.unwrap().json["duplicate"], true);
    assert_eq!(service.send(&signed.signed_anew("not JSON")).await.unwrap().status, 400);
    let away = json!({"operation": "dynamodb:PutItem", "count": 1000, "phase": "before", "effect": {"throttle": true}});
    service.fault(away).await.unwrap();
    assert_eq!(service.send(&signed.signed_anew("[]")).await.unwrap().status, 503);
    let output = output_with(&service, "RequestsUnavailable", 1.0).await;
    for (name, expected) in [
        ("WebhooksVerified", 4.0),
        ("AnswerTime", 4.0),
        ("RequestsFailed", 1.0),
        ("RequestsUnavailable", 1.0),
    ] {
        assert_eq!(counted(&output, name).to_bits(), f64::to_bits(expected), "{name}");
    }
}

#[tokio::test]
async fn a_secret_that_cannot_be_used_closes_its_source_is_counted_and_is_not_shown() {
    let short = "hunter2";
    let options = Options {
        config: Some(format!(
            "[sources.github]\npreset = \"github\"\nsecret = \"{short}\"\n\
             [sources.default]\npreset = \"hmac-sha256\"\nsecret = \"{SECRET}\"\n\
             [sources.shop]\npreset = \"github\"\nsecret = \"{SECRET}\"\n"
        )),
        ..Options::default()
    };
    let service = Service::start_with(options).await.unwrap();
    let body = "{}";
    let weak = Delivery::github("push", body).with(
        "X-Hub-Signature-256",
        tracehook_test_support::sign(short, body.as_bytes()),
    );
    let closed = service.send(&weak).await.unwrap();
    assert_eq!((closed.status, &closed.json["code"]), (503, &json!("secret_missing")));
    let other = Delivery::new("/webhook/shop", body).with(
        "X-Hub-Signature-256",
        tracehook_test_support::sign(SECRET, body.as_bytes()),
    );
    assert_eq!(service.send(&other).await.unwrap().status, 202);
    output_with(&service, "SecretsUnusable", 1.0).await;
    let output = output_with(&service, "SecretsShared", 2.0).await;
    assert!(output.contains("the secret of this source cannot be used") && output.contains("shorter than 16 bytes"));
    assert!(output.contains("another source has the same secret"));
    assert!(!output.contains(short));
}
