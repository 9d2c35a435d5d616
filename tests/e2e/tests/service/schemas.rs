//! Payloads that are checked against a schema of their source.

use serde_json::json;
use tracehook_test_support::{Delivery, Options, SECRET, Service};

const MARKER: &str = "MARKER-91c0aa";

const ORDER: &str = r#"{
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "integer"}, "lines": {"items": {"properties": {"sku": {"pattern": "^[a-z]+$"}}}}}
}"#;

/// A service with schemas beside its functions; the processor's process starts with the first webhook.
async fn service(schema: &str) -> Service {
    let config = format!(
        "task_root = \"DIRECTORY\"\n[sources.github]\npreset = \"github\"\nsecret = \"{SECRET}\"\n\
         [sources.default]\npreset = \"hmac-sha256\"\nsecret = \"{SECRET}\"\n[durable]\nfailure_delay_ms = 50\nmax_recoveries = 4\n"
    );
    let options = Options {
        config: Some(config),
        files: vec![("schemas/default.json".to_owned(), schema.to_owned())],
        memory: true,
        ..Default::default()
    };
    Service::start_with(options).await.unwrap()
}

#[tokio::test]
async fn a_payload_that_violates_its_schema_ends_failed_with_its_places_and_no_value_while_others_complete() {
    let service = service(ORDER).await;
    let wrong = json!({"id": MARKER, "lines": [{"sku": "a"}, {"sku": MARKER}], "more": MARKER}).to_string();
    let right = json!({"id": 17, "lines": [{"sku": "a"}], "more": MARKER}).to_string();
    let mut sent = Vec::new();
    for _ in 0..3 {
        // The source `github` has no schema: the same bytes complete there.
        for (delivery, ends) in [
            (Delivery::default_source(wrong.as_str()), "failed"),
            (Delivery::default_source(right.as_str()), "completed"),
            (Delivery::github("push", wrong.as_str()), "completed"),
        ] {
            sent.push((service.send(&delivery).await.unwrap().token().unwrap(), ends));
        }
    }
    for (token, ends) in sent {
        let ended = service.end_of(&token).await.unwrap();
        assert_eq!(ended["status"], ends, "{ended}");
        assert!(!ended.to_string().contains(MARKER), "{ended}");
        if ends == "failed" {
            let message = "the payload is not as its schema says: /id (type), /lines/1/sku (pattern)";
            assert_eq!(ended["error"], json!({"code": "schema_violation", "message": message}));
            let validate = json!({"name": "validate", "status": "failed", "tries": 1});
            let step = &ended["steps"][0];
            assert!(
                validate
                    .as_object()
                    .unwrap()
                    .iter()
                    .all(|(name, value)| step[name] == *value),
                "{ended}"
            );
            assert_eq!(ended["steps"].as_array().unwrap().len(), 1, "the handler has not run");
        }
    }
    let log = service
        .output_with(|log| log.contains("schema_violation"))
        .await
        .unwrap();
    assert!(!log.contains(MARKER), "{log}");
}

#[tokio::test]
async fn a_check_ends_soon_for_every_payload_and_judges_decimal_numbers() {
    let branch = r##"{"type": "object", "properties": {"n": {"$ref": "#/$defs/e"}}}"##;
    // Each of 40 schemas applies the next one twice.
    let doubling: Vec<_> = (0..40)
        .map(|n| (n, n + 1))
        .map(|(n, m)| format!(r##""d{n}": {{"allOf": [{{"$ref": "#/$defs/d{m}"}}, {{"$ref": "#/$defs/d{m}"}}]}}"##))
        .collect();
    let service = service(&format!(
        r##"{{"properties": {{
                "price": {{"multipleOf": 0.01}},
                "tree": {{"$ref": "#/$defs/e"}},
                "list": {{"items": {{"anyOf": [{}true]}}}},
                "doubling": {{"$ref": "#/$defs/d0"}}}},
            "$defs": {{"a": {branch}, "b": {branch}, "e": {{"oneOf": [{{"$ref": "#/$defs/a"}}, {{"$ref": "#/$defs/b"}}]}},
                {}, "d40": true}}}}"##,
        r#"{"type": "object", "required": ["x"]},"#.repeat(24),
        doubling.join(","),
    ))
    .await;
    let tree = |depth| r#"{"n":"#.repeat(depth) + "1" + &"}".repeat(depth);
    for (body, code) in [
        (r#"{"price": 4.02, "note": "cut \ud83c", "n": 1e400}"#.to_owned(), None),
        ("\u{feff}{\"price\": 19.99}".to_owned(), None),
        (r#"{"price": 4.025}"#.to_owned(), Some("schema_violation")),
        (format!(r#"{{"tree": {}}}"#, tree(40)), Some("schema_violation")),
        (format!(r#"{{"list": [{}1]}}"#, "1,".repeat(120_000)), None),
        (r#"{"doubling": 1}"#.to_owned(), Some("schema_too_expensive")),
    ] {
        let token = service
            .send(&Delivery::default_source(body.as_str()))
            .await
            .unwrap()
            .token()
            .unwrap();
        let ended = service.end_of(&token).await.unwrap();
        assert_eq!(
            ended["error"]["code"].as_str(),
            code,
            "{}: {ended}",
            body.get(..60).unwrap_or(&body)
        );
        assert_eq!(ended["steps"][0]["tries"], 1, "{ended}");
    }
}

#[tokio::test]
async fn a_schema_that_cannot_be_used_keeps_the_processor_from_starting_and_nothing_is_lost() {
    let service = service(r#"{"type": "nonsense"}"#).await;
    let token = service
        .send(&Delivery::default_source("{}"))
        .await
        .unwrap()
        .token()
        .unwrap();
    // The engine gives up after its failed invocations, and the reconciler closes the record.
    let ended = service.end_of(&token).await.unwrap();
    assert_eq!(ended["status"], "failed", "{ended}");
    let refused =
        |log: &str| log.contains("bad configuration: LAMBDA_TASK_ROOT: ") && log.contains("schemas/default.json");
    service.output_with(refused).await.unwrap();
}
