//! What the schema lets pass and the reader refuses: a fault of several fields together, or of what no schema can read.

use serde_json::{Value, json};

use super::judge::{Judge, read};

/// Words of a fault, the fields that make it together, and a source that has it and is of the schema.
struct Row {
    words: &'static str,
    of: &'static str,
    source: Value,
}

fn hmac(beside: Value) -> Value {
    let mut way = json!({"kind": "hmac", "hash": "sha256", "signature": {"from": ["header:X-S"]}});
    way.as_object_mut().unwrap().extend(beside.as_object().unwrap().clone());
    json!({"verify": [way]})
}

fn jwt(beside: Value) -> Value {
    let mut way = json!({"kind": "jwt", "from": ["header:X-T"], "algs": ["HS256"]});
    way.as_object_mut().unwrap().extend(beside.as_object().unwrap().clone());
    json!({"verify": [way]})
}

fn answer(answer: Value) -> Value {
    json!({"preset": "none", "answer": answer})
}

fn rows() -> Vec<Row> {
    let row = |words, of, source| Row { words, of, source };
    let time = json!({"from": "header:X-Time"});
    let items = |items: &[&str]| json!({"from": ["header:X-S"], "split": [","], "items": items});
    vec![
        row(
            "the signature would not protect the body",
            "signed, body, body_hash",
            hmac(json!({"signed": "{method}"})),
        ),
        row(
            "the signature covers the body",
            "signed, body, body_unsigned",
            hmac(json!({"body_unsigned": true})),
        ),
        row(
            "the hash is not signed",
            "signed, body_hash",
            hmac(json!({"signed": "{method}", "body_hash": {"from": "header:X-H"}})),
        ),
        row(
            "the time is not signed",
            "signed, timestamp",
            hmac(json!({"timestamp": time})),
        ),
        row(
            "{timestamp} needs the field timestamp",
            "signed, timestamp",
            hmac(json!({"signed": "{timestamp}{body}"})),
        ),
        row(
            "no item captures",
            "signed, timestamp, items",
            hmac(json!({"signed": "{nonce}{body}"})),
        ),
        row(
            "nothing uses what",
            "items, signed, timestamp",
            hmac(json!({"signature": items(&["t={t}", "{sig}"])})),
        ),
        row(
            "is not among the source's parameters",
            "signed or claims, parameters",
            hmac(json!({"signed": "{parameter:a}{body}"})),
        ),
        row(
            "set public_url",
            "signed, claims or bind, public_url",
            jwt(json!({"claims": {"aud": "{url}"}})),
        ),
        row(
            "form: needs body: form, and",
            "id, event, subject or labels, body",
            json!({"preset": "none", "id": ["form:a"]}),
        ),
        row(
            "needs body: form or form:FIELD",
            "a place or signed, body",
            hmac(json!({"signed": "{form:sorted}"})),
        ),
        row(
            "json: needs body: json",
            "a place or signed, body",
            json!({"body": "text", "verify": [{"kind": "token", "from": ["json:/a"]}]}),
        ),
        row(
            "has at most 4096 bytes",
            "characters of several bytes, and json",
            answer(json!({"body": "é".repeat(4000)})),
        ),
        row(
            "a part of the request is not built",
            "json",
            answer(json!({"json": {"a": "{header:X-A}"}})),
        ),
        row(
            "carries a credential",
            "a token beside an idempotency token",
            json!({"preset": "none", "id": ["header:X-Token+header:Idempotency-Token"]}),
        ),
        row(
            "must be a whole number",
            "a whole number as 1.0",
            hmac(json!({"signed": "{timestamp}{body}", "timestamp": {"from": "header:X-T", "tolerance": 1.0}})),
        ),
    ]
}

/// True of a fault that the schema does not see.
pub(super) fn is_beyond_a_schema(fault: &str) -> bool {
    thread_local!(static WORDS: Vec<&'static str> = rows().iter().map(|row| row.words).collect());
    WORDS.with(|all| all.iter().any(|words| fault.contains(words)))
}

#[test]
fn what_the_schema_cannot_say_is_in_the_list_and_the_list_has_nothing_else() {
    let judge = Judge::of_sources();
    for Row { words, of, source } in rows() {
        let sources = json!({"a": source});
        assert_eq!(judge.error(&sources), None, "{of}");
        let (_, faults) = read(&sources);
        let is_it = |message: &str| message.contains(words);
        assert!(
            faults.all().iter().any(|fault| is_it(&fault.message)),
            "{of}: {faults:?}"
        );
    }
}
