//! Genuine deliveries of installed producers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use tracehook_core::preset;
use tracehook_core::signature::SignatureError;

use super::case::Case;
use super::file::files;
use super::vectors::Vector;

/// A delivery as a recorder wrote it.
#[derive(Deserialize)]
struct Capture {
    headers: Vec<(String, String)>,
    body_base64: String,
    secret: Option<String>,
}

/// The deliveries that a preset accepts.
const ACCEPTED: [(&str, &str); 8] = [
    ("alertmanager", "alertmanager-basic"),
    ("alertmanager", "alertmanager-bearer"),
    ("gitea", "gitea-push"),
    ("gitea", "gitea-push-redelivered"),
    ("gitea", "gitea-issues-opened"),
    ("gitea", "gitea-release"),
    ("gitea", "gitea-wiki"),
    ("gitea-form", "gitea-form"),
];

/// The deliveries that a preset refuses, and why.
const REFUSED: [(&str, &str, SignatureError); 6] = [
    ("alertmanager", "alertmanager-firing-first", SignatureError::Missing),
    ("gitea", "gitea-no-secret", SignatureError::Missing),
    ("gitea", "gitea-wrong-secret", SignatureError::Mismatch),
    ("gitea", "gitea-form", SignatureError::Mismatch),
    ("gitea-form", "gitea-push", SignatureError::Missing),
    ("github", "gitea-no-secret", SignatureError::Missing),
];

fn judged(preset: &str, capture: &str) -> Result<(), SignatureError> {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/judges/deliveries/captures");
    let text = std::fs::read_to_string(format!("{directory}/{capture}.json")).unwrap();
    let capture: Capture = serde_json::from_str(&text).unwrap();
    let vector = Vector {
        id: preset.to_owned(),
        provider: preset.to_owned(),
        origin: "a producer".to_owned(),
        secret: capture.secret.unwrap_or_else(|| "throwaway-secret".to_owned()),
        method: "POST".to_owned(),
        url: None,
        headers: capture.headers.into_iter().collect(),
        body: String::from_utf8(STANDARD.decode(capture.body_base64).unwrap()).unwrap(),
        at: 1_795_767_000,
        refuse: None,
        parameters: std::collections::BTreeMap::new(),
    };
    Case::of(&vector).verdict()
}

#[test]
fn genuine_deliveries_are_accepted_by_their_preset_alone() {
    for (preset, capture) in ACCEPTED {
        assert_eq!(judged(preset, capture), Ok(()), "{capture} by {preset}");
    }
    for (preset, capture, expected) in REFUSED {
        assert_eq!(judged(preset, capture), Err(expected), "{capture} by {preset}");
    }
}

#[test]
fn a_page_that_says_so_has_genuine_deliveries() {
    let files = files();
    for name in preset::names() {
        let is_accepted = ACCEPTED.iter().any(|(preset, _)| *preset == name);
        assert_eq!(files[name].about.seen.is_some(), is_accepted, "{name}");
    }
}
