//! No wrong request is accepted, and every refusal is JSON with a stable code.

use serde_json::Value;
use tracehook_test_support::{Answer, Delivery, Service, sign};

fn assert_refused(answer: &Answer, status: u16, code: &str, case: &str) {
    assert_eq!(
        (answer.status, answer.json["code"].as_str()),
        (status, Some(code)),
        "{case}: {}",
        answer.text
    );
    assert!(!answer.json["error"].as_str().unwrap().is_empty(), "{case}");
    assert!(!answer.json["requestId"].as_str().unwrap().is_empty(), "{case}");
    assert_eq!(answer.header("content-type"), "application/json", "{case}");
}

#[tokio::test]
async fn a_source_with_a_secret_accepts_no_unsigned_and_no_wrongly_signed_body() {
    let service = Service::start().await.unwrap();
    let signed = Delivery::github("push", "{}");
    let wrong = sign("another-secret", b"{}");
    let other_body = sign(tracehook_test_support::SECRET, b"{ }");
    let header = "X-Hub-Signature-256";
    for (case, delivery, code) in [
        ("no signature", signed.clone().without(header), "signature_missing"),
        ("an empty one", signed.clone().with(header, ""), "signature_missing"),
        (
            "of another secret",
            signed.clone().with(header, format!("sha256={wrong}")),
            "signature_mismatch",
        ),
        (
            "of another body",
            signed.clone().with(header, format!("sha256={other_body}")),
            "signature_mismatch",
        ),
        (
            "too short",
            signed.clone().with(header, "sha256=abcd"),
            "signature_malformed",
        ),
        (
            "another hash",
            signed.clone().with(header, format!("sha1={wrong}")),
            "signature_malformed",
        ),
        (
            "another header",
            signed.clone().without(header).with("X-Webhook-Signature", wrong),
            "signature_missing",
        ),
        (
            "the default source",
            Delivery::new("/webhook", "{}"),
            "signature_missing",
        ),
        (
            "unsigned and not JSON",
            Delivery::new("/webhook", "x"),
            "signature_missing",
        ),
        ("unsigned and empty", Delivery::new("/webhook", ""), "signature_missing"),
    ] {
        assert_refused(&service.send(&delivery).await.unwrap(), 401, code, case);
    }
    assert_eq!(service.send(&signed).await.unwrap().status, 202);
}

#[tokio::test]
async fn wrong_paths_methods_and_tokens_are_json_errors() {
    let service = Service::start().await.unwrap();
    let hook = || Delivery::github("push", "{}");
    for (case, delivery, status, code) in [
        (
            "an unknown source",
            Delivery::new("/webhook/nobody", "{}"),
            404,
            "unknown_source",
        ),
        (
            "a source's name in another case",
            Delivery::new("/webhook/GitHub", "{}"),
            404,
            "unknown_source",
        ),
        (
            "an encoded source",
            Delivery::new("/webhook/git%20hub", "{}"),
            404,
            "unknown_source",
        ),
        ("an unknown path", Delivery::new("/hook", "{}"), 404, "not_found"),
        ("PUT", hook().method("PUT"), 405, "method_not_allowed"),
        ("DELETE", hook().method("DELETE"), 405, "method_not_allowed"),
        (
            "PATCH of the default source",
            Delivery::new("/webhook", "{}").method("PATCH"),
            405,
            "method_not_allowed",
        ),
        (
            "OPTIONS without CORS",
            hook().method("OPTIONS"),
            405,
            "method_not_allowed",
        ),
        (
            "POST to a status",
            Delivery::new(&format!("/status/{}", "0".repeat(32)), "{}"),
            405,
            "method_not_allowed",
        ),
        (
            "a malformed token",
            Delivery::new("/status/xyz", "").method("GET"),
            400,
            "token_malformed",
        ),
        (
            "an unknown token",
            Delivery::new(&format!("/status/{}", "0".repeat(32)), "").method("GET"),
            404,
            "token_unknown",
        ),
        (
            "a long delivery id",
            hook().with("X-GitHub-Delivery", "x".repeat(300)),
            400,
            "delivery_id_invalid",
        ),
    ] {
        assert_refused(&service.send(&delivery).await.unwrap(), status, code, case);
    }
    for path in ["/webhook/github", "/webhook"] {
        let head = service.send(&Delivery::new(path, "").method("HEAD")).await.unwrap();
        assert_eq!((head.status, head.text.as_str()), (405, ""), "HEAD {path}");
        assert_ne!(head.header("allow"), "", "HEAD {path}");
    }
}

#[tokio::test]
async fn cors_is_answered_only_as_configured() {
    let config = "cors_allow_origin = \"https://app.example.com\"\n[sources.github]\npreset = \"github\"\nsecret = \"a-secret-of-16-bytes\"\n";
    let options = tracehook_test_support::Options {
        config: Some(config.into()),
        memory: true,
        ..Default::default()
    };
    let service = Service::start_with(options).await.unwrap();
    let preflight = service
        .send(&Delivery::new("/webhook/github", "").method("OPTIONS"))
        .await
        .unwrap();
    assert_eq!(
        (preflight.status, preflight.header("access-control-allow-origin")),
        (204, "https://app.example.com")
    );
    let refused = service.send(&Delivery::new("/webhook/github", "{}")).await.unwrap();
    assert_eq!(
        (refused.status, refused.header("access-control-allow-origin")),
        (401, "https://app.example.com")
    );
}

#[tokio::test]
async fn an_unsigned_source_must_be_asked_for_and_then_accepts() {
    let config = "[sources.open]\npreset = \"none\"\nallow_unsigned = true\n[sources.github]\npreset = \"github\"\nsecret = \"a-secret-of-16-bytes\"\n";
    let options = tracehook_test_support::Options {
        config: Some(config.into()),
        memory: true,
        ..Default::default()
    };
    let service = Service::start_with(options).await.unwrap();
    assert_eq!(
        service
            .send(&Delivery::new("/webhook/open", "{}"))
            .await
            .unwrap()
            .status,
        202
    );
    assert_refused(
        &service.send(&Delivery::new("/webhook/github", "{}")).await.unwrap(),
        401,
        "signature_missing",
        "github",
    );
}

#[tokio::test]
async fn a_refusal_is_one_line_of_the_log_with_its_code_and_request() {
    let service = Service::start().await.unwrap();
    let unsigned = Delivery::github("push", "{}").without("X-Hub-Signature-256");
    let answers = [
        service.send(&unsigned).await.unwrap(),
        service.send(&Delivery::new("/webhook/nobody", "{}")).await.unwrap(),
    ];
    let log = service
        .output_with(|log| log.matches("\"refused\"").count() >= 2)
        .await
        .unwrap();
    let lines: Vec<Value> = log
        .lines()
        .filter_map(|line| serde_json::from_str(&line[line.find('{')?..]).ok())
        .filter(|line: &Value| line["message"] == "refused")
        .collect();
    assert_eq!(lines.len(), 2, "{log}");
    for (line, answer) in lines.iter().zip(&answers) {
        assert_eq!(
            (&line["code"], &line["request_id"], &line["service"]),
            (&answer.json["code"], &answer.json["requestId"], &"validator".into()),
            "{line}"
        );
    }
}
