//! Every scheme against published vectors, and against signatures that must never pass.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::*;
use crate::SourceConfig;
use crate::body::Shape;
use crate::secret::Secret;
use crate::timestamp::Timestamp;

const SECRET: &str = "It's a Secret to Everybody";
const BODY: &[u8] = b"Hello, World!";
const HEX: &str = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

/// Verifies a delivery with any number of headers, received at `at`.
fn verify_all(
    scheme: &dyn Scheme,
    headers: &[(&str, &[u8])],
    at: Timestamp,
    body: &[u8],
    secrets: &[&str],
) -> Result<(), SignatureError> {
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            (name, HeaderValue::from_bytes(value).unwrap())
        })
        .collect();
    let secrets: Vec<Secret> = secrets.iter().map(Secret::new).collect();
    let delivery = Delivery::post(&headers, body, at);
    scheme.verify(&delivery, &secrets)
}

fn verify(name: &str, header: &str, value: &[u8], body: &[u8], secrets: &[&str]) -> Result<(), SignatureError> {
    let scheme = SchemeName::find(name).unwrap().scheme();
    verify_all(scheme, &[(header, value)], Timestamp::from_epoch_ms(0), body, secrets)
}

/// A vector that is signed at a time is verified at that time, and refused a day later and a day earlier.
#[test]
fn published_vectors_of_every_built_scheme_verify() {
    let file: serde_json::Value = serde_json::from_str(include_str!("../../tests/fixtures/signatures.json")).unwrap();
    let mut verified = std::collections::BTreeSet::new();
    for vector in file["vectors"].as_array().unwrap() {
        let Some(name) = SchemeName::find(vector["scheme"].as_str().unwrap()) else {
            continue;
        };
        let scheme = name.scheme();
        let body = vector["body"].as_str().unwrap().as_bytes();
        let secret = vector["secret"].as_str().unwrap();
        let headers = vector["headers"].as_object().unwrap();
        let headers: Vec<_> = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str().unwrap().as_bytes()))
            .collect();
        let signed_at = vector["timestamp"].as_i64();
        let at = |seconds: i64| Timestamp::from_epoch_ms((signed_at.unwrap_or_default() + seconds) * 1000);
        assert_eq!(verify_all(scheme, &headers, at(0), body, &[secret]), Ok(()), "{vector}");
        let wrong = verify_all(scheme, &headers, at(0), body, &["x"]);
        assert_eq!(wrong, Err(SignatureError::Mismatch), "{vector}");
        if signed_at.is_some() {
            for seconds in [-86_400, 86_400] {
                assert!(
                    verify_all(scheme, &headers, at(seconds), body, &[secret]).is_err(),
                    "{vector}"
                );
            }
        }
        verified.insert(scheme.name());
    }
    for scheme in SCHEMES {
        let name = scheme.name();
        assert!(
            verified.contains(name) || !scheme.needs_secret(),
            "signatures.json has no vector of {name}"
        );
    }
}

#[test]
fn names_are_distinct_and_lead_to_their_schemes() {
    let names: std::collections::BTreeSet<_> = SCHEMES.iter().map(|scheme| scheme.name()).collect();
    assert_eq!(names.len(), SCHEMES.len());
    for name in names {
        assert_eq!(SchemeName::find(name).unwrap().as_str(), name);
    }
    assert_eq!(SchemeName::find("GitHub"), None);
}

#[test]
fn a_scheme_reads_the_headers_of_its_example() {
    for scheme in SCHEMES {
        let named = |name: Option<&str>, value: &'static str| {
            Some((name?.parse::<HeaderName>().unwrap(), HeaderValue::from_static(value)))
        };
        let Headers {
            delivery_id,
            event_type,
            ..
        } = scheme.headers();
        let headers: HeaderMap = [named(delivery_id, "id-1"), named(event_type, "ping")]
            .into_iter()
            .flatten()
            .collect();
        let source: SourceConfig = serde_json::from_str(&format!(r#"{{"scheme":"{}"}}"#, scheme.name())).unwrap();
        let (shape, digest) = (Shape::default(), [0; 32]);
        let id = source.identity(&headers, &shape, &digest).unwrap().map(|id| id.text());
        assert_eq!(id.as_deref(), delivery_id.map(|_| "id-1"), "{}", scheme.name());
        let (event, _) = source.describe(&headers, &shape, &digest);
        assert_eq!(event.as_deref(), event_type.map(|_| "ping"), "{}", scheme.name());
    }
}

#[test]
fn the_prefix_is_optional_and_names_have_no_case() {
    for (name, header) in [
        ("github", "X-Hub-Signature-256"),
        ("github", "x-hub-SIGNATURE-256"),
        ("hmac-sha256", "X-Webhook-Signature"),
    ] {
        for value in [HEX.to_owned(), format!("sha256={HEX}"), HEX.to_uppercase()] {
            assert_eq!(verify(name, header, value.as_bytes(), BODY, &[SECRET]), Ok(()));
        }
    }
}

#[test]
fn any_live_secret_verifies_and_no_secret_verifies_nothing() {
    let header = "X-Hub-Signature-256";
    for (secrets, expected) in [
        (&["new", SECRET][..], Ok(())),
        (&[SECRET, "old"], Ok(())),
        (&["new", "old"], Err(SignatureError::Mismatch)),
        (&[], Err(SignatureError::Mismatch)),
    ] {
        assert_eq!(verify("github", header, HEX.as_bytes(), BODY, secrets), expected);
    }
}

#[test]
fn a_malformed_signature_is_distinguished_from_a_wrong_one() {
    let wrong = HEX.replace('7', "8");
    for (value, expected) in [
        (&b""[..], SignatureError::Missing),
        (b"   ", SignatureError::Missing),
        (b"sha256=", SignatureError::Missing),
        (b"sha256=  ", SignatureError::Missing),
        (b"sha1=757107ea", SignatureError::Malformed),
        (&HEX.as_bytes()[..62], SignatureError::Malformed),
        (b"sha256=\xff\xfe", SignatureError::Malformed),
        (wrong.as_bytes(), SignatureError::Mismatch),
    ] {
        assert_eq!(
            verify("github", "X-Hub-Signature-256", value, BODY, &[SECRET]),
            Err(expected)
        );
    }
    // Signed, but in another scheme's header.
    let other = verify("github", "X-Webhook-Signature", HEX.as_bytes(), BODY, &[SECRET]);
    assert_eq!(other, Err(SignatureError::Missing));
}

#[test]
fn one_changed_bit_of_the_body_breaks_the_signature() {
    for at in 0..BODY.len() {
        let mut body = BODY.to_vec();
        body[at] ^= 1;
        let result = verify("github", "X-Hub-Signature-256", HEX.as_bytes(), &body, &[SECRET]);
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
