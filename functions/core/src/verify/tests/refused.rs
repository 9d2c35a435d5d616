//! The table of refusals: each row, with the path of the fault.

use serde_json::{Value, json};

use crate::schema::judge::{Judge, read};
use crate::verify::{Faults, Setting, Verify};

fn setting() -> Setting {
    Setting::default()
}

fn faults_of(verify: Value, setting: &Setting) -> Vec<String> {
    let mut faults = Faults::default();
    let read = Verify::read("verify", &verify, setting, &mut faults);
    let faults: Vec<String> = faults.all().iter().map(ToString::to_string).collect();
    assert!(
        read.is_some() || !faults.is_empty(),
        "refused without a fault: {verify}"
    );
    faults
}

fn hmac(changes: Value) -> Value {
    let mut way = json!({"kind": "hmac", "hash": "sha256", "signature": {"from": ["header:X-Signature"]}});
    for (name, value) in changes.as_object().unwrap() {
        way[name] = value.clone();
    }
    json!([way])
}

fn jwt(changes: Value) -> Value {
    let mut way = json!({"kind": "jwt", "from": ["header:X-Token"], "algs": ["HS256"]});
    for (name, value) in changes.as_object().unwrap() {
        way[name] = value.clone();
    }
    json!([way])
}

/// Asserts that each is refused with the fault at its side, and by the schema where it can say so.
fn refused<const N: usize>(rows: [(Value, &str); N]) {
    let judge = Judge::of_sources();
    for (verify, expected) in rows {
        let sources = json!({"a": {"verify": verify}});
        judge.agrees(&sources, &read(&sources).1);
        let faults = faults_of(verify.clone(), &setting());
        assert!(
            faults.iter().any(|fault| fault.starts_with(expected)),
            "{verify}: {faults:?}"
        );
    }
}

#[test]
fn what_is_no_way_is_refused() {
    refused([
        (json!({}), "verify: must be a list of 1 to 4"),
        (json!([]), "verify: must be a list of 1 to 4"),
        (json!([{}, {}, {}, {}, {}]), "verify: must be a list of 1 to 4"),
        (json!(["hmac"]), "verify[0]: must be an object"),
        (json!([{}]), "verify[0].kind: must be there"),
        (
            json!([{"kind": "magic"}]),
            "verify[0].kind: is one of hmac, public-key, token, basic, jwt, none",
        ),
        (
            json!([{"kind": "hamc"}]),
            "verify[0].kind: is one of hmac, public-key, token, basic, jwt, none (did you mean hmac?)",
        ),
        (
            json!([{"kind": "digest"}]),
            "verify[0].kind: digest is not built yet; built are hmac",
        ),
        (json!([{"kind": "aws-sns"}]), "verify[0].kind: aws-sns is not built yet"),
        (
            json!([{"kind": "token", "from": ["header:X-T"], "hash": "sha1"}]),
            "verify[0].hash: only kind hmac has it",
        ),
        (
            json!([{"kind": "none"}, {"kind": "basic"}]),
            "verify: unsigned beside signed accepts everything",
        ),
        (
            json!([{"kind": "public-key", "alg": "rsa-pkcs1-sha256", "key": "raw-hex", "signature": {"from": ["header:X-S"]}}]),
            "verify[0].key: an RSA key is pem or spki-base64",
        ),
    ]);
}

#[test]
fn what_a_mac_does_not_have_is_refused() {
    refused([
        (
            hmac(json!({"hash": "md5"})),
            "verify[0].hash: is one of sha1, sha256, sha384, sha512",
        ),
        (hmac(json!({"hash": null})), "verify[0].hash: must be there"),
        (
            hmac(json!({"singed": "{body}"})),
            "verify[0].singed: is not known here (did you mean signed?); known are kind, hash",
        ),
        (
            hmac(json!({"signed": "{timestmp}.{body}"})),
            "verify[0].signature: no item captures {timestmp} (did you mean timestamp?)",
        ),
        (
            hmac(json!({"colour": 1})),
            "verify[0].colour: is not known here; known are kind, hash",
        ),
        (
            hmac(json!({"alg": "ed25519"})),
            "verify[0].alg: only kind public-key has it",
        ),
        (
            hmac(json!({"weak": true})),
            "verify[0].weak: MD5 and plain digests are not built",
        ),
        (
            hmac(json!({"signature": {"from": ["header:X-S"], "items": ["v1"]}})),
            "verify[0].signature.items: v1: a pattern has a capture",
        ),
        (
            hmac(json!({"signature": {"from": ["X-S"]}})),
            "verify[0].signature.from: X-S is not header:NAME",
        ),
        (
            hmac(json!({"signature": {"from": ["path:sig"]}})),
            "verify[0].signature.from: path:sig is not built yet",
        ),
        (
            hmac(json!({"signature": {"from": ["form:s"]}})),
            "verify[0].signature.from: form:s needs body: form",
        ),
    ]);
}

#[test]
fn what_a_signature_does_not_cover_is_refused() {
    refused([
        (
            hmac(json!({"signed": "{timestamp}"})),
            "verify[0].signed: the signature would not protect the body",
        ),
        (
            hmac(json!({"body_unsigned": true})),
            "verify[0].body_unsigned: the signature covers the body",
        ),
        (
            hmac(json!({"signed": "{timestamp}.{body}"})),
            "verify[0].signed: {timestamp} needs the field timestamp",
        ),
        (
            hmac(json!({"timestamp": {"from": "header:X-T"}})),
            "verify[0].timestamp: the time is not signed: it proves nothing",
        ),
        // What is left out with something else is signed at times.
        (
            hmac(json!({
                "signed": "{body}[{t}{header:X-Other}]",
                "signature": {"from": ["header:X-S"], "split": [","], "items": ["t={t}", "{sig}"]},
                "timestamp": {"from": "field:t"},
            })),
            "verify[0].timestamp: the time is not signed: it proves nothing",
        ),
        (
            hmac(json!({"signed": "{body}{nonce}"})),
            "verify[0].signature: no item captures {nonce}",
        ),
        (
            hmac(
                json!({"signature": {"from": ["header:X-S"], "split": [","], "items": ["t={timestamp}", "v1={sig}"]}}),
            ),
            "verify[0].signature: nothing uses what {timestamp} captures",
        ),
        (
            hmac(json!({"signed": "{url}{body}"})),
            "verify[0].signed: set public_url; the Host and X-Forwarded",
        ),
        (
            hmac(json!({"signed": "{path}{body}"})),
            "verify[0].signed: set public_url",
        ),
        (
            hmac(json!({"signed": "{form:sorted}"})),
            "verify[0].signed: {form:sorted} needs body: form or form:FIELD, and body is json",
        ),
        (
            hmac(json!({"signed": "{form:a}{body}"})),
            "verify[0].signed: form:a needs body: form",
        ),
        (
            hmac(json!({"signed": "{secret}{body}"})),
            "verify[0].signed: {secret} is of kind digest",
        ),
        (
            hmac(json!({"signed": "{parameter:app}{body}"})),
            "verify[0].signed: {parameter:app} is not among",
        ),
        (
            hmac(
                json!({"signed": "{timestamp}", "timestamp": {"from": "header:X-T"}, "body_hash": {"from": "header:X-Hash"}}),
            ),
            "verify[0].body_hash: the hash is not signed: it proves nothing",
        ),
        (
            hmac(json!({"timestamp": {"from": "header:X-T", "tolerance": 9_000_000}})),
            "verify[0].timestamp.tolerance: must be",
        ),
    ]);
}

#[test]
fn a_token_that_trusts_itself_is_refused() {
    refused([
        (
            jwt(json!({"claims": {"aud": "{url}"}})),
            "verify[0].claims.aud: set public_url",
        ),
        (
            jwt(json!({"bind": [{"claim": "h", "of": "url"}]})),
            "verify[0].bind[0].of: set public_url",
        ),
        (
            jwt(json!({"claims": {"iss": "{parameter:app}"}})),
            "verify[0].claims.iss: {parameter:app} is not among",
        ),
        (
            jwt(json!({"claims": {"iss": "{body}"}})),
            "verify[0].claims.iss: takes {url}, {path} and {parameter:NAME} only",
        ),
        (jwt(json!({"algs": null})), "verify[0].algs: must be there"),
        (jwt(json!({"algs": []})), "verify[0].algs: must be a list"),
        (
            jwt(json!({"algs": ["none"]})),
            "verify[0].algs: none accepts everything",
        ),
        (
            jwt(json!({"algs": ["HS256", "RS256"]})),
            "verify[0].algs: shared and public keys are not mixed",
        ),
        (jwt(json!({"algs": ["RS256"]})), "verify[0].algs: these need keys: pem"),
        (jwt(json!({"keys": "pem"})), "verify[0].algs: these need keys: secret"),
        (
            jwt(json!({"keys": "jwks", "algs": ["RS256"]})),
            "verify[0].keys: jwks is not built yet",
        ),
        (
            jwt(json!({"jwks": "http://a.example/keys"})),
            "verify[0].jwks: keys that are fetched are not built yet",
        ),
    ]);
}

#[test]
fn what_is_no_object_has_one_fault() {
    assert_eq!(
        faults_of(hmac(json!({"signature": 7})), &setting()),
        ["verify[0].signature: must be an object"]
    );
}

#[test]
fn all_faults_are_told_at_once() {
    let verify = json!([
        {"kind": "hmac", "hash": "md4", "key": "rot13", "signed": "{x", "colour": 1},
        {"kind": "token"},
    ]);
    let faults = faults_of(verify, &setting());
    let paths: Vec<&str> = faults.iter().filter_map(|fault| fault.split(':').next()).collect();
    let expected = [
        "verify[0].hash",
        "verify[0].key",
        "verify[0].signed",
        "verify[0].signature",
        "verify[0].colour",
        "verify[1].from",
    ];
    assert_eq!(paths, expected);
}
