//! A preset's fields in words.

use serde_json::Value;

/// A field's text.
fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}

/// A list's texts.
pub(crate) fn texts(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

/// Texts as code. What would end the code or a line is written as an escape.
pub(crate) fn code(texts: &[&str]) -> String {
    let quoted: Vec<_> = texts
        .iter()
        .map(|text| format!("`{}`", text.replace('\n', "\\n")))
        .collect();
    quoted.join(", ")
}

/// The headers, fields and places where the proof is, by one alternative.
pub(crate) fn places(way: &Value) -> Vec<&str> {
    match text(way, "kind") {
        "basic" => vec!["header:Authorization"],
        "token" | "jwt" => texts(&way["from"]),
        _ => texts(&way["signature"]["from"]),
    }
}

/// The algorithm of an alternative.
pub(crate) fn algorithm(way: &Value) -> String {
    let encoding = match text(&way["signature"], "encoding") {
        "" => "hex",
        "base64-hex" => "base64 of hex",
        encoding => encoding,
    };
    match text(way, "kind") {
        "hmac" => format!("HMAC-{}, {encoding}", text(way, "hash").to_uppercase()),
        "public-key" => format!("{}, {encoding}", text(way, "alg")),
        "jwt" => format!("JWT {}", texts(&way["algs"]).join(", ")),
        "basic" => "Basic".to_owned(),
        "none" => "nothing".to_owned(),
        kind => kind.to_owned(),
    }
}

/// How the secret becomes the key.
fn key(way: &Value) -> &'static str {
    match text(way, "key") {
        "hex" => "the secret is hex and is decoded",
        "base64" => "the secret is base64 and is decoded",
        "whsec" => "the secret is base64 and is decoded, `whsec_` left out",
        "sha1" => "the key is the secret's SHA-1",
        "pem" => "the public key is PEM",
        "spki-base64" => "the public key is base64 of its SPKI",
        "raw-hex" => "the public key is raw, in hex",
        "raw-base64" | "raw-base64url" => "the public key is raw, in base64",
        _ if text(way, "kind") == "hmac" => "the secret's text is the key",
        _ if text(way, "keys") == "pem" => "the public key is PEM",
        _ => "",
    }
}

/// What an alternative looks at, in one sentence.
pub(crate) fn sentence(way: &Value) -> String {
    let mut parts = vec![algorithm(way)];
    let is_signed = matches!(text(way, "kind"), "hmac" | "public-key");
    if is_signed {
        let signed = way["signed"].as_str().unwrap_or("{body}");
        parts.push(format!("over {}", code(&[signed])));
    }
    if text(way, "kind") == "none" {
        return algorithm(way);
    }
    let mut place = format!("in {}", code(&places(way)));
    let items = texts(&way["signature"]["items"]);
    if !items.is_empty() && items != ["{sig}"] {
        place.push_str(&format!(" as {}", code(&items)));
    }
    if let Some(prefix) = way["prefix"].as_str() {
        place.push_str(&format!(" after {}", code(&[prefix])));
    }
    parts.push(place);
    if let Some(hash) = way.get("body_hash") {
        parts.push(format!(
            "with the body's {} in {}",
            text(hash, "hash").to_uppercase(),
            code(&[text(hash, "from")])
        ));
    }
    for bind in way["bind"].as_array().into_iter().flatten() {
        parts.push(format!(
            "with the {}'s {} in the claim {}",
            text(bind, "of"),
            text(bind, "hash").to_uppercase(),
            code(&[text(bind, "claim")])
        ));
    }
    if let Some(time) = way.get("timestamp") {
        parts.push(match time["tolerance"].as_u64() {
            Some(0) => format!("the time in {} is not judged", code(&[text(time, "from")])),
            tolerance => format!(
                "the time in {} within {} s",
                code(&[text(time, "from")]),
                tolerance.unwrap_or(300)
            ),
        });
    }
    parts.push(key(way).to_owned());
    if way["body_unsigned"].as_bool() == Some(true) {
        parts.push("**the body is not signed**".to_owned());
    }
    parts.retain(|part| !part.is_empty());
    parts
        .join("; ")
        .replacen("; over", " over", 1)
        .replacen("; in `", " in `", 1)
}

/// The names of the parameters that a source must say beside a preset.
pub(crate) fn parameters(verify: &str) -> impl Iterator<Item = &str> {
    verify
        .split("{parameter:")
        .skip(1)
        .filter_map(|rest| rest.split('}').next())
}

/// The answer of a source.
pub(crate) fn answer(source: Option<&Value>) -> String {
    let Some(answer) = source else {
        return "202 with the contract".to_owned();
    };
    let body = match (answer["body"].as_str(), answer.get("json")) {
        (Some(body), _) => format!("`{body}`"),
        (None, Some(json)) => format!("`{json}`"),
        (None, None) => "empty".to_owned(),
    };
    format!("{}, {body}", answer["status"])
}
