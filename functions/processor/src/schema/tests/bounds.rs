//! Every check has an end, whatever the schema and the payload.

use super::*;

/// A schema of two branches that take the same objects and refer to themselves: an expression tree, a page builder.
fn overlapping(keyword: &str) -> String {
    let branch = r##"{"type": "object", "properties": {"n": {"$ref": "#/$defs/e"}}}"##;
    format!(
        r##"{{"$ref": "#/$defs/e", "$defs": {{"a": {branch}, "b": {branch},
            "e": {{"{keyword}": [{{"$ref": "#/$defs/a"}}, {{"$ref": "#/$defs/b"}}]}}}}}}"##
    )
}

/// Objects within each other.
fn nested(depth: usize, innermost: &str) -> String {
    r#"{"n":"#.repeat(depth) + innermost + &"}".repeat(depth)
}

/// An array of numbers, two bytes each.
fn numbers(count: usize) -> String {
    format!("[{}1]", "1,".repeat(count))
}

/// Items that many types of objects are tried on, and `last` after them.
fn branches(count: u32, last: &str) -> String {
    let mut all: Vec<_> = (0..count)
        .map(|n| format!(r#"{{"type": "object", "required": ["k{n}"]}}"#))
        .collect();
    all.push(last.to_owned());
    format!(r#"{{"items": {{"anyOf": [{}]}}}}"#, all.join(","))
}

fn code(schema: &str, body: &str) -> &'static str {
    match judged(schema, body) {
        Ok(()) => "valid",
        Err(failure) => {
            assert!(!failure.transient);
            match &*failure.failure.code {
                SCHEMA_VIOLATION => SCHEMA_VIOLATION,
                SCHEMA_TOO_EXPENSIVE => SCHEMA_TOO_EXPENSIVE,
                other => panic!("{other}"),
            }
        }
    }
}

#[test]
fn branches_that_overlap_are_judged_once_for_each_value() {
    for keyword in ["anyOf", "oneOf"] {
        for depth in [14, 22, 200] {
            let judged = code(&overlapping(keyword), &nested(depth, "1"));
            assert_eq!(judged, SCHEMA_VIOLATION, "{keyword} at depth {depth}");
        }
    }
    let unevaluated = overlapping("anyOf").replacen('{', r#"{"unevaluatedProperties": false, "#, 1);
    for schema in [overlapping("anyOf"), unevaluated] {
        assert_eq!(code(&schema, &nested(200, "{}")), "valid");
        assert_eq!(code(&schema, &nested(200, "1")), SCHEMA_VIOLATION);
    }
    assert_eq!(code(&branches(24, r#"{"type": "number"}"#), &numbers(125_000)), "valid");
    assert_eq!(code(&branches(24, "false"), &numbers(125_000)), SCHEMA_VIOLATION);
}

#[test]
fn what_costs_too_much_is_given_up() {
    // Each of 60 schemas applies the next one twice.
    let doubling: Vec<_> = (0..60)
        .map(|n| (n, n + 1))
        .map(|(n, m)| format!(r##""d{n}": {{"allOf": [{{"$ref": "#/$defs/d{m}"}}, {{"$ref": "#/$defs/d{m}"}}]}}"##))
        .collect();
    let doubling = doubling.join(",");
    let doubling = format!(r##"{{"$ref": "#/$defs/d0", "$defs": {{{doubling}, "d60": true}}}}"##);
    let dynamic = overlapping("anyOf").replace(r##""$ref": "#/$defs/e""##, r##""$dynamicRef": "#e""##);
    let dynamic = dynamic.replace(r#""e": {"#, r#""e": {"$dynamicAnchor": "e", "#);
    let deep = "[".repeat(5_000) + &"]".repeat(5_000);
    for (name, schema, body) in [
        ("branches whose judgement is not kept", &*dynamic, nested(60, "1")),
        (
            "many branches",
            &branches(2_000, r#"{"type": "number"}"#),
            numbers(125_000),
        ),
        ("doubling", &doubling, "1".to_owned()),
        ("deep items", r##"{"items": {"$ref": "#"}}"##, deep.clone()),
        ("deep equality", r#"{"uniqueItems": true}"#, format!("[{deep}, {deep}]")),
        (
            "a long regular expression",
            r#"{"format": "regex"}"#,
            format!("\"{}\"", r"\\d".repeat(80_000)),
        ),
    ] {
        assert_eq!(code(schema, &body), SCHEMA_TOO_EXPENSIVE, "{name}");
    }
}

#[test]
fn a_schema_that_is_applied_to_a_value_by_itself_is_not_fulfilled() {
    let failure = judged(r##"{"$ref": "#"}"##, "1").unwrap_err();
    assert_eq!(
        failure.failure.message,
        "the payload is not as its schema says: the whole ($ref)"
    );
    assert_eq!(
        code(r##"{"anyOf": [{"$ref": "#"}, {"type": "array"}]}"##, "[1]"),
        "valid"
    );
    assert_eq!(
        code(r##"{"not": {"$dynamicRef": "#a"}, "$dynamicAnchor": "a"}"##, "1"),
        "valid"
    );
}

#[test]
fn a_large_payload_of_small_values_is_checked() {
    let million = numbers(1_000_000);
    assert_eq!(
        code(r#"{"items": {"type": "integer", "minimum": 0}}"#, &million),
        "valid"
    );
    let failure = judged(r#"{"items": {"type": "string"}}"#, &million).unwrap_err();
    assert_eq!(
        failure.failure.message,
        "the payload is not as its schema says: /0 (type), /1 (type), /2 (type), /3 (type), /4 (type) and more"
    );
}
