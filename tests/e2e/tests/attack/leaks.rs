//! What is left of a request, in everything that the service has written or shows.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tracehook_test_support::Delivery;

use crate::MARKER;
use crate::target::{Target, header, secrets, signature_header};

/// Where the operator put the secrets.
const OF_THE_OPERATOR: [&str; 2] = ["config.toml", "secrets.json"];

/// What the service shows of itself.
const PAGES: [&str; 6] = [
    "/",
    "/local/logs",
    "/local/traces",
    "/local/metrics",
    "/local/alarms",
    "/local/stats",
];

/// Every file below a directory.
fn files(directory: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else if path.is_file() {
            all.push(path);
        }
    }
    all
}

/// A text as it can stand in a file: as it is, in hex, and inside of base64, where its place decides the digits.
fn forms(text: &str) -> Vec<String> {
    let inside = (0..3).map(|before| {
        let padded = [&[0; 2][..before], text.as_bytes()].concat();
        let digits = STANDARD.encode(&padded[..padded.len() / 3 * 3]);
        // The first digits hold what stands before.
        digits[if before == 0 { 0 } else { 4 }..].to_owned()
    });
    inside.chain([text.to_owned(), hex::encode(text)]).collect()
}

/// What the service has written, by path, without what the operator put there.
fn written(target: &Target) -> Vec<(PathBuf, String)> {
    let is_of_the_operator = |path: &Path| {
        let name = path.file_name().unwrap();
        OF_THE_OPERATOR.iter().any(|own| name == *own)
    };
    files(&target.service.path(""))
        .into_iter()
        .filter(|path| !is_of_the_operator(path))
        // A file may be removed meanwhile.
        .filter_map(|path| {
            let bytes = std::fs::read(&path).ok()?;
            Some((path, String::from_utf8_lossy(&bytes).into_owned()))
        })
        .collect()
}

/// The files that hold a text in any form.
fn holding<'w>(written: &'w [(PathBuf, String)], text: &str) -> Vec<&'w Path> {
    let forms = forms(text);
    let holds = |content: &str| forms.iter().any(|form| content.contains(form));
    let holding = written.iter().filter(|(_, content)| holds(content));
    holding.map(|(path, _)| path.as_path()).collect()
}

/// # Panics
/// When the marker of refused requests, a secret or a captured signature is found anywhere.
pub(crate) async fn assert_none(target: &Target, captured: &[(Delivery, String)]) {
    let mut hidden: Vec<String> = secrets().map(str::to_owned).collect();
    for (delivery, _) in captured {
        hidden.push(header(delivery, signature_header(delivery.path())));
    }
    hidden.push(MARKER.to_owned());
    // The log of the requests is written, and the spans are exported.
    let has_refused = |output: &str| output.contains("refused");
    target.service.output_with(has_refused).await.unwrap();
    let written = written(target);
    for text in &hidden {
        let found = holding(&written, text);
        assert!(found.is_empty(), "{text} is in {found:?}");
        for page in PAGES {
            let shown = target.service.get(page).await.unwrap();
            assert!(!shown.text.contains(text), "{page} shows {text}");
        }
    }
    // The control: what is kept of a genuine webhook is found by the same search.
    let kept = holding(&written, "a-genuine-value");
    assert!(!kept.is_empty(), "the search finds nothing");
}
