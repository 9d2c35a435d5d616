//! Signatures: a body passes only with the MAC of a live secret, whatever its headers are.

use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use sha2::Sha256;
use tracehook_core::Timestamp;
use tracehook_core::secret::Secret;
use tracehook_core::signature::{Delivery, SignatureError};
use tracehook_core::{SourceConfig, Sources};
use tracehook_test_support::fuzzing::{bytes, fuzz};

use crate::body::bodies;

const SECRETS: [&str; 3] = ["It's a Secret to Everybody", "previous", "x"];

fn mac(secret: &str, body: &[u8]) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    hex::encode(mac.chain_update(body).finalize().into_bytes())
}

/// A header as a producer, a proxy or an attacker may send it: the right signature of some secret, then changed.
fn header() -> impl Strategy<Value = (&'static str, &'static str, usize, Vec<u8>)> {
    let names = select(vec![
        "x-hub-signature-256",
        "X-Hub-Signature-256",
        "x-webhook-signature",
        "X-WEBHOOK-SIGNATURE",
    ]);
    let forms = select(vec![
        "{}",
        "sha256={}",
        " {} ",
        "SHA256={}",
        "sha256=sha256={}",
        "sha1={}",
        "\t{}",
        "",
    ]);
    let noise = prop_oneof![6 => Just(Vec::new()), 1 => vec(any::<u8>(), 1..4)];
    (names, forms, 0..SECRETS.len(), noise)
}

/// The source of a preset.
fn of_preset(name: &str) -> SourceConfig {
    let sources = Sources::parse(&format!(r#"{{"shop":{{"preset":"{name}"}}}}"#)).unwrap();
    sources.get("shop").unwrap().1.clone()
}

#[test]
fn no_body_passes_without_the_mac_of_a_live_secret() {
    let bodies = bodies();
    let schemes = select(vec![
        ("github", "x-hub-signature-256"),
        ("hmac-sha256", "x-webhook-signature"),
    ]);
    let sources = ["github", "hmac-sha256"].map(|name| (name, of_preset(name)));
    let case = (
        bytes(&bodies),
        bytes(&bodies),
        any::<bool>(),
        schemes,
        vec(header(), 0..3),
        0..=SECRETS.len(),
        any::<bool>(),
    );
    fuzz(
        "signature",
        bodies.len(),
        4_000,
        case,
        |(body, other, tampered, (preset, header), given, live, upper)| {
            let mut headers = HeaderMap::new();
            for (name, form, secret, noise) in given {
                let mut hex = mac(SECRETS[secret], &body);
                if upper {
                    hex.make_ascii_uppercase();
                }
                let value = [form.replace("{}", &hex).as_bytes(), &noise].concat();
                // A header that HTTP does not allow never reaches the scheme.
                if let Ok(value) = HeaderValue::from_bytes(&value) {
                    headers.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), value);
                }
            }
            let sent = if tampered { &other } else { &body };
            let secrets: Vec<_> = SECRETS[..live].iter().map(Secret::new).collect();
            let delivery = Delivery::post(&headers, sent, Timestamp::from_epoch_ms(0));
            let (_, source) = sources.iter().find(|(name, _)| *name == preset).unwrap();
            let verdict = source.verify().verify(&delivery, &secrets).map(drop);
            // One value, or the same several times.
            let mut all: Vec<&[u8]> = headers.get_all(header).iter().map(HeaderValue::as_bytes).collect();
            all.dedup();
            let text = match all.as_slice() {
                [] => Some(String::new()),
                [one] => std::str::from_utf8(one).ok().map(|text| text.trim().to_owned()),
                _ => None,
            };
            let digits = text.as_ref().map(|text| text.strip_prefix("sha256=").unwrap_or(text));
            let digits = digits.map(|text| {
                text.trim_matches(' ')
                    .trim_end_matches([',', ';'])
                    .trim_end_matches(' ')
            });
            let valid = digits.is_some_and(|digits| {
                let is_of = |secret: &&str| mac(secret, sent).eq_ignore_ascii_case(digits);
                SECRETS[..live].iter().any(is_of)
            });
            assert_eq!(verdict.is_ok(), valid, "{verdict:?}");
            if text.as_deref() == Some("") {
                assert_eq!(verdict, Err(SignatureError::Missing));
            }
        },
    );
}

#[test]
fn a_source_without_a_signature_takes_nothing_once_it_has_a_secret() {
    let bodies = bodies();
    fuzz(
        "unsigned",
        bodies.len(),
        1_000,
        (bytes(&bodies), 0..=SECRETS.len()),
        |(body, live)| {
            let mut headers = HeaderMap::new();
            headers.insert("x-webhook-signature", mac(SECRETS[0], &body).parse().unwrap());
            let secrets: Vec<_> = SECRETS[..live].iter().map(Secret::new).collect();
            let delivery = Delivery::post(&headers, &body, Timestamp::from_epoch_ms(0));
            let unsigned = of_preset("none");
            assert_eq!(unsigned.verify().verify(&delivery, &secrets).is_ok(), live == 0);
        },
    );
}
