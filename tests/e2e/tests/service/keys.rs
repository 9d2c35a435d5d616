//! Secrets that are no keys of their source: it is closed, whoever has the secret, and the service says so when it starts.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use tracehook_test_support::service::configuration;
use tracehook_test_support::{Delivery, Options, SECRET, Service, sign};

/// 8 bytes, which are 16 digits.
const HEX_OF_8_BYTES: &str = "7368616c6c6f7721";
/// 16 bytes.
const HEX_OF_16_BYTES: &str = "6e6f742d736f2d7368616c6c6f772121";

fn keyed(secret: &str) -> serde_json::Value {
    let signature = json!({"from": ["header:X-Webhook-Signature"], "items": ["sha256={sig}"]});
    json!({"verify": [{"kind": "hmac", "hash": "sha256", "key": "hex", "signature": signature}], "secret": secret})
}

fn basic(secret: &str) -> serde_json::Value {
    json!({"verify": [{"kind": "basic"}], "secret": secret})
}

#[tokio::test]
async fn a_secret_that_is_no_key_of_its_source_closes_it_and_is_told_at_start() {
    let sources = [
        ("shallow", keyed(HEX_OF_8_BYTES)),
        ("deep", keyed(HEX_OF_16_BYTES)),
        ("nobody", basic(SECRET)),
        ("somebody", basic("user:0123456789abcdef")),
        ("absent", json!({"preset": "github"})),
    ];
    let options = Options {
        config: Some(configuration(sources.iter().map(|(name, source)| (*name, source)))),
        ..Options::default()
    };
    let service = Service::start_with(options).await.unwrap();
    let told = service.output().unwrap();
    for (source, reason) in [
        ("shallow", "a key of fewer than 16 bytes"),
        ("nobody", "user:password"),
        ("absent", "it has no entry"),
    ] {
        let line = told
            .lines()
            .find(|line| line.contains(source) && line.contains("is closed"));
        assert!(line.is_some_and(|line| line.contains(reason)), "{source}: {told}");
    }
    let is_closed = |line: &&str| line.contains("this source is closed");
    assert_eq!(told.lines().filter(is_closed).count(), 3, "{told}");

    let body = "{}";
    let signed = |key: &str| ("X-Webhook-Signature", format!("sha256={}", sign(key, body.as_bytes())));
    let authorized = |credentials: &str| {
        let text = STANDARD.encode(credentials);
        ("Authorization", format!("Basic {text}"))
    };
    for (source, (header, value), expected) in [
        ("shallow", signed("shallow!"), 503),
        ("deep", signed("not-so-shallow!!"), 202),
        ("nobody", authorized(SECRET), 503),
        ("somebody", authorized("user:0123456789abcdef"), 202),
        ("absent", ("X-Hub-Signature-256", sign(SECRET, body.as_bytes())), 503),
    ] {
        let delivery = Delivery::new(&format!("/webhook/{source}"), body).with(header, value);
        let answer = service.send(&delivery).await.unwrap();
        assert_eq!(answer.status, expected, "{source}: {}", answer.json);
        if expected == 503 {
            assert_eq!(answer.json["code"], "secret_missing", "{source}");
        }
    }
    let output = service.output().unwrap();
    for secret in [HEX_OF_8_BYTES, SECRET] {
        assert!(!output.contains(secret), "{output}");
    }
}
