//! Sources as they are written, and what they find in a delivery.

mod presets;
mod refused;

use std::collections::BTreeMap;

use http::{HeaderMap, HeaderName, HeaderValue};

use super::*;
use crate::body::Shape;
use crate::record::PayloadDigest;
use crate::rejection::Rejection;
use crate::source_name::SourceName;

const DIGEST: PayloadDigest = [0xab; 32];

fn source(json: &str) -> SourceConfig {
    let sources = Sources::parse(&format!(r#"{{"shop":{json}}}"#)).unwrap();
    sources.get("shop").unwrap().1.clone()
}

/// A delivery as the first way of the source would have proven it.
fn place<'a>(source: &'a SourceConfig, headers: &'a HeaderMap, shape: &'a Shape) -> Place<'a> {
    Place {
        headers,
        shape,
        digest: &DIGEST,
        proven: source.verify().ways().next().unwrap(),
    }
}

fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    let pairs = pairs.iter();
    pairs
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
        .collect()
}

fn identity(source: &SourceConfig, headers: &HeaderMap, body: &str) -> Result<Option<Identity>, Rejection> {
    let shape = Shape::read(body.as_bytes(), source.pointers()).unwrap();
    source.identity(&place(source, headers, &shape))
}

#[test]
fn sources_are_read_from_json() {
    let sources = Sources::parse(
        r#"{"github":{"preset":"github"},"shop":{"preset":"hmac-sha256","id":["header:X-Id"]},"open":{"preset":"none"}}"#,
    )
    .unwrap();
    assert!(sources.get("github").unwrap().1.needs_secret());
    assert!(sources.get("unknown").is_none());
    assert_eq!(sources.unsigned().map(SourceName::as_str).collect::<Vec<_>>(), ["open"]);
    assert_eq!(sources.warnings().count(), 0);
}

#[test]
fn null_is_a_field_that_is_not_there() {
    let written = r#"{"preset":"hmac-sha256","event":["json:/type"]}"#;
    let nulls =
        r#"{"preset":"hmac-sha256","event":["json:/type"],"verify":null,"id":null,"answer":null,"labels":null}"#;
    assert_eq!(source(written), source(nulls));
    assert!(source(r#"{"preset":null,"verify":[{"kind":"basic"}]}"#).needs_secret());
}

#[test]
fn an_unsigned_place_before_a_signed_one_is_a_warning() {
    let warned = |json: &str| Sources::parse(json).unwrap().warnings().count();
    for (json, expected) in [
        (
            r#"{"a":{"preset":"hmac-sha256","event":["header:X-Type","json:/type"]}}"#,
            1,
        ),
        (
            r#"{"a":{"preset":"hmac-sha256","id":["header:X-Id","json:/id"],"event":["header:X-Type","json:/type"]}}"#,
            2,
        ),
        (
            r#"{"a":{"preset":"hmac-sha256","event":["json:/type","header:X-Type"]}}"#,
            0,
        ),
        (r#"{"a":{"preset":"hmac-sha256","id":["header:X-Id","hash"]}}"#, 1),
        (
            r#"{"a":{"preset":"hmac-sha256","id":["header:X-Id"],"on_conflict":"duplicate"}}"#,
            1,
        ),
        (r#"{"a":{"preset":"none","event":["header:X-Type","json:/type"]}}"#, 0),
    ] {
        assert_eq!(warned(json), expected, "{json}");
    }
}

#[test]
fn github_is_known_by_delivery_and_hook() {
    let github = source(r#"{"preset":"github"}"#);
    let id = |pairs: &[(&'static str, &'static str)]| identity(&github, &headers(pairs), "{}").unwrap();
    let (one, other) = (
        id(&[("x-github-delivery", "g"), ("x-github-hook-id", "1")]).unwrap(),
        id(&[("x-github-delivery", "g"), ("x-github-hook-id", "2")]).unwrap(),
    );
    assert_ne!(one.key(), other.key());
    assert_eq!(one.text(), "g+1");
    assert_eq!(id(&[("x-github-delivery", "g")]).unwrap().text(), "g");
    assert_eq!(id(&[("x-github-hook-id", "1")]), None);
}

#[test]
fn joined_parts_cannot_be_moved_from_one_to_the_other() {
    let joined = source(r#"{"preset":"none","id":["header:a+header:b"]}"#);
    let key = |a, b| {
        identity(&joined, &headers(&[("a", a), ("b", b)]), "{}")
            .unwrap()
            .unwrap()
            .key()
    };
    assert_ne!(key("x+y", "z"), key("x", "y+z"));
}

#[test]
fn a_conflict_is_a_duplicate_only_where_the_identity_is_signed() {
    for (json, expected) in [
        (r#"{"preset":"hmac-sha256"}"#, OnConflict::Accept),
        (r#"{"preset":"hmac-sha256","id":["json:/id"]}"#, OnConflict::Duplicate),
        (
            r#"{"preset":"hmac-sha256","id":["json:/id+header:x-webhook-id"]}"#,
            OnConflict::Accept,
        ),
        (r#"{"preset":"none","id":["json:/id"]}"#, OnConflict::Accept),
        (
            r#"{"preset":"none","id":["json:/id"],"on_conflict":"duplicate"}"#,
            OnConflict::Duplicate,
        ),
        (
            r#"{"preset":"hmac-sha256","id":["json:/id"],"on_conflict":"accept"}"#,
            OnConflict::Accept,
        ),
    ] {
        let source = source(json);
        let identity = identity(&source, &headers(&[("x-webhook-id", "w")]), r#"{"id":7}"#)
            .unwrap()
            .unwrap();
        assert_eq!(source.on_conflict(&identity), expected, "{json}");
    }
}

#[test]
fn a_delivery_id_that_cannot_be_used_is_refused() {
    let own = source(r#"{"preset":"hmac-sha256","id":["header:X-Webhook-Id","json:/id"]}"#);
    let (longest, longer) = ("x".repeat(256), "x".repeat(257));
    for (value, expected) in [
        (longest.as_bytes(), Ok(Some(longest.as_str()))),
        (longer.as_bytes(), Err(Rejection::DeliveryId)),
        (b"", Ok(None)),
        (b"  ", Ok(None)),
        (b" w-1 ", Ok(Some("w-1"))),
        ("\u{fc}".as_bytes(), Err(Rejection::DeliveryId)),
        (b"\xff", Err(Rejection::DeliveryId)),
        (b"a\tb", Err(Rejection::DeliveryId)),
        (b" order 17 ", Ok(Some("order 17"))),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert("x-webhook-id", HeaderValue::from_bytes(value).unwrap());
        let found = identity(&own, &headers, "{}").map(|id| id.map(|id| id.text()));
        assert_eq!(found, expected.map(|id| id.map(str::to_owned)), "{value:?}");
    }
    for (body, expected) in [
        (r#"{"id":"n\u00fcmber"}"#, Ok(Some("n\u{fc}mber"))),
        (r#"{"id":"a\nb"}"#, Err(Rejection::DeliveryId)),
        (r#"{"id":"cut \ud83d"}"#, Err(Rejection::DeliveryId)),
        (r#"{"id":{}}"#, Ok(None)),
    ] {
        let found = identity(&own, &HeaderMap::new(), body).map(|id| id.map(|id| id.text()));
        assert_eq!(found, expected.map(|id| id.map(str::to_owned)), "{body}");
    }
}

#[test]
fn type_and_subject_come_from_signed_places_first_and_from_none_where_the_summary_is_off() {
    let body = r#"{"type":"order.paid","source":"shop"}"#;
    let sent = headers(&[("x-webhook-event", "order.refunded")]);
    let described = |json: &str, body: &str| {
        let source = source(json);
        let shape = Shape::read(body.as_bytes(), source.pointers()).unwrap();
        source.describe(&place(&source, &sent, &shape))
    };
    let text = |text: &str| Some(text.to_owned());
    let own = r#"{"preset":"hmac-sha256"}"#;
    assert_eq!(described(own, body), (text("order.paid"), text("shop")));
    assert_eq!(described(own, r#"{"type":""}"#), (text("order.refunded"), None));
    let silent = r#"{"preset":"hmac-sha256","summary":"off"}"#;
    assert_eq!(described(silent, body), (text("order.refunded"), None));
    assert_eq!(described(silent, "{}"), (text("order.refunded"), None));
}

#[test]
fn kept_headers_are_those_of_the_list() {
    let sent = headers(&[
        ("x-github-event", "push"),
        ("x-hub-signature-256", "sha256=00"),
        ("x-other", "1"),
    ]);
    let github = source(r#"{"preset":"github"}"#);
    assert_eq!(
        github.kept_headers(&sent),
        BTreeMap::from([("x-github-event".to_owned(), "push".to_owned())])
    );
    let own = source(r#"{"preset":"github","keep_headers":["X-Other","X-Absent"]}"#);
    assert_eq!(
        own.kept_headers(&sent),
        BTreeMap::from([("x-other".to_owned(), "1".to_owned())])
    );
    assert!(
        source(r#"{"preset":"github","keep_headers":[]}"#)
            .kept_headers(&sent)
            .is_empty()
    );
}

#[test]
fn an_identity_in_a_header_is_never_one_in_the_signed_body() {
    let both = source(r#"{"preset":"hmac-sha256","id":["json:/id","header:x-id"]}"#);
    let key = |pairs: &[(&'static str, &'static str)], body: &str| {
        identity(&both, &headers(pairs), body).unwrap().unwrap().key()
    };
    assert_ne!(key(&[("x-id", "evt_7")], "{}"), key(&[], r#"{"id":"evt_7"}"#));
    let hashed = source(r#"{"preset":"hmac-sha256","id":["header:x-id","hash"]}"#);
    let digest: &'static str = hex::encode(DIGEST).leak();
    let key = |pairs: &[(&'static str, &'static str)]| identity(&hashed, &headers(pairs), "{}").unwrap().unwrap().key();
    assert_ne!(key(&[("x-id", digest)]), key(&[]));
}

#[test]
fn a_summary_that_is_off_shows_no_identity_of_the_payload() {
    let off = source(r#"{"preset":"hmac-sha256","id":["json:/email","header:x-id"],"summary":"off"}"#);
    let shown = |pairs: &[(&'static str, &'static str)], body: &str| {
        off.shown(&identity(&off, &headers(pairs), body).unwrap().unwrap())
    };
    assert!(!shown(&[], r#"{"email":"alice@example.com"}"#).contains("alice"));
    assert_eq!(shown(&[("x-id", "w-1")], "{}"), "w-1");
}

#[test]
fn what_is_signed_is_the_identity_whatever_the_headers_say() {
    let replayed = [
        headers(&[]),
        headers(&[("x-webhook-id", "w-1"), ("x-webhook-event", "order.paid")]),
        headers(&[
            ("x-webhook-id", "w-2"),
            ("x-github-delivery", "d-2"),
            ("idempotency-key", "i-2"),
        ]),
    ];
    for (scheme, place, body) in [
        ("hmac-sha256", "hash", "{}"),
        ("github", "hash", r#"{"id":"evt_7"}"#),
        ("hmac-sha256", "json:/id", r#"{"id":"evt_7"}"#),
        ("github", "json:/event/id", r#"{"event":{"id":7}}"#),
    ] {
        let source = source(&format!(r#"{{"preset":"{scheme}","id":["{place}"]}}"#));
        let keys = replayed
            .each_ref()
            .map(|sent| identity(&source, sent, body).unwrap().unwrap().key());
        assert!(keys.iter().all(|key| *key == keys[0]), "{scheme} {place}: {keys:?}");
    }
    // By default the header decides, and a replay under another id is another webhook.
    let own = source(r#"{"preset":"hmac-sha256"}"#);
    let ids = replayed
        .each_ref()
        .map(|sent| identity(&own, sent, "{}").unwrap().map(|id| id.text()));
    assert_eq!(ids, [None, Some("w-1".to_owned()), Some("w-2".to_owned())]);
}

#[test]
fn a_signed_header_is_the_producers_word() {
    let standard = source(r#"{"preset":"standard-webhooks"}"#);
    let sent = headers(&[("webhook-id", "msg_1")]);
    let id = identity(&standard, &sent, "{}").unwrap().unwrap();
    assert!(id.is_signed());
    assert_eq!(standard.on_conflict(&id), OnConflict::Duplicate);
    let other = source(r#"{"preset":"standard-webhooks","id":["header:x-id"]}"#);
    let id = identity(&other, &headers(&[("x-id", "msg_1")]), "{}").unwrap().unwrap();
    assert!(!id.is_signed());
}

#[test]
fn a_field_of_a_form_is_a_place() {
    let form = source(r#"{"preset":"hmac-sha256","body":"form","id":["form:Sid+form:Status"]}"#);
    let document = crate::body::document(form.body(), b"Sid=S%2D1&Status=sent&x=1")
        .unwrap()
        .unwrap();
    let shape = Shape::read(&document, form.pointers()).unwrap();
    let headers = HeaderMap::new();
    let id = form.identity(&place(&form, &headers, &shape)).unwrap().unwrap();
    assert_eq!(id.text(), "S-1+sent");
}

#[test]
fn labels_are_short_and_can_be_printed() {
    let labelled = source(r#"{"preset":"hmac-sha256","labels":{"payment":"json:/id","hook":"header:x-hook"}}"#);
    let long = "\u{fc}".repeat(40);
    for (value, expected) in [
        ("pi_1", Some("pi_1".to_owned())),
        (" pi_1 ", Some("pi_1".to_owned())),
        ("a\\nb", None),
        ("", None),
        (&long, Some("\u{fc}".repeat(32))),
    ] {
        let body = format!(r#"{{"id":"{value}"}}"#);
        let shape = Shape::read(body.as_bytes(), labelled.pointers()).unwrap();
        let headers = HeaderMap::new();
        let labels = labelled.labels(&place(&labelled, &headers, &shape));
        let expected: BTreeMap<_, _> = expected.map(|text| ("payment".to_owned(), text)).into_iter().collect();
        assert_eq!(labels, expected, "{value}");
    }
}

#[test]
fn a_summary_that_is_off_shows_no_label_of_the_payload() {
    let json = r#"{"preset":"hmac-sha256","labels":{"mail":"json:/mail","hook":"header:x-hook"},"summary":"off"}"#;
    let off = source(json);
    let shape = Shape::read(br#"{"mail":"alice@example.com"}"#, off.pointers()).unwrap();
    let headers = headers(&[("x-hook", "7")]);
    let labels = off.labels(&place(&off, &headers, &shape));
    assert_eq!(labels, BTreeMap::from([("hook".to_owned(), "7".to_owned())]));
    let warned = |json: &str| {
        let sources = Sources::parse(&format!(r#"{{"a":{json}}}"#)).unwrap();
        let warnings = sources.warnings();
        warnings.filter(|(_, warning)| warning.starts_with("labels")).count()
    };
    assert_eq!(
        (
            warned(json),
            warned(&json.replace("off", "on")),
            warned(&json.replace("json:/mail", "hash"))
        ),
        (1, 0, 0)
    );
}

#[test]
fn a_field_without_effect_is_a_warning_where_the_source_has_it_itself() {
    for (source, expected) in [
        (r#"{"preset":"xero"}"#, 0),
        (r#"{"preset":"xero","batch":"/events"}"#, 1),
        (r#"{"preset":"xero","batch":null}"#, 0),
        (r#"{"preset":"github","probes":true,"retention_days":30}"#, 0),
    ] {
        let sources = Sources::parse(&format!(r#"{{"a":{source}}}"#)).unwrap();
        assert_eq!(sources.warnings().count(), expected, "{source}");
    }
}

#[test]
fn a_field_of_its_own_takes_the_place_of_the_presets() {
    let own = source(r#"{"preset":"github","event":["json:/action"],"summary":null}"#);
    assert_eq!(own.event.len(), 1);
    assert_eq!(
        (own.id.len(), own.keep_headers.len(), own.summary()),
        (2, 7, Summarise::On)
    );
    assert_eq!(own.answer(), None);
    let answered = source(
        r#"{"preset":"github","answer":{"status":200,"json":{"ok":true},"headers":{"X-Ok":"1"}},"retention_days":30}"#,
    );
    let answer = answered.answer().unwrap();
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, r#"{"ok":true}"#));
    assert_eq!(answered.retention_days(), Some(30));
}

#[test]
fn a_source_is_answered_as_its_producer_wants() {
    let plain = source(r#"{"preset":"github","answer":{"status":200}}"#);
    let answer = crate::gateway::Answer::fixed(plain.answer().unwrap());
    assert_eq!(
        (answer.status(), answer.body(), answer.header("Content-Type")),
        (200, "", None)
    );
    let told = source(r#"{"preset":"github","answer":{"body":"[accepted]","headers":{"X-Ok":"1"}}}"#);
    let answer = crate::gateway::Answer::fixed(told.answer().unwrap());
    assert_eq!((answer.status(), answer.body()), (200, "[accepted]"));
    assert_eq!(
        (answer.header("Content-Type"), answer.header("x-ok")),
        (Some("text/plain"), Some("1"))
    );
}
