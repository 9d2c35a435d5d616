//! What the validator counts of requests whose signature is good, and of secrets that cannot be used: what alarms judge by.

use serde_json::{Value, json};
use tracehook_test_support::{Delivery, Options, SECRET, Service};

/// The sum of a metric of the validator in the service's output, whatever its dimensions, or none without a value.
fn counted(service: &Service, name: &str) -> Option<f64> {
    let output = service.output().unwrap();
    let lines = output
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let of_validator = lines.filter(|line| line["service"] == "validator" && !line["_aws"].is_null());
    let values = of_validator.filter_map(|line| match &line[name] {
        Value::Number(number) => number.as_f64(),
        Value::Object(histogram) => histogram["Counts"].as_array()?.iter().map(Value::as_f64).sum(),
        _ => None,
    });
    values.fold(None, |sum, value| Some(sum.unwrap_or_default() + value))
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
    for name in [
        "WebhooksVerified",
        "AnswerTime",
        "RequestsFailed",
        "RequestsUnavailable",
    ] {
        assert_eq!(counted(&service, name), None, "{name}");
    }
    assert_eq!(counted(&service, "WebhooksReceived"), Some(6.0), "the output is read");
    assert_eq!(service.send(&signed).await.unwrap().status, 202);
    assert_eq!(service.send(&signed.signed_anew("not JSON")).await.unwrap().status, 400);
    let away = json!({"operation": "dynamodb:PutItem", "count": 1000, "phase": "before", "effect": {"throttle": true}});
    service.fault(away).await.unwrap();
    assert_eq!(service.send(&signed.signed_anew("[]")).await.unwrap().status, 503);
    for (name, expected) in [
        ("WebhooksVerified", 3.0),
        ("AnswerTime", 3.0),
        ("RequestsFailed", 1.0),
        ("RequestsUnavailable", 1.0),
    ] {
        assert_eq!(counted(&service, name), Some(expected), "{name}");
    }
}

#[tokio::test]
async fn a_secret_that_cannot_be_used_closes_its_source_is_counted_and_is_not_shown() {
    let short = "hunter2";
    let options = Options {
        config: Some(format!(
            "[sources.github]\nscheme = \"github\"\nsecret = \"{short}\"\n\
             [sources.default]\nscheme = \"hmac-sha256\"\nsecret = \"{SECRET}\"\n\
             [sources.shop]\nscheme = \"github\"\nsecret = \"{SECRET}\"\n"
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
    assert!(counted(&service, "SecretsUnusable") >= Some(1.0));
    assert!(counted(&service, "SecretsShared") >= Some(2.0));
    let output = service.output().unwrap();
    assert!(output.contains("the secret of this source cannot be used") && output.contains("shorter than 16 bytes"));
    assert!(output.contains("another source has the same secret"));
    assert!(!output.contains(short));
}
