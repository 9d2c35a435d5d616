//! Places of a request: what a source reads of hostile headers and bodies, held against another reading of the same places.

use std::cell::Cell;

use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tracehook_core::body::Shape;
use tracehook_core::source::{Identity, Locator, Place};
use tracehook_core::{Rejection, SourceConfig, Sources};
use tracehook_test_support::fuzzing::{bytes, fuzz, texts};

use crate::body::bodies;

/// One place a line.
const PLACES: &str = include_str!("../corpus/places.txt");
/// The value of every header that carries a credential.
const MARKER: &str = "MARKER-of-a-credential";
const CREDENTIALS: [&str; 7] = [
    "authorization",
    "cookie",
    "x-hub-signature-256",
    "x-gitlab-token",
    "x-api-key",
    "stripe-signature",
    "proxy-authorization",
];
const NAMES: [&str; 7] = [
    "x-id",
    "x-github-delivery",
    "x-github-hook-id",
    "x-github-event",
    "i-twilio-idempotency-token",
    "content-type",
    "x-forwarded-for",
];

fn values() -> impl Strategy<Value = Vec<u8>> {
    let likely = [
        "e-1",
        " e-1 ",
        "",
        " ",
        "\t",
        "e\u{1}",
        "1,2",
        "+",
        "a+b",
        "caf\u{e9}",
        "\u{202e}x",
    ];
    prop_oneof![
        4 => select(likely.to_vec()).prop_map(|text| text.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 0..12),
        1 => (1..400_usize).prop_map(|len| vec![b'x'; len]),
    ]
}

fn headers(given: &[(&'static str, Vec<u8>)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in given {
        // A header that HTTP does not allow never reaches the domain.
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.append(HeaderName::from_static(name), value);
        }
    }
    for name in CREDENTIALS {
        headers.append(HeaderName::from_static(name), HeaderValue::from_static(MARKER));
    }
    headers
}

/// A source with these places of the identity and the type; none where they are refused.
fn source(id: &[String], event: &[String], scheme: &str, summary: &str) -> Option<SourceConfig> {
    let written = json!({"shop": {"preset": scheme, "id": id, "event": event, "summary": summary}});
    let sources = Sources::parse(&written.to_string()).ok()?;
    Some(sources.get("shop")?.1.clone())
}

/// A delivery as the only way of a source has proven it.
fn proven<'a>(source: &'a SourceConfig, headers: &'a HeaderMap, shape: &'a Shape, digest: &'a [u8; 32]) -> Place<'a> {
    Place {
        headers,
        shape,
        digest,
        proven: source.verify().ways().next().unwrap(),
    }
}

/// The parts at a place, read another way: from the whole body as a value.
fn parts(place: &str, headers: &HeaderMap, body: &Value, digest: &[u8; 32]) -> Option<Vec<String>> {
    place
        .split('+')
        .map(|part| {
            let text = match part.split_once(':') {
                Some(("header", name)) => String::from_utf8_lossy(headers.get(name)?.as_bytes()).trim().to_owned(),
                Some(("json", pointer)) => match body.pointer(pointer)? {
                    Value::String(text) => text.trim().to_owned(),
                    // Numbers are read as they are written.
                    Value::Number(_) => "a number".to_owned(),
                    _ => return None,
                },
                Some(("const", text)) => text.to_owned(),
                _ => hex::encode(digest),
            };
            (!text.is_empty()).then_some(text)
        })
        .collect()
}

/// True if every text of a value is.
fn all(value: &Value, short: &impl Fn(&str) -> bool) -> bool {
    match value {
        Value::String(text) => short(text),
        Value::Array(items) => items.iter().all(|item| all(item, short)),
        Value::Object(fields) => fields.iter().all(|(key, field)| short(key) && all(field, short)),
        _ => true,
    }
}

/// Bodies that are read alike everywhere: no duplicate keys, no text that is cut or half a character.
fn is_plain(body: &[u8]) -> Option<Value> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let short = |text: &str| text.chars().count() < 100 && text.chars().all(|c| c >= ' ' && c.is_ascii());
    let keys = |value: &Value| value.to_string().matches("\":").count();
    let written = String::from_utf8_lossy(body).matches("\":").count();
    (all(&value, &short) && keys(&value) == written).then_some(value)
}

#[test]
fn an_identity_is_what_its_first_place_says_and_nothing_that_a_stranger_chose_is_a_signed_one() {
    let places: Vec<_> = PLACES.lines().map(|line| line.as_bytes().to_vec()).collect();
    let bodies = bodies();
    let likely = select(PLACES.lines().map(str::to_owned).collect::<Vec<_>>());
    let place = prop_oneof![6 => likely, 1 => texts(&places)];
    let header = || (select(NAMES.to_vec()), values());
    let case = (
        vec(place, 1..5),
        vec(header(), 0..5),
        vec(header(), 0..5),
        prop_oneof![
            1 => bytes(&bodies),
            2 => select(vec![
                br#"{"id":"e-1","type":"t","data":{"object":{"id":"o-1"}},"items":[1,{"id":7}],"a/b":"s","m~n":"t"}"#.to_vec(),
                br#"{"id":" ","type":"","data":{"object":{"id":null}},"":"empty"}"#.to_vec(),
                br#"[{"type":"list"},{"id":"x"}]"#.to_vec(),
                // No identity is that long or has such a character.
                format!(r#"{{"id":"{0}","type":"{0}","data":{{"object":{{"id":"e\u0001"}}}}}}"#, "e".repeat(300)).into_bytes(),
            ]),
        ],
        select(vec!["github", "hmac-sha256", "none"]),
        select(vec!["on", "off"]),
    );
    let (found, compared, refused) = (Cell::new(0_u32), Cell::new(0_u32), Cell::new(0_u32));
    fuzz(
        "places",
        places.len(),
        6_000,
        case,
        |(id, given, other, body, scheme, summary)| {
            for text in &id {
                assert_eq!(text.parse::<Locator>().is_ok_and(|it| it.is_none()), text == "none");
            }
            let Some(source) = source(&id, &id, scheme, summary) else {
                return;
            };
            let Ok(shape) = Shape::read(&body, source.pointers()) else {
                return;
            };
            let digest: [u8; 32] = Sha256::digest(&body).into();
            let (ours, theirs) = (headers(&given), headers(&other));
            let read = source.identity(&proven(&source, &ours, &shape, &digest));
            let (event, subject) = source.describe(&proven(&source, &ours, &shape, &digest));
            let kept = source.kept_headers(&ours);
            let shown = read.as_ref().ok().and_then(Option::as_ref).map(|id| source.shown(id));
            let texts = [event, subject, shown].into_iter().flatten().chain(kept.into_values());
            texts.for_each(|text| assert!(!text.contains(MARKER), "{id:?} shows a credential"));
            match &read {
                Ok(Some(identity)) => {
                    found.set(found.get() + 1);
                    assert!((1..=256).contains(&identity.text().len()), "{identity:?}");
                    assert!(!identity.text().chars().any(char::is_control), "{identity:?}");
                }
                Ok(None) => {}
                Err(rejection) => {
                    refused.set(refused.get() + 1);
                    assert_eq!(*rejection, Rejection::DeliveryId);
                }
            }
            check_strangers(
                &source,
                &shape,
                &digest,
                read.as_ref().ok().and_then(Option::as_ref),
                &theirs,
            );
            if let (Some(value), Ok(read)) = (is_plain(&body), &read) {
                let first = id
                    .iter()
                    .take_while(|place| *place != "none")
                    .find_map(|place| Some((place, parts(place, &ours, &value, &digest)?)));
                assert_eq!(read.is_some(), first.is_some(), "{id:?} of {value}");
                if let (Some(identity), Some((place, parts))) = (read, first) {
                    compared.set(compared.get() + 1);
                    let is_signed = place
                        .split('+')
                        .all(|part| part.starts_with("const:") || (!part.starts_with("header:") && scheme != "none"));
                    assert_eq!(identity.is_signed(), is_signed, "{place}");
                    if !parts.iter().any(|part| part == "a number") {
                        assert_eq!(identity.text(), parts.join("+"), "{place}");
                    }
                }
            }
        },
    );
    // A longer run must not thin out what is looked at.
    for (what, count) in [("found", &found), ("compared", &compared), ("refused", &refused)] {
        assert!(count.get() > 20, "{what}: {}", count.get());
    }
}

/// Other headers on the same body change no signed identity, and no unsigned one has its key.
fn check_strangers(
    source: &SourceConfig,
    shape: &Shape,
    digest: &[u8; 32],
    genuine: Option<&Identity>,
    theirs: &HeaderMap,
) {
    let (Some(genuine), Ok(Some(strange))) = (genuine, source.identity(&proven(source, theirs, shape, digest))) else {
        return;
    };
    match (genuine.is_signed(), strange.is_signed()) {
        (true, true) => assert_eq!(genuine, &strange, "headers have changed a signed identity"),
        (false, false) => assert!(genuine.key() != strange.key() || genuine.text() == strange.text()),
        _ => assert_ne!(genuine.key(), strange.key()),
    }
}
