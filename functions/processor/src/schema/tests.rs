mod against_boon;
mod bounds;
mod judgements;
mod reader;

use super::*;

const ORDER: &str = r##"{
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["id", "lines"],
    "additionalProperties": false,
    "properties": {
        "id": {"type": "integer", "minimum": 1},
        "email": {"type": "string", "format": "email"},
        "lines": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/line"}},
        "payment": {"oneOf": [{"const": "card"}, {"const": "bill"}]}
    },
    "$defs": {"line": {"type": "object", "required": ["sku"], "properties": {"sku": {"pattern": "^[a-z]+$"}}}}
}"##;

fn schemas() -> SourceSchemas {
    let mut schemas = SourceSchemas::default();
    schemas.add(shop(), ORDER).unwrap();
    schemas
}

fn shop() -> SourceName {
    "shop".parse().unwrap()
}

/// The failure of a payload under a schema.
fn judged(schema: &str, body: &str) -> Result<(), StepFailure> {
    let mut schemas = SourceSchemas::default();
    schemas.add(shop(), schema).unwrap();
    schemas.check(&shop(), body.as_bytes(), None, &BodyForm::Json)
}

fn message(body: &str) -> String {
    let failure = schemas()
        .check(&shop(), body.as_bytes(), None, &BodyForm::Json)
        .unwrap_err();
    assert_eq!(
        (failure.failure.code.as_str(), failure.transient),
        ("schema_violation", false)
    );
    failure.failure.message
}

#[test]
fn a_payload_that_is_as_its_schema_says_passes_and_one_of_a_source_without_a_schema_too() {
    let good = br#"{"id": 17, "email": "a@example.com", "lines": [{"sku": "a"}], "payment": "card"}"#;
    assert_eq!(schemas().check(&shop(), good, None, &BodyForm::Json), Ok(()));
    assert_eq!(
        schemas().check(&"github".parse().unwrap(), b"not JSON", None, &BodyForm::Json),
        Ok(())
    );
}

#[test]
fn a_violation_is_told_by_its_places_and_keywords_and_never_by_a_value() {
    for (body, expected) in [
        (r#"{"lines": [{"sku": "a"}]}"#, "the whole (required)"),
        (r#"{"id": 0, "lines": [{"sku": "a"}]}"#, "/id (minimum)"),
        (
            r#"{"id": 1, "lines": [{"sku": "a"}, {"sku": "HUNTER2"}]}"#,
            "/lines/1/sku (pattern)",
        ),
        (r#"{"id": 1, "lines": [{"sku": "a"}, "HUNTER2"]}"#, "/lines/1 (type)"),
        (
            r#"{"id": 1, "lines": [{"sku": "a"}], "email": "HUNTER2"}"#,
            "/email (format)",
        ),
        (
            r#"{"id": 1, "lines": [{"sku": "a"}], "HUNTER2": 1}"#,
            "the whole (additionalProperties)",
        ),
        (r#"{"id": "HUNTER2", "lines": []}"#, "/id (type), /lines (minItems)"),
        (
            r#"{"id": 1, "lines": [{"sku": "a"}], "payment": "HUNTER2"}"#,
            "/payment (const)",
        ),
        (r#""HUNTER2""#, "the whole (type)"),
    ] {
        let message = message(body);
        assert_eq!(
            message,
            format!("the payload is not as its schema says: {expected}"),
            "{body}"
        );
        assert!(!message.contains("HUNTER2"));
    }
}

#[test]
fn a_coded_payload_is_judged_by_the_json_that_it_stands_for() {
    let coded = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xabV\xcaLQ\xb2RP\xf2\x08\xf5\x0bq\x0d2R\xaa\x05\x00\xa2)\x22m\x11\x00\x00\x00";
    let failure = schemas()
        .check(&shop(), coded, Some(Coding::Gzip), &BodyForm::Json)
        .unwrap_err();
    assert!(
        failure.failure.message.contains("/id (type)"),
        "{}",
        failure.failure.message
    );
    let cut = schemas()
        .check(&shop(), &coded[..30], Some(Coding::Gzip), &BodyForm::Json)
        .unwrap_err();
    assert!(cut.failure.message.ends_with("not JSON"), "{}", cut.failure.message);
}

#[test]
fn a_name_that_only_the_payload_has_is_not_told() {
    let schema = r#"{
        "properties": {"users": {"additionalProperties": {"properties": {"age": {"type": "integer"}}}}},
        "patternProperties": {"^x-": {"type": "null"}},
        "propertyNames": {"maxLength": 20}
    }"#;
    for (body, expected) in [
        (
            r#"{"users": {"SSN 078-05-1120": {"age": "1"}, "alice@example.com": {"age": "2"}}}"#,
            "/users/*/age (type)",
        ),
        (
            r#"{"users": {"users": {"age": "1"}, "\ud83d": {"age": "2"}}}"#,
            "/users/users/age (type), /users/*/age (type)",
        ),
        (
            r#"{"x-secret": 1, "users": {"a": {"age": "1"}}}"#,
            "/* (type), /users/*/age (type)",
        ),
        (r#"{"users": {"a/b": {"age": [1]}}}"#, "/users/*/age (type)"),
    ] {
        let message = judged(schema, body).unwrap_err().failure.message;
        assert_eq!(message, format!("the payload is not as its schema says: {expected}"));
    }
    let long = judged(schema, r#"{"password=hunter2-and-more": 1}"#)
        .unwrap_err()
        .failure
        .message;
    assert!(!long.contains("hunter2"), "{long}");
}

#[test]
fn what_is_told_of_many_and_deep_violations_is_bounded() {
    let lines = vec![r#"{"sku": 0}"#; 400].join(",");
    let many = message(&format!(r#"{{"id": 1, "lines": [{lines}, {{}}]}}"#));
    assert!(
        many.contains("/lines/400 (required)") || many.ends_with("more"),
        "{many}"
    );
    let names: Vec<_> = (0..50).map(|key| format!("{key}-{}", "k".repeat(300))).collect();
    let (rules, members): (Vec<_>, Vec<_>) = names
        .iter()
        .map(|name| (format!(r#""{name}": {{"type": "null"}}"#), format!(r#""{name}": 1"#)))
        .unzip();
    let schema = format!(r#"{{"properties": {{{}}}}}"#, rules.join(","));
    let failure = judged(&schema, &format!("{{{}}}", members.join(","))).unwrap_err();
    let message = failure.failure.message;
    assert!(message.chars().count() < 500 && message.ends_with(" more"), "{message}");
    assert!(
        message.split(", ").all(|place| place.chars().count() < 180),
        "{message}"
    );
}

#[test]
fn what_a_schema_says_nothing_of_decides_nothing() {
    for (schema, body) in [
        ("true", "[".repeat(100_000) + &"]".repeat(100_000)),
        (r#"{"type": "array"}"#, "[".repeat(200) + &"]".repeat(200)),
        (
            r#"{"required": ["id"]}"#,
            r#"{"id": 1e999, "note": "\ud83c", "\ude00": 0}"#.to_owned(),
        ),
        (r#"{"required": ["id"]}"#, "\u{feff}{\"id\": 1}".to_owned()),
        (
            r#"{"properties": {"note": {"type": "string", "minLength": 5, "maxLength": 5}}}"#,
            r#"{"note": "cut \ud83c"}"#.to_owned(),
        ),
        (
            r#"{"uniqueItems": true}"#,
            r#"["\ud83c", "\ud83d", "\ufffd"]"#.to_owned(),
        ),
        (
            r#"{"additionalProperties": {"pattern": "^.$"}}"#,
            r#"{"\ud83c": "\ud83d"}"#.to_owned(),
        ),
        (
            r#"{"properties": {"a": {"const": 2}}}"#,
            r#"{"a": 1, "a": 2}"#.to_owned(),
        ),
    ] {
        assert_eq!(judged(schema, &body), Ok(()), "{schema}");
    }
}

#[test]
fn a_schema_that_cannot_be_used_is_refused_and_nothing_is_loaded() {
    for (schema, expected) in [
        ("{", "EOF"),
        (r#"{"type": "text"}"#, "schema"),
        (r#"{"pattern": "("}"#, "pattern"),
        (r##"{"$ref": "#/$defs/nothing"}"##, "nothing"),
        (r#"{"pattern": "^(?!x)"}"#, "look-around"),
        (
            r#"{"multipleOf": 12345678901234567890123456789012345678901}"#,
            "37 digits",
        ),
        (
            r#"{"$ref": "https://json-schema.org/draft/2020-12/schema"}"#,
            "its own file only",
        ),
        (r#"{"$ref": "https://example.com/order.json"}"#, "its own file only"),
        (r#"{"$ref": "file:///etc/passwd"}"#, "its own file only"),
        (r#"{"$ref": "other.json"}"#, "its own file only"),
        (r#"{"$schema": "https://example.com/meta.json"}"#, "its own file only"),
    ] {
        let problem = SourceSchemas::default().add(shop(), schema).unwrap_err();
        assert!(problem.contains(expected), "{schema}: {problem}");
    }
}

#[test]
fn every_file_of_the_directory_belongs_to_a_source_and_a_bad_one_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    assert_eq!(SourceSchemas::read(&at("nothing")).unwrap().sources().count(), 0);
    std::fs::write(at("shop.json"), ORDER).unwrap();
    std::fs::write(at("README.md"), "not a schema").unwrap();
    let schemas = SourceSchemas::read(directory.path()).unwrap();
    assert_eq!(schemas.sources().collect::<Vec<_>>(), [&shop()]);
    for (name, text) in [("github.json", "{"), ("No Source.json", "{}")] {
        std::fs::write(at(name), text).unwrap();
        let problem = SourceSchemas::read(directory.path()).unwrap_err();
        assert!(problem.contains(name), "{problem}");
        std::fs::remove_file(at(name)).unwrap();
    }
}

#[test]
fn the_schemas_of_this_checkout_can_be_used() {
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    assert_eq!(SourceSchemas::read(&checkout).map(|_| ()), Ok(()));
}
