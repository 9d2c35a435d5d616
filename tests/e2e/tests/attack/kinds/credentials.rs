//! Guessed credentials: tokens, tokens in each element of a list, and passwords.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::forged::{FORGED, Forged, guesses, header_of, named};
use super::genuine::{Kind, bare};

pub(super) fn tokens(kind: &Kind, kinds: &[Kind]) -> Vec<Forged> {
    let header = header_of(kind);
    let guesses = guesses(kind, kinds)
        .into_iter()
        .filter(|guess| !guess.contains(['\0', '\n']));
    // What is trimmed is no other token.
    let guesses = guesses.filter(|guess| guess.trim() != kind.secret());
    let mut all = named(
        header,
        guesses.map(|guess| (format!("guessed {guess:?}"), format!("Bearer {guess}"))),
        kind,
        FORGED,
    );
    let secret = kind.secret();
    let bare = [
        secret.to_owned(),
        format!("Token {secret}"),
        format!("bearer{secret}"),
        format!("Bearer Bearer {secret}"),
        format!("Bearer {secret},"),
    ];
    all.extend(named(header, bare.map(|value| (value.clone(), value)), kind, FORGED));
    all
}

/// Lists of which not every element has the token.
pub(super) fn of_elements(kinds: &[Kind]) -> Vec<Forged> {
    let secret = "the-token-of-each-element";
    let element = |state: Value| json!({"state": state});
    let right = element(secret.into());
    let mut lists = vec![
        json!([]),
        json!({}),
        json!(null),
        json!([right, {}]),
        json!([{}, right]),
        json!([right, element(json!(null))]),
        json!([right, element("guess".into())]),
        json!([element("".into())]),
        json!([element(json!([secret]))]),
        json!([element(json!({"state": secret}))]),
        json!([element(json!(true))]),
        json!([[right]]),
        json!({"state": secret}),
        json!([right, "text"]),
        json!(secret),
    ];
    let others = kinds.iter().filter(|kind| kind.name != "elements");
    lists.extend(others.map(|kind| json!([element(kind.secret().into())])));
    let mut all: Vec<_> = lists
        .into_iter()
        .map(|list| {
            let body = json!({"id": "forged", "value": list}).to_string();
            (body.clone(), bare("elements", &body))
        })
        .collect();
    for body in ["", "[]", "null", "not JSON", r#"{"value"#] {
        all.push((format!("the body {body:?}"), bare("elements", body)));
    }
    // The last of two members of a name is the one that handlers read.
    let twice = format!(r#"{{"value":[{{"state":"{secret}"}}],"value":[{{"state":"guess"}}]}}"#);
    all.push(("two lists".to_owned(), bare("elements", &twice)));
    all
}

pub(super) fn users(kind: &Kind, kinds: &[Kind]) -> Vec<Forged> {
    let (user, password) = kind.secret().split_once(':').unwrap();
    let mut guessed = guesses(kind, kinds);
    guessed.extend([
        format!("{user}:"),
        user.to_owned(),
        format!(":{password}"),
        password.to_owned(),
        format!("{password}:{user}"),
        format!("{user}:{password}:"),
        format!("{user}::{password}"),
        format!("{user}:{password}\n"),
        format!("{user}:{password}\0"),
    ]);
    let coded = guessed
        .into_iter()
        .map(|text| (format!("{text:?}"), format!("Basic {}", STANDARD.encode(&text))));
    let mut all = named("Authorization", coded, kind, FORGED);
    let schemes = [
        format!("Bearer {}", STANDARD.encode(kind.secret())),
        format!("Basic {}", kind.secret()),
        STANDARD.encode(kind.secret()),
    ];
    all.extend(named(
        "Authorization",
        schemes.map(|value| (value.clone(), value)),
        kind,
        FORGED,
    ));
    all
}
