//! What somebody sends who lacks the live secret, but has seen one genuine delivery and whatever is public.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};
use tracehook_test_support::fuzzing::bytes;

use crate::body::bodies;
use crate::kinds::{Form, Kind, Sent};
use crate::signer::{ENCODINGS, HASHES, encode, jwt, mac};

/// What is changed of the genuine delivery.
#[derive(Debug, Clone)]
pub(crate) enum Attack {
    /// Another body under the proof.
    Body(Vec<u8>),
    /// A proof with a key that is not the live one, in some encoding.
    Proof { key: Index, over: Index, encoding: Index },
    /// Such a proof before or after the genuine one, which is then of another body.
    Beside { key: Index, body: Vec<u8>, is_first: bool },
    /// Bytes in place of the proof.
    Noise(Vec<u8>),
    /// Another value of what is signed beside the body, or none.
    Signed { at: Index, value: Option<Vec<u8>> },
    /// A token of another header.
    Token { header: Index, key: Index },
    /// Headers of any names and values beside it.
    Headers(Vec<(&'static str, Vec<u8>)>),
}

const NAMES: [&str; 6] = [
    "x-signature",
    "authorization",
    "x-digest",
    "x-id",
    "x-other",
    "content-type",
];

pub(crate) fn attack() -> impl Strategy<Value = Attack> {
    let at = any::<Index>;
    let noise = || {
        prop_oneof![
            vec(any::<u8>(), 0..100),
            "[0-9a-f]{64}".prop_map(String::into_bytes),
            "[ -~]{0,40}".prop_map(String::into_bytes)
        ]
    };
    let body = || bytes(&bodies());
    let headers = vec((select(&NAMES[..]), noise()), 1..6);
    prop_oneof![
        2 => body().prop_map(Attack::Body),
        4 => (at(), at(), at()).prop_map(|(key, over, encoding)| Attack::Proof { key, over, encoding }),
        2 => (at(), body(), any::<bool>()).prop_map(|(key, body, is_first)| Attack::Beside { key, body, is_first }),
        2 => noise().prop_map(Attack::Noise),
        2 => (at(), proptest::option::of(noise())).prop_map(|(at, value)| Attack::Signed { at, value }),
        2 => (at(), at()).prop_map(|(header, key)| Attack::Token { header, key }),
        2 => headers.prop_map(Attack::Headers),
    ]
}

/// Keys that are not the live one, although all of them are near it or public.
fn keys(kind: &Kind) -> Vec<Vec<u8>> {
    let secret = kind.secret.as_bytes();
    let mut keys = vec![
        Vec::new(),
        vec![0; 64],
        b"another-secret-0123456789abcdef".to_vec(),
        [secret, b"x"].concat(),
        secret[..secret.len() - 1].to_vec(),
        secret.iter().rev().copied().collect(),
        kind.secret.to_uppercase().into_bytes(),
    ];
    // The text of a public key, or of a secret that is no key as it stands.
    if !kind.name.ends_with(" utf8") && !kind.name.starts_with("jwt HS") && kind.signer.is_some() {
        keys.push(secret.to_vec());
    }
    keys
}

/// Signatures that no live key has made.
fn proofs(kind: &Kind, key: &[u8], message: &[u8]) -> Vec<Vec<u8>> {
    if kind.signer.is_none() {
        return vec![
            key.to_vec(),
            Vec::new(),
            b" ".to_vec(),
            b":".to_vec(),
            key.iter().take(2).copied().collect(),
        ];
    }
    let mut proofs: Vec<Vec<u8>> = HASHES.iter().map(|hash| mac(hash, key, message)).collect();
    proofs.extend(kind.signer.iter().map(|signer| signer.stranger().sign(message)));
    // Numbers that make equations true which nobody has solved.
    let mut point = [0; 64];
    point[0] = 1;
    proofs.extend([
        vec![0; 64],
        point.to_vec(),
        hex::decode("3006020100020100").unwrap(),
        hex::decode("3006020101020101").unwrap(),
    ]);
    proofs.extend([Vec::new(), key.to_vec(), vec![0; 20], vec![0; 32], vec![0xff; 256]]);
    proofs
}

/// A request in which nothing is proven; none where the attack changes nothing that counts.
pub(crate) fn attacked(kind: &Kind, genuine: &Sent, attack: Attack) -> Option<Sent> {
    // A token proves nothing of the body.
    let covers = |body: &[u8]| kind.signer.is_some() && body != genuine.body;
    match attack {
        Attack::Body(body) => covers(&body).then(|| Sent {
            body,
            ..genuine.clone()
        }),
        Attack::Proof { key, over, encoding } => Some(forged(kind, genuine, key, over, encoding)),
        Attack::Beside { key, body, is_first } => covers(&body).then(|| beside(kind, genuine, key, body, is_first)),
        Attack::Noise(noise) => Some(noisy(kind, genuine, noise)),
        Attack::Signed { at, value } => other_values(kind, genuine, at, value),
        Attack::Token { header, key } => other_token(kind, genuine, header, key),
        Attack::Headers(headers) => other_headers(kind, genuine, headers),
    }
}

fn forged(kind: &Kind, genuine: &Sent, key: Index, over: Index, encoding: Index) -> Sent {
    let key = key.get(&keys(kind)).clone();
    let others = [
        kind.message(genuine),
        Vec::new(),
        genuine.body.clone(),
        b"id-1".to_vec(),
    ];
    let of = |message: &[u8]| {
        let proofs = proofs(kind, &key, message);
        proofs[over.index(proofs.len())].clone()
    };
    let proof = of(&others[over.index(others.len())]);
    let mut sent = kind.sent(genuine.body.clone(), |_| proof.clone());
    match kind.form {
        Form::Plain | Form::Request | Form::Hashed => {
            sent.set("x-signature", encode(ENCODINGS[encoding.index(4)], &proof));
        }
        Form::Jwt(alg) => sent.set(
            "authorization",
            format!("Bearer {}", jwt(&json!({"alg": alg}), &sent.body, of)),
        ),
        _ => {}
    }
    sent
}

fn beside(kind: &Kind, genuine: &Sent, key: Index, body: Vec<u8>, is_first: bool) -> Sent {
    let mut sent = Sent {
        body,
        ..genuine.clone()
    };
    let key = key.get(&keys(kind)).clone();
    let message = kind.message(&sent);
    let forged = kind.sent(sent.body.clone(), |_| mac("sha256", &key, &message));
    let of = |sent: &Sent, name: &str| {
        sent.headers
            .iter()
            .filter(|(known, _)| *known == name)
            .cloned()
            .collect::<Vec<_>>()
    };
    for name in ["x-signature", "x-digest"] {
        let (one, other) = (of(genuine, name), of(&forged, name));
        sent.headers.retain(|(known, _)| *known != name);
        sent.headers
            .extend(if is_first { [other, one] } else { [one, other] }.concat());
    }
    sent
}

fn noisy(kind: &Kind, genuine: &Sent, noise: Vec<u8>) -> Sent {
    let mut sent = genuine.clone();
    match kind.form {
        Form::Bearer | Form::Basic | Form::Jwt(_) => sent.set("authorization", noise),
        Form::Query => sent.query = String::from_utf8_lossy(&noise).into_owned(),
        Form::Each => sent.body = noise,
        _ => sent.set("x-signature", noise),
    }
    sent
}

fn other_values(kind: &Kind, genuine: &Sent, at: Index, value: Option<Vec<u8>>) -> Option<Sent> {
    let mut sent = genuine.clone();
    let mut put = |name: &'static str, value: Option<Vec<u8>>| {
        sent.headers.retain(|(known, _)| *known != name);
        sent.headers.extend(value.map(|value| (name, value)));
    };
    match kind.form {
        Form::Request if at.index(2) == 0 => put("x-id", value.filter(|value| value.trim_ascii() != b"id-1")),
        Form::Request => sent.query = format!("q=2&{}", String::from_utf8_lossy(&value.unwrap_or_default())),
        Form::Hashed => put("x-digest", value),
        Form::Timed => {
            let (_, text) = sent.headers.iter().find(|(name, _)| *name == "x-signature")?;
            let text = String::from_utf8(text.clone()).ok()?;
            let time = [
                "",
                "t=1767225601,",
                "t=1767225599,t=1767225600,",
                "t=0,",
                "t=01767225600,",
            ];
            sent.set("x-signature", text.replace("t=1767225600,", time[at.index(time.len())]));
        }
        _ => return None,
    }
    Some(sent)
}

fn other_token(kind: &Kind, genuine: &Sent, header: Index, key: Index) -> Option<Sent> {
    let Form::Jwt(alg) = kind.form else { return None };
    let headers: [Value; 8] = [
        json!({"alg": "none"}),
        json!({"alg": "None"}),
        json!({}),
        json!({"alg": "HS256"}),
        json!({"alg": "HS512"}),
        json!({"alg": [alg]}),
        json!({"alg": alg, "crit": ["exp"]}),
        json!({"alg": alg, "jwk": {"kty": "oct", "k": "AAAA"}}),
    ];
    let header = header.get(&headers);
    let key = key.get(&keys(kind)).clone();
    let signer = kind.signer.as_ref()?;
    let sign = |signed: &[u8]| match header["alg"].as_str() {
        Some("HS512") => mac("sha512", &key, signed),
        Some("HS256") => mac("sha256", &key, signed),
        Some("none" | "None") | None => Vec::new(),
        // An extension that nobody knows, under the right key.
        Some(_) if !header["crit"].is_null() => signer.sign(signed),
        Some(_) => signer.stranger().sign(signed),
    };
    let mut sent = genuine.clone();
    sent.set("authorization", format!("Bearer {}", jwt(header, &genuine.body, sign)));
    Some(sent)
}

fn other_headers(kind: &Kind, genuine: &Sent, headers: Vec<(&'static str, Vec<u8>)>) -> Option<Sent> {
    // Their proof is in no header.
    if let Form::Query | Form::Each = kind.form {
        return None;
    }
    let mut sent = genuine.clone();
    let is_new = |name: &str| headers.iter().any(|(new, _)| *new == name);
    sent.headers
        .retain(|(name, _)| !is_new(name) && !["x-signature", "authorization"].contains(name));
    sent.headers.extend(headers);
    Some(sent)
}
