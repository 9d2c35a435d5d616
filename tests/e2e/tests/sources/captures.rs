//! Every genuine delivery of installed producers, to a source of a few lines: answered, told apart and shown as its file says.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;
use tracehook_test_support::{Answer, Delivery, Options, Service, root};

const SOURCES: &str = include_str!("captures.toml");

/// A delivery as a recorder wrote it.
#[derive(Deserialize)]
struct Capture {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body_base64: String,
    expect: Value,
}

/// The source of each capture: of the first beginning that its name has.
const SOURCES_OF: [(&str, &str); 11] = [
    ("alertmanager-bearer", "alertmanager-bearer"),
    ("alertmanager-basic", "alertmanager-basic"),
    ("alertmanager-", "alertmanager-open"),
    ("apprise-form", "apprise-form"),
    ("apprise-", "apprise-open"),
    ("docker-registry-", "docker-registry"),
    ("gitea-form", "gitea-form"),
    ("gitea-no-secret", "gitea-open"),
    ("gitea-", "gitea"),
    ("icecast-", "icecast"),
    ("labelstudio-", "labelstudio"),
];

/// Two captures, and whether they are one webhook.
const PAIRS: [(&str, &str, bool); 7] = [
    ("alertmanager-repeat-1", "alertmanager-repeat-2", false),
    ("docker-registry-push-refused", "docker-registry-push-retried", true),
    ("pretix-order-refused", "pretix-order-retried-1", true),
    ("pretix-order-refused", "pretix-order-retried-2", true),
    ("pretix-order-placed", "pretix-order-refused", false),
    ("gitea-push", "gitea-push-redelivered", false),
    ("apprise-json-first-of-id", "apprise-json-same-id-other-body", false),
];

/// A header that takes the place of the genuine one.
type Header = (&'static str, &'static str);

/// Captures that are sent to a source, what is changed of them, and the code of the refusal.
const REFUSED: [(&str, &str, Option<Header>, &str); 14] = [
    ("gitea-no-secret", "gitea", None, "signature_missing"),
    ("gitea-form", "gitea", None, "signature_mismatch"),
    ("gitea-push", "gitea-form", None, "signature_missing"),
    (
        "alertmanager-firing-first",
        "alertmanager-bearer",
        None,
        "signature_missing",
    ),
    ("alertmanager-basic", "alertmanager-bearer", None, "signature_mismatch"),
    (
        "alertmanager-bearer",
        "alertmanager-bearer",
        Some(("Authorization", "Bearer another-am-token")),
        "signature_mismatch",
    ),
    (
        "alertmanager-bearer",
        "alertmanager-bearer",
        Some(("Authorization", "")),
        "signature_missing",
    ),
    (
        "alertmanager-basic",
        "alertmanager-basic",
        Some(("Authorization", "Basic YW06YW5vdGhlci1hbS10b2tlbg==")),
        "signature_mismatch",
    ),
    (
        "docker-registry-push-blob",
        "docker-registry",
        Some(("Authorization", "Bearer another-registry-token")),
        "signature_mismatch",
    ),
    (
        "docker-registry-push-blob",
        "docker-registry",
        Some(("Authorization", "")),
        "signature_missing",
    ),
    (
        "icecast-mount-add",
        "icecast",
        Some(("Authorization", "Basic aWNlOmFub3RoZXItaWNl")),
        "signature_mismatch",
    ),
    (
        "labelstudio-tasks-created",
        "labelstudio",
        Some(("X-Api-Key", "another-ls-key-0123")),
        "signature_mismatch",
    ),
    (
        "labelstudio-tasks-created",
        "labelstudio",
        Some(("X-Api-Key", "")),
        "signature_missing",
    ),
    // Its password has two letters. A secret that can be guessed closes its source.
    ("apprise-json-basic", "apprise-basic", None, "secret_missing"),
];

impl Capture {
    fn body(&self) -> Vec<u8> {
        STANDARD.decode(&self.body_base64).unwrap()
    }

    fn header(&self, name: &str) -> &str {
        let mut headers = self.headers.iter();
        let found = headers.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value)
    }

    /// The genuine bytes and headers. Host and length are those of the connection.
    fn to(&self, source: &str) -> Delivery {
        let query = self.path.split_once('?').map(|(_, query)| format!("?{query}"));
        let path = format!("/webhook/{source}{}", query.unwrap_or_default());
        let delivery = Delivery::new(&path, self.body()).method(&self.method);
        let headers = self.headers.iter();
        headers
            .filter(|(name, _)| !["Host", "Content-Length"].contains(&name.as_str()))
            .fold(delivery, |delivery, (name, value)| delivery.and(name, value))
    }

    /// The id that its file names, itself or by its place.
    fn id(&self) -> Option<String> {
        let told = self.expect["id"].as_str().map(str::to_owned);
        let body = || serde_json::from_slice::<Value>(&self.body()).unwrap();
        let at = |place: &str| match place.split_once(':') {
            Some(("json", pointer)) => {
                let found = body().pointer(pointer).unwrap().clone();
                found.as_str().map_or_else(|| found.to_string(), str::to_owned)
            }
            Some(("header", name)) => self.header(name).to_owned(),
            _ => panic!("{place}"),
        };
        told.or_else(|| self.expect["id_at"].as_str().map(at))
    }
}

fn captures() -> BTreeMap<String, Capture> {
    let directory = root().join("tests/judges/deliveries/captures");
    let files = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let read = |path: std::path::PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
    };
    files.map(read).collect()
}

fn source_of(capture: &str) -> &'static str {
    let mut sources = SOURCES_OF.into_iter();
    sources
        .find(|(beginning, _)| capture.starts_with(beginning))
        .map_or("pretix", |(_, source)| source)
}

fn assert_answered(name: &str, capture: &Capture, answer: &Answer) {
    let is_wanted = match (&capture.expect["status"], &capture.expect["status_class"]) {
        (Value::Number(status), _) => status.as_u64() == Some(answer.status.into()),
        (_, class) => *class == "2xx" && (200..300).contains(&answer.status),
    };
    assert!(is_wanted, "{name}: {} {}", answer.status, answer.text);
}

/// What the status and the trace of an accepted one show.
async fn assert_shown(name: &str, capture: &Capture, service: &Service, token: &str) {
    let end = service.end_of(token).await.unwrap();
    assert_eq!(end["status"], "completed", "{name}: {end}");
    let span = service.root_span(&end).await.unwrap();
    if let Some(event) = capture.expect["event"].as_str() {
        assert_eq!(end["webhookSummary"]["type"], event, "{name}: {end}");
        assert_eq!(span["webhook.type"], event, "{name}: {span}");
    }
    if let Some(id) = capture.id() {
        assert_eq!(span["webhook.delivery_id"], id.as_str(), "{name}: {span}");
    }
    if capture.expect["json"] == true {
        let body: Value = serde_json::from_slice(&capture.body()).unwrap();
        let keys = end["webhookSummary"]["keys"].as_array().unwrap();
        let are_of_body = keys.iter().all(|key| body.get(key.as_str().unwrap()).is_some());
        assert!(are_of_body && !keys.is_empty(), "{name}: {end}");
    }
}

#[tokio::test]
async fn every_genuine_delivery_is_answered_and_told_apart_as_its_file_says() {
    let options = Options {
        config: Some(SOURCES.to_owned()),
        ..Options::default()
    };
    let service = Service::start_with(options).await.unwrap();
    let captures = captures();
    assert_eq!(captures.len(), 37);
    let mut tokens = BTreeMap::new();
    for (name, capture) in &captures {
        let answer = service.send(&capture.to(source_of(name))).await.unwrap();
        assert_answered(name, capture, &answer);
        if answer.status == 401 {
            assert_eq!(
                (name.as_str(), answer.code()),
                ("gitea-wrong-secret", "signature_mismatch")
            );
            continue;
        }
        let is_conflict = capture.expect["conflicts"] == 1;
        assert_eq!(answer.json["conflict"] == true, is_conflict, "{name}: {}", answer.text);
        tokens.insert(name.as_str(), answer.accepted().unwrap());
    }
    assert_eq!(tokens.len(), 36);
    for (name, token) in &tokens {
        assert_shown(name, &captures[*name], &service, token).await;
    }
    for (one, other, are_one) in PAIRS {
        assert_eq!(tokens[one] == tokens[other], are_one, "{one} and {other}");
    }
    // By the hash of its body a redelivery is no webhook of its own.
    let mut by_hash = Vec::new();
    for name in ["gitea-push", "gitea-push-redelivered"] {
        let answer = service.send(&captures[name].to("gitea-by-hash")).await.unwrap();
        by_hash.push(answer.accepted().unwrap());
    }
    assert_eq!(by_hash[0], by_hash[1]);

    for (name, source, change, code) in REFUSED {
        let delivery = captures[name].to(source);
        let delivery = change
            .into_iter()
            .fold(delivery, |delivery, (name, value)| delivery.with(name, value));
        let answer = service.send(&delivery).await.unwrap();
        assert_eq!(
            answer.code(),
            code,
            "{name} to {source}: {} {}",
            answer.status,
            answer.text
        );
    }
}
