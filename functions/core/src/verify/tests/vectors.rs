//! Every vector of kinds that are built: accepted as it is, and refused after each change, with the right error.

use std::collections::BTreeMap;

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::secret::Secret;
use crate::signature::{Delivery, SignatureError};
use crate::timestamp::Timestamp;
use crate::verify::written::LATER;
use crate::verify::{Faults, Setting, Verify};

#[derive(Deserialize)]
struct Vectors {
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    id: String,
    provider: String,
    secret: String,
    method: Option<String>,
    url: Option<String>,
    headers: BTreeMap<String, String>,
    body: String,
    #[serde(default = "then")]
    at: i64,
    refuse: Option<String>,
    #[serde(default)]
    parameters: BTreeMap<String, String>,
}

/// The time of the vectors that say none.
fn then() -> i64 {
    1_767_225_600
}

/// A way as the reader takes it: the list of producers says more than the format has.
fn way(written: &Value) -> Value {
    let mut way = written.clone();
    let fields = way.as_object_mut().unwrap();
    fields.remove("requires");
    fields.remove("body");
    // The payload is one of two fields; what else may be in the form is not signed.
    if fields
        .get("signed")
        .is_some_and(|signed| signed.to_string().contains("{form:bt_payload}"))
    {
        fields.insert("body_unsigned".to_owned(), json!(true));
    }
    // An item that nothing uses is passed over without being named.
    if fields.get("timestamp").is_none()
        && let Some(items) = fields
            .get_mut("signature")
            .and_then(|signature| signature["items"].as_array_mut())
    {
        items.retain(|item| item.as_str().is_some_and(|item| !item.contains("{timestamp}")));
    }
    for claim in fields
        .get_mut("claims")
        .and_then(Value::as_object_mut)
        .into_iter()
        .flatten()
    {
        if let Some(name) = claim
            .1
            .as_str()
            .and_then(|text| text.strip_prefix('{'))
            .filter(|name| *name != "url}")
        {
            *claim.1 = json!(format!("{{parameter:{name}"));
        }
    }
    way
}

/// What the reader refuses because it is not built.
fn is_later(way: &Value) -> bool {
    let kind = way["kind"].as_str().unwrap();
    let others = [
        "salesforce-soap",
        "rsa-double-sha256",
        "exact-online",
        "treezor",
        "oauth-token",
        "travis",
    ];
    LATER.contains(&kind)
        || others.contains(&kind)
        || way["keys"] == "jwks"
        || way["weak"] == true
        || way["from"].to_string().contains("path:")
}

struct Case {
    verify: Verify,
    method: Method,
    query: String,
    headers: HeaderMap,
    body: Vec<u8>,
    at: i64,
    secrets: Vec<Secret>,
}

impl Case {
    fn verdict(&self) -> Result<(), SignatureError> {
        let delivery = Delivery {
            method: &self.method,
            query: &self.query,
            ..Delivery::post(&self.headers, &self.body, Timestamp::from_epoch_ms(self.at * 1000))
        };
        self.verify.verify(&delivery, &self.secrets).map(drop)
    }

    /// Asserts that it is refused, with one of these errors, and gives back what it was.
    #[track_caller]
    fn refused(&self, why: &str, expected: &[SignatureError]) {
        let verdict = self.verdict();
        assert!(
            verdict.is_err_and(|error| expected.contains(&error)),
            "{why}: {verdict:?}, expected {expected:?}"
        );
    }
}

/// The vector's case; absent when no way of its producer is built.
fn case(vector: &Vector, schemes: &Value) -> Option<Case> {
    let scheme = &schemes[&vector.provider];
    let ways: Vec<Value> = scheme["verify"]
        .as_array()
        .unwrap()
        .iter()
        .map(way)
        .filter(|way| !is_later(way))
        .collect();
    if ways.is_empty() {
        return None;
    }
    let url = vector
        .url
        .as_deref()
        .unwrap_or("https://hooks.example.com/webhook/source");
    let (url, query) = url.split_once('?').unwrap_or((url, ""));
    let setting = Setting {
        parameters: vector.parameters.clone(),
        public_url: Some(url.parse().unwrap()),
        body: scheme["body"].as_str().unwrap().parse().unwrap_or_default(),
    };
    let mut faults = Faults::default();
    let verify = Verify::read("verify", &ways.into(), &setting, &mut faults);
    assert_eq!(faults.all(), [], "{}", vector.id);
    let header = |(name, value): (&String, &String)| {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        (name, HeaderValue::from_bytes(value.as_bytes()).unwrap())
    };
    Some(Case {
        verify: verify.unwrap(),
        method: vector.method.as_deref().unwrap_or("POST").parse().unwrap(),
        query: query.to_owned(),
        headers: vector.headers.iter().map(header).collect(),
        body: vector.body.clone().into_bytes(),
        at: vector.at,
        secrets: vec![Secret::new(&vector.secret)],
    })
}

fn all() -> Vec<Vector> {
    let texts = [
        include_str!("../../../tests/sources/vectors.json"),
        include_str!("../../../tests/sources/vectors-signed.json"),
    ];
    let read = |text| serde_json::from_str::<Vectors>(text).unwrap().vectors;
    texts.into_iter().flat_map(read).collect()
}

fn schemes() -> Value {
    serde_json::from_str(include_str!("../../../tests/sources/schemes.json")).unwrap()
}

#[test]
fn every_vector_behaves_as_it_says_and_no_change_of_it_is_accepted() {
    let schemes = schemes();
    let (mut accepted, mut refused, mut later) = (0, 0, Vec::new());
    for vector in all() {
        let Some(mut case) = case(&vector, &schemes) else {
            later.push(vector.provider);
            continue;
        };
        let id = vector.id.as_str();
        if let Some(why) = &vector.refuse {
            let expected = expected_of(why);
            case.refused(&format!("{id}: {why}"), &expected);
            refused += 1;
            continue;
        }
        assert_eq!(case.verdict(), Ok(()), "{id}");
        accepted += 1;
        if case.verify.needs_secret() {
            changed_secrets(&mut case, id);
            changed_bodies(&mut case, id);
            changed_proofs(&mut case, id);
            changed_times(&mut case, id, &vector, &schemes);
        }
        assert_eq!(case.verdict(), Ok(()), "{id} after all changes");
    }
    later.sort();
    later.dedup();
    assert_eq!(
        later,
        [
            "cloudinary",
            "feishu-lark",
            "google-chat",
            "google-pubsub",
            "kinde",
            "paypro"
        ]
    );
    assert_eq!((accepted, refused), (217, 31));
}

/// The errors that fit what a vector says of itself.
fn expected_of(why: &str) -> Vec<SignatureError> {
    if why.contains("stale") || why.contains("future") || why.contains("token over") {
        vec![SignatureError::Stale]
    } else {
        vec![
            SignatureError::Mismatch,
            SignatureError::Malformed,
            SignatureError::Missing,
            SignatureError::Stale,
        ]
    }
}

fn changed_secrets(case: &mut Case, id: &str) {
    let wrong = Secret::new("another-secret-0123456789");
    let right = std::mem::replace(&mut case.secrets, vec![wrong.clone()]);
    case.refused(&format!("{id}: a wrong secret"), &[SignatureError::Mismatch]);
    case.secrets = Vec::new();
    case.refused(&format!("{id}: no secret"), &[SignatureError::Mismatch]);
    case.secrets = vec![wrong, right[0].clone()];
    assert_eq!(case.verdict(), Ok(()), "{id}: a rolled secret");
    case.secrets = right;
}

fn changed_bodies(case: &mut Case, id: &str) {
    let body = case.body.clone();
    let whole = case.verify.covers_body();
    let mut changes = vec![
        ("a newline added", [&body[..], b"\n"].concat()),
        ("no body", Vec::new()),
    ];
    for (name, at) in [
        ("first", 0),
        ("middle", body.len() / 2),
        ("last", body.len().saturating_sub(1)),
    ] {
        let mut changed = body.clone();
        if let Some(byte) = changed.get_mut(at) {
            *byte ^= 1;
        }
        changes.push((name, changed));
    }
    for (name, changed) in changes {
        if changed == body || !whole {
            continue;
        }
        case.body = changed;
        // A newline after a token that is the whole body is not part of it.
        if name == "a newline added" && case.verdict().is_ok() && !body.contains(&b'{') {
            continue;
        }
        let expected = [
            SignatureError::Mismatch,
            SignatureError::Malformed,
            SignatureError::Missing,
        ];
        case.refused(&format!("{id}: {name}"), &expected);
    }
    case.body = body;
}

/// Each header that the verdict depends on: left out, empty, cut, another, swapped, and twice with different values.
fn changed_proofs(case: &mut Case, id: &str) {
    use SignatureError::{Malformed, Mismatch, Missing, Stale};
    let headers = case.headers.clone();
    let names: Vec<HeaderName> = headers.keys().cloned().collect();
    let mut needed = Vec::new();
    for name in names {
        case.headers.remove(&name);
        if case.verdict().is_err() {
            case.refused(&format!("{id}: without {name}"), &[Missing, Mismatch]);
            needed.push(name.clone());
        }
        case.headers = headers.clone();
    }
    for name in &needed {
        let value = headers[name].to_str().unwrap_or_default().to_owned();
        let first = value.chars().next().unwrap_or('x');
        let other = if first == 'y' { 'z' } else { 'y' };
        let changed = format!("{other}{}", value.get(first.len_utf8()..).unwrap_or_default());
        let cut = value
            .get(..value.len().saturating_sub(1))
            .unwrap_or_default()
            .to_owned();
        for changed in [String::new(), "x".to_owned(), changed, cut] {
            let is_same = changed.trim_end_matches('=') == value.trim_end_matches('=');
            case.headers.insert(name, changed.parse().unwrap());
            // What stands before these signatures nobody signs: a key's name, a time without a use, another signature.
            let has_more = ["/SHA256/", ",s0:", " v1", ",v1=", ";h1="]
                .iter()
                .any(|more| changed.contains(more));
            let is_untouched = has_more && case.verdict().is_ok();
            if !is_same && !is_untouched {
                case.refused(
                    &format!("{id}: {name} is {changed}"),
                    &[Missing, Malformed, Mismatch, Stale],
                );
            }
        }
        case.headers = headers.clone();
        case.headers.append(name, "another".parse().unwrap());
        case.refused(&format!("{id}: {name} twice"), &[Malformed, Mismatch]);
        case.headers = headers.clone();
    }
    if let [one, two, ..] = needed.as_slice() {
        case.headers.insert(one, headers[two].clone());
        case.headers.insert(two, headers[one].clone());
        if headers[one] != headers[two] {
            case.refused(
                &format!("{id}: {one} and {two} swapped"),
                &[Missing, Malformed, Mismatch],
            );
        }
        case.headers = headers.clone();
    }
    // What proves itself by its query or its body has no header that is needed.
    let (query, body) = (std::mem::take(&mut case.query), case.body.clone());
    let by_query = case.verdict().is_err();
    case.query = query;
    case.body = Vec::new();
    let by_body = case.verdict().is_err();
    case.body = body;
    assert!(!needed.is_empty() || by_query || by_body, "{id}: nothing is needed");
}

/// A time that is checked, a second inside of its tolerance and a second outside of it.
fn changed_times(case: &mut Case, id: &str, vector: &Vector, schemes: &Value) {
    let ways = schemes[&vector.provider]["verify"].as_array().unwrap();
    let tolerances: Vec<i64> = ways
        .iter()
        .map(|way| way["timestamp"]["tolerance"].as_i64().unwrap_or_default())
        .collect();
    let at = case.at;
    if tolerances.iter().all(|tolerance| *tolerance > 0) {
        let day = 86_400;
        for shift in [-3 * day, 3 * day] {
            case.at = at + shift;
            case.refused(&format!("{id}: {shift} s later"), &[SignatureError::Stale]);
        }
    }
    case.at = at;
}
