//! Deliveries of all known producers, changed anyhow: no verification panics or takes long, and none accepts without the live
//! secret.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};
use tracehook_core::secret::Secret;
use tracehook_core::signature::Delivery;
use tracehook_core::{SourceConfig, Sources, Timestamp};
use tracehook_test_support::fuzzing::{bytes, fuzz};

/// The longest time for one verification, in a build without optimisation and on a machine with other work.
const LONGEST: Duration = Duration::from_secs(2);

/// A delivery that its producer's scheme accepts.
struct Case {
    id: String,
    source: SourceConfig,
    secret: String,
    method: Method,
    query: String,
    headers: Vec<(HeaderName, Vec<u8>)>,
    body: Vec<u8>,
    at: Timestamp,
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}

fn case(vector: &Value, schemes: &BTreeMap<String, Value>) -> Option<Case> {
    let mut source = schemes.get(text(vector, "provider"))?.clone();
    let (url, query) = text(vector, "url").split_once('?').unwrap_or((text(vector, "url"), ""));
    if !url.is_empty() {
        source["public_url"] = json!(url);
    }
    source["parameters"] = vector["parameters"].clone();
    source.as_object_mut().unwrap().remove("challenge");
    let sources = Sources::parse(&json!({"a": source}).to_string()).ok()?;
    let headers = vector["headers"].as_object()?.iter();
    let header =
        |(name, value): (&String, &Value)| (name.parse().unwrap(), value.as_str().unwrap().as_bytes().to_vec());
    Some(Case {
        id: text(vector, "id").to_owned(),
        source: sources.get("a").unwrap().1.clone(),
        secret: text(vector, "secret").to_owned(),
        method: vector["method"].as_str().unwrap_or("POST").parse().unwrap(),
        query: query.to_owned(),
        headers: headers.map(header).collect(),
        body: text(vector, "body").as_bytes().to_vec(),
        at: Timestamp::from_epoch_ms(vector["at"].as_i64().unwrap_or(1_767_225_600) * 1000),
    })
}

/// The vectors of schemes that the reader takes.
fn cases() -> Vec<Case> {
    let schemes: BTreeMap<String, Value> = serde_json::from_str(include_str!("../sources/schemes.json")).unwrap();
    let texts = [
        include_str!("../sources/vectors.json"),
        include_str!("../sources/vectors-signed.json"),
    ];
    let read = |text| {
        serde_json::from_str::<Value>(text).unwrap()["vectors"]
            .as_array()
            .unwrap()
            .clone()
    };
    let vectors: Vec<Value> = texts.into_iter().flat_map(read).collect();
    let accepted = vectors.iter().filter(|vector| vector["refuse"].is_null());
    accepted.filter_map(|vector| case(vector, &schemes)).collect()
}

impl Case {
    fn is_accepted(&self, headers: &[(HeaderName, Vec<u8>)], query: &str, body: &[u8], secrets: &[&str]) -> bool {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            // What HTTP does not allow does not arrive.
            if let Ok(value) = HeaderValue::from_bytes(value) {
                map.append(name, value);
            }
        }
        let secrets: Vec<_> = secrets.iter().map(Secret::new).collect();
        let delivery = Delivery {
            method: &self.method,
            query,
            headers: &map,
            body,
            received_at: self.at,
        };
        let begun = Instant::now();
        let verdict = self.source.verify().verify(&delivery, &secrets);
        assert!(begun.elapsed() < LONGEST, "{:?} for {}", begun.elapsed(), self.id);
        verdict.is_ok()
    }
}

#[test]
fn no_delivery_of_a_known_producer_is_accepted_without_the_live_secret() {
    let cases = cases();
    assert!(cases.len() > 150, "{} vectors", cases.len());
    let corpus: Vec<Vec<u8>> = cases.iter().map(|case| case.body.clone()).collect();
    let values = cases
        .iter()
        .flat_map(|case| case.headers.iter().map(|(_, value)| value.clone()));
    let values: Vec<Vec<u8>> = values.collect();
    let changed = vec((any::<Index>(), bytes(&values), any::<bool>()), 0..4);
    let inputs = (
        any::<Index>(),
        changed,
        proptest::option::of(bytes(&corpus)),
        "[ -~]{0,20}",
        any::<Index>(),
    );
    let (is_genuine, is_live) = (Cell::new(0_u32), Cell::new(0_u32));
    fuzz(
        "deliveries",
        cases.len(),
        1_500,
        inputs,
        |(case, changes, body, more, other)| {
            let case = case.get(&cases);
            let (mut headers, body) = (case.headers.clone(), body.unwrap_or_else(|| case.body.clone()));
            for (at, value, is_further) in changes {
                if headers.is_empty() {
                    continue;
                }
                let at = at.index(headers.len());
                if is_further {
                    let name = headers[at].0.clone();
                    headers.push((name, value));
                } else {
                    headers[at].1 = value;
                }
            }
            let query = format!("{}{more}", case.query);
            let needs_secret = case.source.needs_secret();
            // With the secret of another case, its proof and its body would be genuine.
            let near = near(&other.get(&cases).secret);
            for secrets in [&[][..], &["dead-secret-0123456789"], &[&near]] {
                if needs_secret {
                    let is_accepted = case.is_accepted(&headers, &query, &body, secrets);
                    assert!(!is_accepted, "{} with {secrets:?}", case.id);
                }
            }
            let is_accepted = case.is_accepted(&headers, &query, &body, &[&case.secret]);
            is_live.set(is_live.get() + u32::from(is_accepted));
            // The delivery itself shows that the case is one.
            let is_accepted = case.is_accepted(&case.headers, &case.query, &case.body, &[&case.secret]);
            assert!(is_accepted || !needs_secret, "{}", case.id);
            is_genuine.set(is_genuine.get() + 1);
        },
    );
    assert!(is_live.get() < is_genuine.get() / 2, "{is_live:?} of {is_genuine:?}");
}

/// A secret of the same form: another letter or digit in its middle.
fn near(secret: &str) -> String {
    let middle = secret.len() / 2;
    let other = |(at, c): (usize, char)| match c {
        'a' | 'A' if at == middle => 'b',
        '0'..='9' | 'B'..='Z' | 'b'..='z' if at == middle => 'a',
        _ if at == middle => '0',
        c => c,
    };
    secret.chars().enumerate().map(other).collect()
}
