//! Sources that the reader takes, of every part of the form.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};

/// Some of these fields, each with one of its values, and at times null.
fn some_of(fields: &[(&'static str, Vec<Value>)]) -> BoxedStrategy<Map<String, Value>> {
    let field = |(name, values): &(&'static str, Vec<Value>)| {
        let name = *name;
        let value = prop_oneof![12 => select(values.clone()), 1 => Just(Value::Null)];
        proptest::option::of(value)
            .prop_map(move |value| value.map(|value| (name.to_owned(), value)))
            .boxed()
    };
    let fields: Vec<_> = fields.iter().map(field).collect();
    fields.prop_map(|fields| fields.into_iter().flatten().collect()).boxed()
}

/// An object with these fields and some of those.
fn object(fixed: Value, fields: &[(&'static str, Vec<Value>)]) -> BoxedStrategy<Value> {
    let with = move |mut some: Map<String, Value>| {
        some.extend(fixed.as_object().unwrap().clone());
        Value::Object(some)
    };
    some_of(fields).prop_map(with).boxed()
}

fn texts(texts: &[&str]) -> Vec<Value> {
    texts.iter().map(|text| json!(text)).collect()
}

/// What is signed, and what belongs to it. The source has `body: json`.
fn signed() -> Vec<Value> {
    let from = json!({"from": ["header:X-Signature"]});
    let items =
        json!({"from": ["header:X-Signature", "query:sig"], "split": [","], "items": ["t={timestamp}", "v1={sig}"]});
    let groups =
        json!({"from": ["header:X-Sig-*"], "split": [" ", ","], "items": ["t={t}", "{sig}"], "encoding": "base64"});
    vec![
        json!({"signature": from}),
        json!({"signature": {"from": ["json:/sig"], "items": ["v{version}={sig}", "{sig}"], "encoding": "base64-hex"}}),
        json!({"signature": {"from": ["query:s"], "encoding": null}, "signed": "{method}{url}.{path}{body}"}),
        json!({"signature": from, "signed": "{sha256-hex:body}[,{json?:/a/b}{lower:query:b}]{parameter:app}"}),
        json!({"signature": items, "signed": "{timestamp}.{body}", "timestamp": {"from": "field:timestamp"}}),
        json!({"signature": groups, "signed": "{body}{t}", "timestamp": {"from": "field:t", "format": "auto", "tolerance": 1}}),
        json!({"signature": from, "signed": "v0:{timestamp}:{body}",
            "timestamp": {"from": "header:X-Time", "format": "ms", "tolerance": 172_800}}),
        json!({"signature": from, "timestamp": {"from": "json:/at", "format": "rfc3339", "tolerance": null}}),
        json!({"signature": from, "timestamp": {"from": "header:X-Time", "tolerance": 0}}),
        json!({"signature": from, "signed": "{header:X-Hash}", "body_hash": {"from": "header:X-Hash", "encoding": "base64url"}}),
        json!({"signature": from, "signed": "{query:h}", "body_hash": {"from": "query:h", "hash": "sha512"}}),
        json!({"signature": from, "signed": "{json:/id}{header:X-Id}", "body_unsigned": true}),
    ]
}

fn with(kind: Value, signed: &[Value]) -> BoxedStrategy<Value> {
    let merged = move |mut signed: Value| {
        let fields = signed.as_object_mut().unwrap();
        fields.extend(kind.as_object().unwrap().clone());
        signed
    };
    select(signed.to_vec()).prop_map(merged).boxed()
}

fn hmac() -> BoxedStrategy<Value> {
    let keys = vec![
        json!("utf8"),
        json!("hex"),
        json!("base64"),
        json!("whsec"),
        json!("sha1"),
        Value::Null,
    ];
    let hashes = select(vec!["sha1", "sha256", "sha384", "sha512"]);
    let way = |(hash, key): (&str, Value)| with(json!({"kind": "hmac", "hash": hash, "key": key}), &signed());
    (hashes, select(keys)).prop_flat_map(way).boxed()
}

fn public_key() -> BoxedStrategy<Value> {
    let rsa = select(vec!["rsa-pkcs1-sha256", "rsa-pkcs1-sha512", "rsa-pss-sha512"]);
    let curves = select(vec!["ed25519", "ecdsa-p256-sha256", "ecdsa-p256-sha1"]);
    let named = vec!["pem", "spki-base64"];
    let all = vec!["pem", "spki-base64", "raw-hex", "raw-base64", "raw-base64url"];
    prop_oneof![(rsa, select(named)), (curves, select(all))]
        .prop_flat_map(|(alg, key)| with(json!({"kind": "public-key", "alg": alg, "key": key}), &signed()))
        .boxed()
}

fn token() -> BoxedStrategy<Value> {
    let from = vec![json!(["header:X-Token"]), json!(["query:t", "json:/a/*/b"])];
    let way = |from: Value| {
        object(
            json!({"kind": "token", "from": from}),
            &[("prefix", texts(&["", "Bearer "]))],
        )
    };
    select(from).prop_flat_map(way).boxed()
}

fn jwt() -> BoxedStrategy<Value> {
    let shared = subsequence(vec!["HS256", "HS384", "HS512"], 1..=3).prop_map(|algs| json!({"algs": algs}));
    let public = subsequence(vec!["RS256", "PS512", "ES256", "EdDSA"], 1..=4)
        .prop_map(|algs| json!({"algs": algs, "keys": "pem"}));
    let claims = vec![
        json!({}),
        json!({"iss": "me", "aud": "{url}{path}", "app": "{parameter:app}", "v": 2, "ok": true}),
    ];
    let bind = vec![
        json!([]),
        json!([{"claim": "h", "of": "body", "empty_ok": true}, {"claim": "", "of": "url", "hash": "sha1", "encoding": null}]),
    ];
    let way = move |fixed: Value| {
        let mut fixed = fixed;
        fixed["kind"] = json!("jwt");
        fixed["from"] = json!(["header:Authorization", "body"]);
        let leeway = vec![json!(0), json!(300)];
        let fields = [
            ("prefix", texts(&["Bearer "])),
            ("claims", claims.clone()),
            ("bind", bind.clone()),
            ("leeway", leeway),
        ];
        object(fixed, &fields)
    };
    prop_oneof![shared, public].prop_flat_map(way).boxed()
}

/// A list `verify`.
fn verify() -> BoxedStrategy<Value> {
    let signed =
        prop_oneof![4 => hmac(), 2 => public_key(), 1 => token(), 1 => Just(json!({"kind": "basic"})), 2 => jwt()];
    let several = vec(signed, 1..=4).prop_map(Value::Array);
    prop_oneof![8 => several, 1 => Just(json!([{"kind": "none"}]))].boxed()
}

/// The fields that are no verification.
fn fields() -> Vec<(&'static str, Vec<Value>)> {
    let ids = vec![
        json!([]),
        json!(["header:X-Id+json:/id", "hash"]),
        json!(["const:a+hash", "none", "header:I-Twilio-Idempotency-Token"]),
    ];
    let types = vec![json!(["const:changes"]), json!(["json:/a~1b/0", "header:X-Event"])];
    let answers = vec![
        json!({}),
        json!({"status": 204, "body": "", "type": null}),
        json!({"status": 200, "type": "text/plain; charset=utf-8", "body": "ok {name}", "headers": {"X-Any": "a\tb"}}),
        json!({"json": {"a": [1, null]}, "body": null, "headers": {}}),
        json!({"json": false, "status": 299}),
    ];
    vec![
        ("id", ids),
        ("event", types.clone()),
        ("subject", types),
        ("body", texts(&["json"])),
        (
            "labels",
            vec![json!({}), json!({"a_1": "json:/a", "b": "header:X-B", "c": "hash"})],
        ),
        ("keep_headers", vec![json!([]), json!(["X-Id", "x-event"])]),
        ("on_conflict", texts(&["duplicate", "accept"])),
        ("summary", texts(&["on", "off"])),
        ("answer", answers),
        ("retention_days", vec![json!(1), json!(3650)]),
        ("batch", texts(&["/", "/events/0"])),
        ("probes", vec![json!(true), json!(false)]),
        ("allow_unsigned", vec![json!(true)]),
    ]
}

/// A source that the reader takes.
pub(super) fn source() -> BoxedStrategy<Value> {
    // The others need parameters, or a body of another form.
    let presets = vec!["github", "stripe", "shopify", "square", "standard-webhooks", "gitlab"];
    let beside = json!({"public_url": "https://a.example/in", "parameters": {"app": "a-1", "b": "é"}});
    let own = verify().prop_map(|verify| ("verify", verify));
    let preset = select(presets).prop_map(|name| ("preset", json!(name)));
    (prop_oneof![6 => own, 1 => preset], object(beside, &fields()))
        .prop_map(|((name, value), mut source)| {
            source[name] = value;
            source
        })
        .boxed()
}
