//! Requests without a live secret, each as right as it can look to the kind that it attacks.

use tracehook_test_support::Delivery;

use super::genuine::{BODY, Kind, bare};
use super::{credentials, signatures, tokens};

/// A request, and what is wrong with it.
pub(super) type Forged = (String, Delivery);

/// The body of a stranger.
pub(super) const FORGED: &str = r#"{"id":"forged","value":[{"state":"guess"}]}"#;

/// All forged requests to the source of a kind.
pub(super) fn all(kind: &Kind, kinds: &[Kind]) -> Vec<Forged> {
    let mut all = proofs(kind, kinds);
    all.extend(captured(kind, kinds));
    all.extend(match kind.way()["kind"].as_str().unwrap() {
        "hmac" => signatures::of_shared_key(kind, kinds),
        "public-key" => signatures::of_public_key(kind),
        "token" if kind.proof.is_empty() => credentials::of_elements(kinds),
        "token" => credentials::tokens(kind, kinds),
        "basic" => credentials::users(kind, kinds),
        "jwt" => tokens::all(kind, kinds),
        _ => Vec::new(),
    });
    all
}

/// Values of a header, each beside a body.
pub(super) fn named(
    name: &str,
    what: impl IntoIterator<Item = (String, String)>,
    kind: &Kind,
    body: &str,
) -> Vec<Forged> {
    let forged = what.into_iter().map(|(what, value)| {
        let delivery = with_proof(kind, body).with(name, value);
        (format!("{name}: {what}"), delivery)
    });
    forged.collect()
}

/// A body with the genuine proof.
pub(super) fn with_proof(kind: &Kind, body: &str) -> Delivery {
    kind.delivery(kind.name).with_body(body)
}

/// The header that decides, or one that a stranger may take for it.
pub(super) fn header_of(kind: &Kind) -> &'static str {
    kind.proof.last().map_or("X-Token", |(name, _)| *name)
}

/// No proof, no whole proof, or one that is no proof of this kind.
fn proofs(kind: &Kind, kinds: &[Kind]) -> Vec<Forged> {
    let body = if kind.name == "elements" { FORGED } else { BODY };
    let mut all = vec![("unsigned".to_owned(), bare(kind.name, body))];
    for (name, value) in &kind.proof {
        let delivery = kind.delivery(kind.name);
        all.push((format!("without {name}"), delivery.clone().without(name)));
        let empty = delivery.clone().with(name, "");
        all.push((format!("{name} is empty"), empty.clone()));
        all.push((format!("{name} is empty, then genuine"), empty.and(name, value)));
        all.push((format!("{name} is genuine, then empty"), delivery.clone().and(name, "")));
        all.push((format!("{name} twice"), delivery.clone().and(name, "another")));
        let listed = format!("{value}, {value}");
        if !kind.source.to_string().contains("split") {
            all.push((format!("{name} as a list"), delivery.with(name, listed)));
        }
    }
    let header = header_of(kind);
    let prefix = prefix_of(kind);
    let values = [
        "null",
        "undefined",
        "true",
        "0",
        "none",
        "[]",
        "{}",
        "*",
        "%00",
        "sha256=",
        "Bearer",
        "Basic",
        "==",
        "..",
        "' OR 1=1",
    ];
    for value in values {
        for value in [value.to_owned(), format!("{prefix}{value}")] {
            all.push((format!("{header}: {value}"), bare(kind.name, body).with(header, value)));
        }
    }
    // Where other kinds have theirs.
    for other in kinds.iter().filter(|other| other.name != kind.name) {
        for (name, value) in &other.proof {
            let delivery = bare(kind.name, body).with(name, value);
            all.push((format!("the proof of {} in {name}", other.name), delivery));
            let delivery = bare(kind.name, body).with(header, value);
            all.push((format!("the proof of {} in {header}", other.name), delivery));
        }
    }
    all
}

/// What stands before the value of a proof.
pub(super) fn prefix_of(kind: &Kind) -> &'static str {
    match kind.name {
        "hmac" => "sha256=",
        "timed" => "t=17672256,v1=",
        "basic" => "Basic ",
        "token" | "jwt-shared" | "jwt-public" => "Bearer ",
        _ => "",
    }
}

/// What was captured, with another body, and at other places.
fn captured(kind: &Kind, kinds: &[Kind]) -> Vec<Forged> {
    let mut all = Vec::new();
    if kind.covers_body {
        let bodies = [
            FORGED.to_owned(),
            format!("{BODY}\n"),
            format!(" {BODY}"),
            BODY.repeat(2),
            BODY.to_uppercase(),
        ];
        for body in bodies.into_iter().chain([BODY[1..].to_owned(), String::new()]) {
            all.push((
                format!("the captured proof of another body: {body}"),
                with_proof(kind, &body),
            ));
        }
    }
    for (name, value) in &kind.proof {
        let hidden = bare(kind.name, BODY);
        for place in [
            "Cookie",
            "X-Forwarded-Authorization",
            "Proxy-Authorization",
            "X-Original-Signature",
        ] {
            all.push((format!("{name} in {place}"), hidden.clone().with(place, value)));
        }
        let query = value.replace(['+', ' ', '=', ',', '/'], "_");
        all.push((
            format!("{name} in the query"),
            hidden.to(&format!("/webhook/{}?{name}={query}", kind.name)),
        ));
    }
    // A genuine delivery of another source.
    for other in kinds
        .iter()
        .filter(|other| other.name != kind.name && other.name != "elements")
    {
        if kind.name != "elements" {
            all.push((format!("a delivery of {}", other.name), other.delivery(kind.name)));
        }
    }
    all
}

/// Secrets that a stranger may think of.
pub(super) fn guesses(kind: &Kind, kinds: &[Kind]) -> Vec<String> {
    let others = kinds
        .iter()
        .filter(|other| other.name != kind.name)
        .map(|other| other.secret().to_owned());
    let secret = kind.secret();
    let guesses = [
        "",
        "\0",
        "secret",
        "null",
        "undefined",
        kind.name,
        "local-development-secret",
    ];
    let near = [
        secret[1..].to_owned(),
        secret[..secret.len() - 1].to_owned(),
        format!("{secret} "),
        secret.to_uppercase(),
        secret.repeat(2),
    ];
    let distinct = near.into_iter().filter(|near| near != secret);
    others.chain(guesses.map(str::to_owned)).chain(distinct).collect()
}
