//! Forged signed tokens (RFC 7519).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};

use super::forged::{FORGED, Forged, guesses, with_proof};
use super::genuine::{BODY, Kind, claims};
use super::jwt::{hs256, token, with_claims, with_header};

/// A key of nobody whom a source knows.
const STRANGER: [u8; 32] = [1; 32];

/// All forged tokens: made anew for the stranger's body, and made of the captured one for its own.
pub(super) fn all(kind: &Kind, kinds: &[Kind]) -> Vec<Forged> {
    let captured = kind.proof[0].1.strip_prefix("Bearer ").unwrap();
    let made = made(kind, kinds).into_iter().map(|forged| (forged, FORGED));
    let remade = remade(kind, captured).into_iter().map(|forged| (forged, BODY));
    let mut all: Vec<_> = made
        .chain(remade)
        .map(|((what, token), body)| {
            let delivery = with_proof(kind, body).with("Authorization", format!("Bearer {token}"));
            (what, delivery)
        })
        .collect();
    let others = with_claims(captured, &claims(FORGED));
    let others = with_proof(kind, FORGED).with("Authorization", format!("Bearer {others}"));
    all.push(("the captured one with other claims".to_owned(), others));
    // It is bound to its body.
    all.push((
        "the captured one with another body".to_owned(),
        with_proof(kind, FORGED),
    ));
    let bare = with_proof(kind, BODY).with("Authorization", captured);
    all.push(("the captured one without what stands before it".to_owned(), bare));
    all
}

/// The name of the source's own algorithm.
fn algorithm(kind: &Kind) -> &str {
    kind.way()["algs"][0].as_str().unwrap()
}

/// Names of algorithms, of its own list and of others.
const ALGORITHMS: [&str; 10] = [
    "HS256", "HS384", "HS512", "RS256", "PS256", "ES256", "EdDSA", "ES256K", "Ed25519", "hs256",
];
/// What some readers take for no algorithm.
const NONE: [&str; 7] = ["none", "None", "NONE", "nOnE", "", " none", "HS0"];

fn made(kind: &Kind, kinds: &[Kind]) -> Vec<(String, String)> {
    let wanted = claims(FORGED);
    let mut all = Vec::new();
    for none in NONE {
        let token = token(&json!({"alg": none}), &wanted, |_| Vec::new());
        let bare = token.trim_end_matches('.').to_owned();
        all.extend([
            (format!("alg {none:?}"), token),
            (format!("alg {none:?}, no last dot"), bare),
        ]);
    }
    let mut keys = guesses(kind, kinds);
    if algorithm(kind) != "HS256" {
        // A public key is known to everybody, and is no shared one.
        let pem = kind.secret();
        keys.extend([pem.to_owned(), format!("{pem}\n"), pem.replace('\n', "")]);
    }
    for alg in ALGORITHMS {
        for key in &keys {
            let token = token(&json!({"alg": alg}), &wanted, |signed| hs256(key, signed));
            all.push((format!("{alg} with the shared key {key:?}"), token));
        }
    }
    // A key that the token brings.
    let stranger = SigningKey::from_bytes(&STRANGER);
    let public = URL_SAFE_NO_PAD.encode(stranger.verifying_key().as_bytes());
    for header in [
        json!({"alg": "EdDSA"}),
        json!({"alg": "EdDSA", "jwk": {"kty": "OKP", "crv": "Ed25519", "x": public}}),
        json!({"alg": "EdDSA", "jku": "https://example.com/keys.json", "kid": "1"}),
        json!({"alg": "EdDSA", "kid": "../../../../dev/null"}),
        json!({"alg": "EdDSA", "x5u": "https://example.com/key.pem"}),
    ] {
        let token = token(&header, &wanted, |signed| stranger.sign(signed).to_bytes().to_vec());
        all.push((format!("a stranger's key with {header}"), token));
    }
    all
}

/// The captured token with another header, or in other parts.
fn remade(kind: &Kind, captured: &str) -> Vec<(String, String)> {
    let own = algorithm(kind);
    let others = ALGORITHMS.into_iter().filter(|alg| *alg != own).chain(NONE);
    let mut headers: Vec<Value> = others.map(|alg| json!({"alg": alg})).collect();
    headers.extend([
        json!({}),
        json!({"alg": null}),
        json!({"alg": ["HS256", own]}),
        json!({"alg": 1}),
        json!([]),
        json!({"alg": own, "crit": ["exp"]}),
    ]);
    let mut all: Vec<_> = headers
        .iter()
        .map(|header| (format!("the captured one with {header}"), with_header(captured, header)))
        .collect();
    let (signed, signature) = captured.rsplit_once('.').unwrap();
    all.extend([
        ("no signature".to_owned(), format!("{signed}.")),
        ("two parts".to_owned(), signed.to_owned()),
        ("four parts".to_owned(), format!("{captured}.{signature}")),
        (
            "half of the signature".to_owned(),
            format!("{signed}.{}", &signature[..20]),
        ),
        ("two tokens".to_owned(), format!("{captured} {captured}")),
    ]);
    all
}
