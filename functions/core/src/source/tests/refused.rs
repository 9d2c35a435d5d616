//! What the reader refuses, with the path of each fault.

use super::*;
use crate::schema::judge::{Judge, read};

/// Asserts that each is refused with the fault at its side, and by the schema where it can say so.
fn refused<const N: usize>(rows: [(&str, &str); N]) {
    let judge = Judge::of_sources();
    for (json, expected) in rows {
        let message = Sources::parse(json).unwrap_err();
        assert!(message.contains(expected), "{json}: {message}");
        if let Ok(sources) = serde_json::from_str(json) {
            judge.agrees(&sources, &read(&sources).1);
        }
    }
}

#[test]
fn a_wrong_configuration_says_what_is_wrong_and_where() {
    refused([
        ("{}", "sources: at least one source"),
        ("[1]", "sources: at least one source"),
        (r#"{"a":7}"#, "sources.a: must be an object"),
        (r#"{"a":{}}"#, "sources.a.verify: must be there, or a preset"),
        (r#"{"a":{"preset":"md5"}}"#, "sources.a.preset: is no preset"),
        (
            r#"{"a":{"preset":"strpe"}}"#,
            "sources.a.preset: is no preset (did you mean stripe?)",
        ),
        (
            r#"{"a":{"preset":"none","lables":{}}}"#,
            "sources.a.lables: is not known here (did you mean labels?); known are preset, body,",
        ),
        (r#"{"a":{"preset":7}}"#, "sources.a.preset: must be a text"),
        (r#"{"a":{"scheme":"github"}}"#, "sources.a.scheme: is not known here"),
        (r#"{"A":{"preset":"none"}}"#, "sources.A: a source name is"),
        (
            r#"{"a":{"preset":"none","secret":"x"}}"#,
            "sources.a.secret: is not known here",
        ),
        // Without a value, too.
        (
            r#"{"a":{"preset":"none","colour":null}}"#,
            "sources.a.colour: is not known here",
        ),
        (
            r#"{"a":{"preset":null}}"#,
            "sources.a.verify: must be there, or a preset",
        ),
        (
            r#"{"a":{"preset":"none","about":{}}}"#,
            "sources.a.about: is not known here",
        ),
        (
            r#"{"a":{"preset":"none","challenge":[]}}"#,
            "sources.a.challenge: challenges are not built yet",
        ),
        (
            r#"{"a":{"preset":"none","id":["header:a b"]}}"#,
            "sources.a.id[0]: not a header name",
        ),
        (
            r#"{"a":{"preset":"none","id":["hash","X-Id"]}}"#,
            "sources.a.id[1]: a locator is",
        ),
        (r#"{"a":{"preset":"none","id":"hash"}}"#, "sources.a.id: must be a list"),
        (
            r#"{"a":{"preset":"none","id":["hash+hash+hash+hash+hash+hash+hash+hash+hash"]}}"#,
            "sources.a.id[0]: at most 8 places are joined",
        ),
        (
            r#"{"a":{"preset":"none","id":["form:Sid"]}}"#,
            "sources.a.id[0]: form: needs body: form",
        ),
        (
            r#"{"a":{"preset":"none","id":["header:Cookie"]}}"#,
            "carries a credential",
        ),
        (
            r#"{"a":{"preset":"none","keep_headers":["X-Hub-Signature-256"]}}"#,
            "carries a credential",
        ),
        (
            r#"{"a":{"preset":"none","keep_headers":["X-Forwarded-For"]}}"#,
            "sources.a.keep_headers[0]",
        ),
        (
            r#"{"a":{"preset":"none","id":["header:a","const:x"]}}"#,
            "the same for every delivery",
        ),
        (
            r#"{"a":{"preset":"none","keep_headers":["X-Goog-Channel-Token"]}}"#,
            "carries a credential",
        ),
        (
            r#"{"a":{"preset":"none","keep_headers":["Fastly-Client-IP"]}}"#,
            "keep_headers",
        ),
        (
            r#"{"a":{"preset":"none","on_conflict":"refuse"}}"#,
            "sources.a.on_conflict: is one of duplicate, accept",
        ),
        (
            r#"{"a":{"preset":"none","summary":"some"}}"#,
            "sources.a.summary: is one of on, off",
        ),
        (
            r#"{"a":{"preset":"none","verify":[{"kind":"none"},{"kind":"basic"}]}}"#,
            "sources.a.verify: unsigned beside",
        ),
        ("[", "EOF while parsing"),
    ]);
}

#[test]
fn a_field_that_says_what_is_not_possible_is_named() {
    refused([
        (
            r#"{"a":{"preset":"none","body":"xml"}}"#,
            "sources.a.body: is one of json",
        ),
        (
            r#"{"a":{"preset":"none","body":"multipart:x"}}"#,
            "sources.a.body: multipart is not built yet",
        ),
        (
            r#"{"a":{"preset":"none","public_url":"http:/x"}}"#,
            "sources.a.public_url: must be https://",
        ),
        (
            r#"{"a":{"preset":"none","parameters":{"key":7}}}"#,
            "sources.a.parameters.key: must be a text",
        ),
        (
            r#"{"a":{"preset":"none","retention_days":0}}"#,
            "sources.a.retention_days: must be at least 1",
        ),
        (
            r#"{"a":{"preset":"none","retention_days":"7"}}"#,
            "sources.a.retention_days: must be a whole number",
        ),
        (
            r#"{"a":{"preset":"none","probes":"yes"}}"#,
            "sources.a.probes: must be true or false",
        ),
        (
            r#"{"a":{"preset":"none","batch":"events"}}"#,
            "sources.a.batch: a JSON pointer",
        ),
        (
            r#"{"a":{"preset":"none","labels":{"A":"json:/a"}}}"#,
            "sources.a.labels.A: the name of a label",
        ),
        (
            r#"{"a":{"preset":"none","labels":{"a":"const:x"}}}"#,
            "sources.a.labels.a: must be a place",
        ),
        (
            r#"{"a":{"preset":"none","labels":{"a":"hash","b":"hash","c":"hash","d":"hash"}}}"#,
            "sources.a.labels: must be an object of at most 3",
        ),
        (
            r#"{"a":{"preset":"none","answer":{"status":302}}}"#,
            "sources.a.answer.status: must be 200 to 299",
        ),
        (
            r#"{"a":{"preset":"none","answer":{"status":204,"body":"x"}}}"#,
            "sources.a.answer.status: 204 has no body",
        ),
        (
            r#"{"a":{"preset":"none","answer":{"headers":{"Location":"x"}}}}"#,
            "sources.a.answer.headers.Location: is no",
        ),
        (
            r#"{"a":{"preset":"none","answer":{"body":"{header:X}"}}}"#,
            "sources.a.answer.body: an answer that holds",
        ),
        (
            r#"{"a":{"preset":"none","answer":{"json":{"id":"{json:/id}"}}}}"#,
            "sources.a.answer.json: an answer that holds",
        ),
        (
            r#"{"a":{"preset":"none","answer":{"headers":{"X-A":"{header:X-B}"}}}}"#,
            "sources.a.answer.headers.X-A: an answer that holds",
        ),
    ]);
    let long = "x".repeat(4097);
    let json = format!(r#"{{"a":{{"preset":"none","answer":{{"body":"{long}"}}}}}}"#);
    assert!(
        Sources::parse(&json)
            .unwrap_err()
            .contains("sources.a.answer.body: has at most 4096")
    );
}

#[test]
fn the_faults_of_all_sources_are_told_at_once() {
    let message = Sources::parse(
        r#"{"a":{"preset":"nobody","id":["y"]},"b":{"verify":[{"kind":"hmac"}],"z":1},"C":{"preset":"none"}}"#,
    );
    let message = message.unwrap_err();
    for path in [
        "sources.a.preset: ",
        "sources.b.verify[0].hash: ",
        "sources.b.verify[0].signature: ",
        "sources.b.z: ",
        "sources.C: ",
    ] {
        assert!(message.contains(path), "{path} in {message}");
    }
}
