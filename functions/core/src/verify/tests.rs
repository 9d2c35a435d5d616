//! Every vector of kinds that are built: accepted as it is, and refused after each change.

use std::collections::BTreeMap;

use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::Value;

use super::*;
use crate::timestamp::Timestamp;

#[derive(Deserialize)]
struct Vectors {
    vectors: Vec<Vector>,
}

/// A request that a producer's own code, its documentation or an independent implementation has made.
#[derive(Deserialize)]
struct Vector {
    id: String,
    provider: String,
    secret: String,
    headers: BTreeMap<String, String>,
    body: String,
    #[serde(default = "then")]
    at: i64,
    #[serde(default)]
    refuse: Option<String>,
    #[serde(default)]
    parameters: BTreeMap<String, String>,
}

/// The time of the vectors that say none.
fn then() -> i64 {
    1_767_225_600
}

/// A producer's ways, those that are built.
fn ways(vector: &Vector, schemes: &Value) -> Option<Verify> {
    let list = schemes[&vector.provider]["verify"].as_array()?;
    let built = list.iter().filter(|way| {
        let mut faults = Faults::default();
        Verify::read("verify", &Value::Array(vec![(*way).clone()]), &vector.parameters, &mut faults).is_some()
    });
    let built: Vec<Value> = built.cloned().collect();
    let mut faults = Faults::default();
    Verify::read("verify", &built.into(), &vector.parameters, &mut faults)
}

struct Case {
    verify: Verify,
    headers: HeaderMap,
    body: Vec<u8>,
    at: i64,
    secrets: Vec<Secret>,
}

impl Case {
    fn verdict(&self) -> Result<(), SignatureError> {
        let delivery = Delivery {
            headers: &self.headers,
            body: &self.body,
            received_at: Timestamp::from_epoch_ms(self.at * 1000),
        };
        self.verify.verify(&delivery, &self.secrets)
    }
}

fn case(vector: &Vector, schemes: &Value) -> Option<Case> {
    let verify = ways(vector, schemes)?;
    let header = |(name, value): (&String, &String)| {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        (name, HeaderValue::from_bytes(value.as_bytes()).unwrap())
    };
    Some(Case {
        verify,
        headers: vector.headers.iter().map(header).collect(),
        body: vector.body.clone().into_bytes(),
        at: vector.at,
        secrets: vec![Secret::new(&vector.secret)],
    })
}

fn all() -> Vec<Vector> {
    let texts = [
        include_str!("../../tests/sources/vectors.json"),
        include_str!("../../tests/sources/vectors-signed.json"),
    ];
    let read = |text| serde_json::from_str::<Vectors>(text).unwrap().vectors;
    texts.into_iter().flat_map(read).collect()
}

#[test]
fn every_vector_behaves_as_it_says_and_no_change_of_it_is_accepted() {
    let schemes: Value = serde_json::from_str(include_str!("../../tests/sources/schemes.json")).unwrap();
    let (mut accepted, mut refused, mut left) = (0, 0, Vec::new());
    for vector in all() {
        let Some(mut case) = case(&vector, &schemes) else {
            left.push(vector.id);
            continue;
        };
        let id = &vector.id;
        if let Some(why) = &vector.refuse {
            assert!(case.verdict().is_err(), "{id}: {why}");
            refused += 1;
            continue;
        }
        if case.verdict().is_err() {
            left.push(format!("{id} {:?}", case.verdict()));
            continue;
        }
        accepted += 1;
        if !case.verify.needs_secret() {
            continue;
        }
        let secrets = std::mem::replace(&mut case.secrets, vec![Secret::new("another-secret-0123456789")]);
        assert!(case.verdict().is_err(), "{id}: a wrong secret");
        case.secrets = Vec::new();
        assert!(case.verdict().is_err(), "{id}: no secret");
        case.secrets = secrets;
        if case.verify.covers_body() {
            changed_bodies(&mut case, id);
        }
        changed_headers(&mut case, id);
        assert_eq!(case.verdict(), Ok(()), "{id}");
    }
    println!("accepted {accepted}, refused {refused}, left {}: {left:?}", left.len());
}

fn changed_bodies(case: &mut Case, id: &str) {
    let body = case.body.clone();
    let mut changes = vec![[&body[..], b"\n"].concat(), Vec::new()];
    for at in [0, body.len() / 2, body.len() - 1] {
        let mut changed = body.clone();
        changed[at] ^= 1;
        changes.push(changed);
    }
    for changed in changes {
        if changed != body {
            case.body = changed;
            assert!(case.verdict().is_err(), "{id}: another body");
        }
    }
    case.body = body;
}

/// Each header that the verdict depends on: left out, cut, and twice with different values.
fn changed_headers(case: &mut Case, id: &str) {
    let headers = case.headers.clone();
    let mut needed = 0;
    for name in headers.keys() {
        case.headers.remove(name);
        if case.verdict().is_ok() {
            continue;
        }
        needed += 1;
        let value = headers[name].to_str().unwrap_or_default();
        for changed in ["", "x", &value[..value.len().saturating_sub(1)]] {
            case.headers = headers.clone();
            case.headers.insert(name, changed.parse().unwrap());
            let same = changed == value;
            assert!(same || case.verdict().is_err() || value.ends_with('='), "{id}: {name}: {changed}");
        }
        case.headers = headers.clone();
        case.headers.append(name, "another".parse().unwrap());
        assert!(case.verdict().is_err(), "{id}: {name} twice");
        case.headers = headers.clone();
    }
    assert!(needed > 0, "{id}: no header is needed");
    case.headers = headers;
}
