//! The line that the service prints is run as it is, by a shell.

use std::process::Command;

use serde_json::{Value, json};
use tracehook_test_support::service::configuration;
use tracehook_test_support::{Options, Service};

/// A text that is base64 and hex digits, too.
const SECRET: &str = "0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9";

/// The printed line with its answer.
async fn ran(name: &str, source: &Value) -> (String, Value) {
    let options = Options {
        config: Some(configuration([(name, source)])),
        ..Options::default()
    };
    let service = Service::start_with(options).await.unwrap();
    let output = service.output_with(|output| output.contains("Ctrl-C")).await.unwrap();
    let line = output.lines().find(|line| line.trim_start().starts_with("curl "));
    let line = line.unwrap_or_else(|| panic!("{name}: {output}")).trim().to_owned();
    assert!(!line.contains(SECRET), "{line}");
    let answered = Command::new("sh")
        .args(["-c", &line])
        .env("no_proxy", "*")
        .current_dir("/")
        .output()
        .unwrap();
    let body = String::from_utf8(answered.stdout).unwrap();
    let answer = serde_json::from_str(&body).unwrap_or_else(|_| json!({ "text": body }));
    (line, answer)
}

#[tokio::test]
async fn the_printed_line_of_each_kind_is_accepted() {
    for (preset, expected) in [
        ("hmac-sha256", "X-Webhook-Signature: sha256="),
        ("github", "X-Hub-Signature-256: sha256="),
        ("github-form", "Content-Type: application/x-www-form-urlencoded"),
        ("stripe", "Stripe-Signature: t="),
        ("slack", "X-Slack-Request-Timestamp: "),
        ("standard-webhooks", "Webhook-Signature: v1,"),
        ("shopify", "X-Shopify-Hmac-Sha256: "),
    ] {
        let (line, answer) = ran(
            "first",
            &json!({"preset": preset, "secret": SECRET, "answer": accepted()}),
        )
        .await;
        assert!(line.contains(expected), "{preset}: {line}");
        assert_eq!(answer["accepted"], true, "{preset}: {line} {answer}");
    }
}

#[tokio::test]
async fn the_printed_line_with_a_secret_in_clear_reads_it_from_the_state() {
    let token = "not-base64-and-not-hex-either";
    let gitlab = json!({"preset": "gitlab", "secret": token, "answer": accepted()});
    let basic = json!({"verify": [{"kind": "basic"}], "secret": format!("user:{token}"), "answer": accepted()});
    for source in [gitlab, basic] {
        let (line, answer) = ran("first", &source).await;
        assert!(line.contains(" -H '@/") && !line.contains(token), "{line}");
        assert_eq!(answer["accepted"], true, "{line} {answer}");
    }
}

#[tokio::test]
async fn a_source_without_a_line_says_why() {
    let options = Options {
        config: Some(configuration([("mail", &json!({"preset": "sendgrid"}))])),
        memory: true,
        ..Options::default()
    };
    let service = Service::start_with(options).await.unwrap();
    let output = service.output_with(|output| output.contains("Ctrl-C")).await.unwrap();
    assert!(
        output.contains("no line can be made (mail: its secret is not in the configuration)"),
        "{output}"
    );
}

/// What an accepted delivery is answered, the same for all presets.
fn accepted() -> Value {
    json!({"status": 200, "json": {"accepted": true}})
}
