//! Presets against published vectors, and against signatures that must never pass.

use serde_json::json;

use super::*;
use crate::preset;
use crate::secret::Secret;
use crate::signature::{Delivery, SignatureError};
use crate::timestamp::Timestamp;

const SECRET: &str = "It's a Secret to Everybody";
const BODY: &[u8] = b"Hello, World!";
const HEX: &str = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

fn of_preset(name: &str) -> SourceConfig {
    source(&format!(r#"{{"preset":"{name}"}}"#))
}

fn verify(name: &str, header: &str, value: &[u8], body: &[u8], secrets: &[&str]) -> Result<(), SignatureError> {
    let name_of_header = HeaderName::from_bytes(header.as_bytes()).unwrap();
    let headers = HeaderMap::from_iter([(name_of_header, HeaderValue::from_bytes(value).unwrap())]);
    let secrets: Vec<Secret> = secrets.iter().map(Secret::new).collect();
    let delivery = Delivery::post(&headers, body, Timestamp::from_epoch_ms(0));
    of_preset(name).verify().verify(&delivery, &secrets).map(drop)
}

/// A vector that is signed at a time is verified at that time, and refused a day later and a day earlier.
#[test]
fn published_vectors_of_presets_verify() {
    let file: serde_json::Value =
        serde_json::from_str(include_str!("../../../tests/fixtures/signatures.json")).unwrap();
    let mut verified = std::collections::BTreeSet::new();
    for vector in file["vectors"].as_array().unwrap() {
        let name = vector["scheme"].as_str().unwrap();
        if preset::find(name).is_none() || vector.get("url").is_some() {
            continue;
        }
        let headers: HeaderMap = vector["headers"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| {
                let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
                (name, value.as_str().unwrap().parse().unwrap())
            })
            .collect();
        let body = vector["body"].as_str().unwrap().as_bytes();
        let signed_at = vector["timestamp"].as_i64();
        let source = of_preset(name);
        let verdict = |secret: &str, seconds: i64| {
            let at = Timestamp::from_epoch_ms((signed_at.unwrap_or_default() + seconds) * 1000);
            let delivery = Delivery::post(&headers, body, at);
            source.verify().verify(&delivery, &[Secret::new(secret)]).map(drop)
        };
        let secret = vector["secret"].as_str().unwrap();
        assert_eq!(verdict(secret, 0), Ok(()), "{vector}");
        assert_eq!(verdict("x", 0), Err(SignatureError::Mismatch), "{vector}");
        if signed_at.is_some() {
            for seconds in [-86_400, 86_400] {
                assert_eq!(verdict(secret, seconds), Err(SignatureError::Stale), "{vector}");
            }
        }
        verified.insert(name);
    }
    assert!(
        verified.is_superset(&["github", "hmac-sha256", "standard-webhooks"].into()),
        "{verified:?}"
    );
}

/// Secrets of every form, each of which nobody else takes for its own.
const SECRETS: [&str; 3] = [
    "c2l4dGVlbiBieXRlcyBhbmQgbW9yZQ==",
    "73697874656e206279746573206f6620",
    "user:with-a-password",
];

#[test]
fn an_example_of_a_preset_is_accepted_by_it() {
    let (mut made, mut without) = (0, std::collections::BTreeMap::<String, Vec<&str>>::new());
    let at = Timestamp::from_epoch_ms(1_767_225_600_000);
    for name in crate::preset::names() {
        let url = json!("https://hooks.example.com/webhook/a");
        let written = json!({"a": {"preset": name, "public_url": url}});
        let source = Sources::parse(&written.to_string());
        // Parameters are one's own.
        let Ok(source) = source.map(|sources| sources.get("a").unwrap().1.clone()) else {
            continue;
        };
        let secret = SECRETS
            .iter()
            .map(Secret::new)
            .find(|secret| source.verify().takes(secret).is_ok());
        let secret = secret.filter(|_| source.needs_secret());
        let example = match source.example(secret.as_ref(), at, "id-1") {
            Ok(example) => example,
            Err(reason) => {
                without.entry(reason.to_string()).or_default().push(name);
                continue;
            }
        };
        made += 1;
        assert!(!example.body.contains(['\'', '\n']), "{name}");
        let headers = example.headers.iter();
        let headers: HeaderMap = headers
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect();
        let delivery = Delivery::post(&headers, example.body.as_bytes(), at);
        let verified = source.verify().verify(&delivery, secret.as_slice());
        assert!(verified.is_ok(), "{name}: {verified:?} {:?}", example.headers);
        let late = at.plus_days(if example.seconds.is_some() { 3 } else { 10_000 });
        let delivery = Delivery::post(&headers, example.body.as_bytes(), late);
        let verified = source.verify().verify(&delivery, secret.as_slice());
        assert_eq!(verified.is_ok(), example.seconds.is_none(), "{name}");
        let in_clear = secret.is_some_and(|secret| {
            let (_, value) = &example.headers[0];
            value.as_bytes().ends_with(secret.expose()) || value.starts_with("Basic ")
        });
        assert_eq!(in_clear, example.is_secret, "{name}");
    }
    assert!(made > 150, "{made} are made: {without:?}");
}

#[test]
fn a_preset_reads_the_headers_of_its_example() {
    let secret = Secret::new(SECRETS[0]);
    for name in [
        "github",
        "hmac-sha256",
        "stripe",
        "slack",
        "standard-webhooks",
        "gitlab",
        "shopify",
    ] {
        let source = of_preset(name);
        let example = source
            .example(Some(&secret), Timestamp::from_epoch_ms(0), "id-1")
            .unwrap();
        let headers = example.headers.iter();
        let headers: HeaderMap = headers
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect();
        let shape = Shape::read(example.body.as_bytes(), source.pointers()).unwrap();
        let place = place(&source, &headers, &shape);
        assert_eq!(source.identity(&place).unwrap().unwrap().text(), "id-1", "{name}");
        assert_eq!(source.describe(&place).0.as_deref(), Some("ping"), "{name}");
    }
    let names = |preset: &str| {
        let example = of_preset(preset).example(Some(&secret), Timestamp::from_epoch_ms(0), "id-1");
        let headers = example.unwrap().headers.into_iter();
        headers.map(|(name, _)| name).collect::<Vec<_>>()
    };
    assert_eq!(
        names("github"),
        ["X-Hub-Signature-256", "X-Github-Event", "X-Github-Delivery"]
    );
    assert_eq!(
        names("hmac-sha256"),
        ["X-Webhook-Signature", "X-Webhook-Event", "X-Webhook-Id"]
    );
}

#[test]
fn the_prefix_is_optional_and_names_have_no_case() {
    for (name, header) in [
        ("github", "X-Hub-Signature-256"),
        ("github", "x-hub-SIGNATURE-256"),
        ("hmac-sha256", "X-Webhook-Signature"),
    ] {
        for hex in [HEX.to_owned(), HEX.to_uppercase()] {
            let value = format!("sha256={hex}");
            assert_eq!(verify(name, header, value.as_bytes(), BODY, &[SECRET]), Ok(()));
            assert_eq!(verify(name, header, hex.as_bytes(), BODY, &[SECRET]), Ok(()));
        }
    }
}

#[test]
fn any_live_secret_verifies_and_no_secret_verifies_nothing() {
    let value = format!("sha256={HEX}");
    for (secrets, expected) in [
        (&["new", SECRET][..], Ok(())),
        (&[SECRET, "old"], Ok(())),
        (&["new", "old"], Err(SignatureError::Mismatch)),
        (&[], Err(SignatureError::Mismatch)),
    ] {
        assert_eq!(
            verify("github", "X-Hub-Signature-256", value.as_bytes(), BODY, secrets),
            expected
        );
    }
}

#[test]
fn a_malformed_signature_is_distinguished_from_a_wrong_one() {
    let wrong = format!("sha256={}", HEX.replace('7', "8"));
    let short = format!("sha256={}", &HEX[..62]);
    for (value, expected) in [
        (&b""[..], SignatureError::Missing),
        (b"   ", SignatureError::Missing),
        (b"sha256=", SignatureError::Missing),
        (b"sha256=  ", SignatureError::Missing),
        (b"sha1=757107ea", SignatureError::Malformed),
        (short.as_bytes(), SignatureError::Malformed),
        (b"sha256=\xff\xfe", SignatureError::Malformed),
        (wrong.as_bytes(), SignatureError::Mismatch),
    ] {
        let verdict = verify("github", "X-Hub-Signature-256", value, BODY, &[SECRET]);
        assert_eq!(verdict, Err(expected), "{value:?}");
    }
    // Signed, but in another preset's header.
    let other = verify("github", "X-Webhook-Signature", HEX.as_bytes(), BODY, &[SECRET]);
    assert_eq!(other, Err(SignatureError::Missing));
}

#[test]
fn one_changed_bit_of_the_body_breaks_the_signature() {
    let value = format!("sha256={HEX}");
    for at in 0..BODY.len() {
        let mut body = BODY.to_vec();
        body[at] ^= 1;
        let result = verify("github", "X-Hub-Signature-256", value.as_bytes(), &body, &[SECRET]);
        assert_eq!(result, Err(SignatureError::Mismatch));
    }
}

#[test]
fn an_unsigned_source_that_has_a_secret_after_all_accepts_nothing() {
    assert_eq!(verify("none", "X-Any", b"1", BODY, &[]), Ok(()));
    assert_eq!(
        verify("none", "X-Any", b"1", BODY, &[SECRET]),
        Err(SignatureError::Missing)
    );
}
