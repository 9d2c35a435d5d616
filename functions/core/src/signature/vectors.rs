//! Every scheme against published vectors, and against what must never pass.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::*;

const SECRET: &str = "It's a Secret to Everybody";
const BODY: &[u8] = b"Hello, World!";
const HEX: &str = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

fn verify(name: SchemeName, header: &str, value: &[u8], body: &[u8], secrets: &[&str]) -> Result<(), SignatureError> {
    let mut headers = HeaderMap::new();
    headers.insert(
        HeaderName::from_bytes(header.as_bytes()).unwrap(),
        HeaderValue::from_bytes(value).unwrap(),
    );
    let secrets: Vec<Secret> = secrets.iter().map(Secret::new).collect();
    let delivery = Delivery {
        headers: &headers,
        body,
        received_at: Timestamp::from_epoch_ms(0),
    };
    name.scheme().verify(&delivery, &secrets)
}

#[test]
fn published_vectors_of_every_built_scheme_verify() {
    let file: serde_json::Value = serde_json::from_str(include_str!("../../tests/fixtures/signatures.json")).unwrap();
    let mut verified = 0;
    for vector in file["vectors"].as_array().unwrap() {
        let Ok(name) = serde_json::from_value::<SchemeName>(vector["scheme"].clone()) else {
            continue;
        };
        let body = vector["body"].as_str().unwrap().as_bytes();
        let secret = vector["secret"].as_str().unwrap();
        for (header, value) in vector["headers"].as_object().unwrap() {
            let value = value.as_str().unwrap().as_bytes();
            assert_eq!(verify(name, header, value, body, &[secret]), Ok(()), "{vector}");
            assert_eq!(
                verify(name, header, value, body, &["x"]),
                Err(SignatureError::Mismatch),
                "{vector}"
            );
            verified += 1;
        }
    }
    assert!(verified >= 1);
}

#[test]
fn the_prefix_is_optional_and_names_have_no_case() {
    for (name, header) in [
        (SchemeName::Github, "X-Hub-Signature-256"),
        (SchemeName::Github, "x-hub-SIGNATURE-256"),
        (SchemeName::HmacSha256, "X-Webhook-Signature"),
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
        assert_eq!(
            verify(SchemeName::Github, header, HEX.as_bytes(), BODY, secrets),
            expected
        );
    }
}

#[test]
fn what_is_not_a_signature_is_told_apart_from_a_wrong_one() {
    let wrong = HEX.replace('7', "8");
    for (value, expected) in [
        (&b""[..], SignatureError::Missing),
        (b"   ", SignatureError::Missing),
        (b"sha256=", SignatureError::Malformed),
        (b"sha1=757107ea", SignatureError::Malformed),
        (&HEX.as_bytes()[..62], SignatureError::Malformed),
        (b"sha256=\xff\xfe", SignatureError::Malformed),
        (wrong.as_bytes(), SignatureError::Mismatch),
    ] {
        assert_eq!(
            verify(SchemeName::Github, "X-Hub-Signature-256", value, BODY, &[SECRET]),
            Err(expected)
        );
    }
    // Signed, but in another scheme's header.
    let other = verify(
        SchemeName::Github,
        "X-Webhook-Signature",
        HEX.as_bytes(),
        BODY,
        &[SECRET],
    );
    assert_eq!(other, Err(SignatureError::Missing));
}

#[test]
fn one_changed_bit_of_the_body_breaks_the_signature() {
    for at in 0..BODY.len() {
        let mut body = BODY.to_vec();
        body[at] ^= 1;
        let result = verify(
            SchemeName::Github,
            "X-Hub-Signature-256",
            HEX.as_bytes(),
            &body,
            &[SECRET],
        );
        assert_eq!(result, Err(SignatureError::Mismatch));
    }
}

#[test]
fn an_unsigned_source_that_has_a_secret_after_all_accepts_nothing() {
    assert_eq!(verify(SchemeName::None, "X-Any", b"1", BODY, &[]), Ok(()));
    assert_eq!(
        verify(SchemeName::None, "X-Any", b"1", BODY, &[SECRET]),
        Err(SignatureError::Missing)
    );
}
