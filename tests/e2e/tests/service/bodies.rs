//! Bodies of every kind: JSON is accepted as it is, and anything else is refused with its reason.

use tracehook_test_support::{Delivery, Options, Service};

#[tokio::test]
async fn every_json_value_is_accepted_and_completes() {
    let service = Service::start_with(Options {
        memory: true,
        ..Default::default()
    })
    .await
    .unwrap();
    let deep = format!(r#"{{"deep":{}{}}}"#, "[".repeat(5_000), "]".repeat(5_000));
    let large = format!(r#"{{"large":"{}"}}"#, "x".repeat(255 * 1024));
    for body in [
        r#"{"price": 19.99, "rate": 1e-7, "huge": 1e999}"#,
        r#"{"big": 123456789012345678901234567890123456789012345678901234567890}"#,
        r#"{"größe":"💥","escaped":"\ud83d\ude00","nul":"\u0000"}"#,
        r#"{"a":1,"a":2}"#,
        r#"{"\ud83d":1,"nested":{"cut \ude00":"\ud83c"}}"#,
        "\u{feff}{}",
        "{}",
        "[]",
        "null",
        r#""x""#,
        " [1, 2]\r\n",
        &deep,
        &large,
    ] {
        let accepted = service.send(&Delivery::github("push", body)).await.unwrap();
        let shown = &body[..body.len().min(60)];
        let token = accepted.token().unwrap_or_else(|error| panic!("{shown}: {error}"));
        let ended = service.end_of(&token).await.unwrap();
        assert_eq!(ended["status"], "completed", "{shown}: {ended}");
    }
}

#[tokio::test]
async fn what_is_not_json_is_refused_by_its_reason() {
    let service = Service::start_with(Options {
        memory: true,
        ..Default::default()
    })
    .await
    .unwrap();
    for (body, status, code) in [
        (&b""[..], 400, "body_empty"),
        (b" \n\t ", 400, "body_empty"),
        (b"{\"a\":\"\xff\xfe\"}", 400, "body_not_utf8"),
        (b"{\"a\":\"\0\"}", 400, "body_not_json"),
        (b"not json", 400, "body_not_json"),
        (b"{\"a\":1", 400, "body_not_json"),
        (b"{} trailing", 400, "body_not_json"),
    ] {
        let answer = service.send(&Delivery::github("push", body)).await.unwrap();
        assert_eq!(
            (answer.status, answer.json["code"].as_str()),
            (status, Some(code)),
            "{body:?}: {}",
            answer.text
        );
    }
    let form = Delivery::github("push", "payload=%7B%7D").with("Content-Type", "application/x-www-form-urlencoded");
    let answer = service.send(&form).await.unwrap();
    assert_eq!(
        (answer.status, answer.json["code"].as_str()),
        (415, Some("unsupported_media_type"))
    );
}

#[tokio::test]
async fn a_body_over_the_limit_gets_413_and_one_at_the_limit_is_stored() {
    let config = format!(
        "[limits]\nmax_body_bytes = {}\n[sources.github]\npreset = \"github\"\nsecret = \"{}\"\n",
        350 * 1024,
        tracehook_test_support::SECRET
    );
    let service = Service::start_with(Options {
        config: Some(config),
        memory: true,
        ..Default::default()
    })
    .await
    .unwrap();
    let body = |bytes: usize| format!(r#"{{"a":"{}"}}"#, "x".repeat(bytes - 8));
    let largest = service.send(&Delivery::github("push", body(350 * 1024))).await.unwrap();
    assert_eq!(
        service.end_of(&largest.token().unwrap()).await.unwrap()["status"],
        "completed"
    );
    let over = service
        .send(&Delivery::github("push", body(350 * 1024 + 1)))
        .await
        .unwrap();
    assert_eq!(
        (over.status, over.json["code"].as_str()),
        (413, Some("payload_too_large"))
    );
    let text = over.json["error"].as_str().unwrap();
    assert!(text.contains("358400"), "the text names the limit: {text}");
    let over_the_limit_of_the_gateway = service
        .send(&Delivery::github("push", vec![b' '; 10 * 1024 * 1024 + 1]))
        .await
        .unwrap();
    assert_eq!(
        (
            over_the_limit_of_the_gateway.status,
            over_the_limit_of_the_gateway.json["code"].as_str()
        ),
        (413, Some("payload_too_large"))
    );
}
