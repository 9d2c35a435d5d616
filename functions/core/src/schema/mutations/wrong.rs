//! What is wrong by itself, field by field.

use serde_json::{Map, Value, json};

/// Values that a field does not have, by its name. A list has those of its elements.
pub(super) fn wrong_values(name: &str, in_way: bool) -> Vec<Value> {
    let many = |number: usize, value: Value| json!(vec![value; number]);
    let members = |number: usize, value: &str| {
        Value::Object(
            (0..number)
                .map(|at| (format!("a{at}"), json!(value)))
                .collect::<Map<_, _>>(),
        )
    };
    match name {
        "hash" | "alg" | "key" | "encoding" | "format" | "of" | "on_conflict" | "summary" => {
            vec![json!("magic"), json!("")]
        }
        "kind" => vec![json!("magic"), json!("aws-sns"), json!("digest"), json!("HMAC")],
        "keys" => vec![json!("jwks"), json!("magic")],
        "preset" => vec![json!("nobody"), json!("paypal"), json!("GitHub")],
        "algs" => vec![
            json!(["none"]),
            json!(["HS256", "RS256"]),
            json!(["rs256"]),
            json!([]),
            many(12, json!("HS256")),
        ],
        "tolerance" => vec![json!(172_801), json!(-1), json!(0.5), json!("300")],
        "leeway" => vec![json!(301), json!(-1), json!("1")],
        "retention_days" => vec![json!(0), json!(3651), json!(1.5)],
        "status" => vec![json!(199), json!(300), json!(1000), json!("200")],
        "public_url" => vec![json!("ftp://a/b"), json!("https://a/?b"), json!("")],
        "batch" => vec![json!("events"), json!("/~2"), json!("")],
        "body" if in_way => Vec::new(),
        "body" => vec![json!("xml"), json!("multipart:a"), json!("form:"), json!("JSON")],
        "signed" => vec![
            json!("{body"),
            json!("{body}]"),
            json!("{sig}"),
            json!("{secret}{body}"),
            json!("{json:/*}"),
            json!("[[]]"),
        ],
        "items" => vec![
            json!(["v1"]),
            json!(["{sig}", "{a}{b}"]),
            json!([]),
            many(9, json!("{sig}")),
        ],
        "split" => vec![json!([""]), json!([]), many(3, json!(","))],
        "id" => vec![
            json!(["X-Id"]),
            json!(["const:a+const:b"]),
            json!(["header:Cookie"]),
            many(21, json!("hash")),
        ],
        "event" | "subject" => vec![json!(["json:a"]), json!(["hash+none"]), json!(["header:X-Api-Key"])],
        "keep_headers" => vec![
            json!(["a b"]),
            json!(["X-Forwarded-For"]),
            json!(["Authorization"]),
            many(21, json!("X-A")),
        ],
        "labels" => vec![
            json!({"A": "hash"}),
            json!({"a": "const:x"}),
            json!({"a": "none"}),
            members(4, "hash"),
        ],
        "parameters" => vec![json!({"app": ""}), members(21, "x")],
        "headers" => vec![
            json!({"Location": "x"}),
            json!({"X-A": "{a}"}),
            json!({"X A": "x"}),
            members(21, "x"),
        ],
        "claims" => vec![
            json!({"a": "{body}"}),
            json!({"a": null}),
            json!({"a": "{"}),
            members(9, "x"),
        ],
        "bind" => vec![json!([{}]), many(9, json!({"claim": "a", "of": "body"}))],
        "from" => vec![
            json!(["X-S"]),
            json!(["path:a"]),
            json!(["header:X*"]),
            many(9, json!("header:X")),
        ],
        "verify" => vec![
            json!([]),
            many(5, json!({"kind": "basic"})),
            json!([{"kind": "none"}, {"kind": "basic"}]),
        ],
        _ => Vec::new(),
    }
}

/// The fields without which an object is none of the form.
pub(super) fn required(object: &Map<String, Value>, name: &str) -> bool {
    let kind = object.get("kind").and_then(Value::as_str).unwrap_or_default();
    match name {
        "kind" | "hash" | "alg" | "signature" | "algs" => !kind.is_empty(),
        "from" => true,
        "claim" | "of" => true,
        _ => false,
    }
}

/// A field that the kind does not have.
pub(super) fn foreign(kind: &str) -> Option<&'static str> {
    match kind {
        "hmac" => Some("alg"),
        "public-key" => Some("hash"),
        "token" => Some("signed"),
        "jwt" => Some("timestamp"),
        "basic" => Some("from"),
        "none" => Some("weak"),
        _ => None,
    }
}
