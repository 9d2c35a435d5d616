//! What is sent of each vector, and when.

use std::collections::BTreeMap;

use serde_json::Value;
use tracehook_core::Rejection;
use tracehook_core::secret::Secret;
use tracehook_core::signature::SignatureError::{Mismatch, Stale};
use tracehook_test_support::Delivery;

use crate::changes::{Change, Genuine};
use crate::judged;

const DAY: i64 = 86_400;

/// Vectors whose secret can be guessed: it closes their source.
const SHORT: [&str; 13] = [
    "github-2",
    "twilio-1",
    "twilio-2",
    "twilio-3",
    "twilio-4",
    "line-1",
    "sanity-1",
    "postmark-1",
    "chargebee-1",
    "azure-devops-1",
    "sparkpost-1",
    "freshdesk-1",
    "ethoca-1",
];

/// What must become of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Wanted {
    Accepted,
    /// By a status and a code.
    Refused(u16, &'static str),
}

pub(crate) struct Request {
    /// The vector, and what is changed.
    pub(crate) what: String,
    pub(crate) delivery: Delivery,
    pub(crate) wanted: Wanted,
}

/// Everything that is sent, by the second of its receipt.
#[derive(Default)]
pub(crate) struct Plan {
    pub(crate) sources: BTreeMap<String, Value>,
    pub(crate) requests: BTreeMap<i64, Vec<Request>>,
}

pub(crate) fn refused(rejection: Rejection) -> Wanted {
    Wanted::Refused(rejection.status().as_u16(), rejection.code())
}

fn with_secret(source: &Value, secret: &str) -> Value {
    let mut source = source.clone();
    source["secret"] = secret.into();
    source
}

impl Plan {
    pub(crate) fn of(all: &[(Genuine, Value)]) -> Self {
        let mut plan = Self::default();
        let genuine = |(genuine, _): &&(Genuine, Value)| genuine.vector.refuse.is_none();
        for (request, source) in all {
            let vector = &request.vector;
            let source = with_secret(source, &vector.secret);
            plan.sources.insert(vector.id.clone(), source);
            let wanted = wanted(request);
            plan.ask(vector.at, &vector.id, "as it is", request.delivery(), wanted);
        }
        for (request, source) in all.iter().filter(genuine) {
            if wanted(request) == Wanted::Accepted {
                plan.changed(request, source, all);
            }
        }
        plan
    }

    fn ask(&mut self, at: i64, vector: &str, what: &str, delivery: Delivery, wanted: Wanted) {
        self.requests.entry(at).or_default().push(Request {
            what: format!("{vector}: {what}"),
            delivery,
            wanted,
        });
    }

    /// The changes of a genuine request.
    fn changed(&mut self, request: &Genuine, source: &Value, all: &[(Genuine, Value)]) {
        let (vector, delivery) = (&request.vector, request.delivery());
        let other = another_secret(request, all);
        let name = format!("{}-other", vector.id);
        self.sources.insert(name.clone(), with_secret(source, &other));
        let mismatch = refused(Mismatch.into());
        self.ask(vector.at, &vector.id, "another secret", vector.to(&name), mismatch);
        let others: Vec<_> = all.iter().map(|(other, _)| other).collect();
        for Change { what, delivery, code } in request.changes(&others) {
            self.ask(vector.at, &vector.id, &what, delivery, Wanted::Refused(401, code));
        }
        for (what, days) in [("before its time", -3), ("after its time", 3)] {
            let at = vector.at + days * DAY;
            if request.verdict_at(&delivery, at) == Err(Stale) {
                self.ask(at, &vector.id, what, delivery.clone(), refused(Stale.into()));
            }
        }
    }
}

/// What a vector says of itself.
pub(crate) fn wanted(request: &Genuine) -> Wanted {
    let vector = &request.vector;
    if SHORT.contains(&vector.id.as_str()) {
        return refused(Rejection::SecretMissing);
    }
    match (&vector.refuse, request.verdict(&request.delivery())) {
        (None, _) => Wanted::Accepted,
        (Some(why), Ok(())) => panic!("{}: {why}", vector.id),
        (Some(why), Err(error)) => {
            let is_of_time = why.contains("stale") || why.contains("token over");
            assert_eq!(error == Stale, is_of_time, "{}: {why}", vector.id);
            refused(error.into())
        }
    }
}

/// A secret that the source could have, with which the request is not signed.
fn another_secret(request: &Genuine, all: &[(Genuine, Value)]) -> String {
    let others = all.iter().map(|(other, _)| other.vector.secret.as_str());
    let is_another = |secret: &&str| {
        let is_usable =
            Secret::of_source(secret).is_ok() && request.source.verify().takes(&Secret::new(secret)).is_ok();
        let verdict = judged::verdict(&request.source, secret, &request.delivery(), request.vector.at);
        is_usable && verdict == Err(Mismatch)
    };
    let keys: Value = serde_json::from_str(include_str!("other-keys.json")).unwrap();
    let keys = keys["keys"].as_array().unwrap().iter().filter_map(Value::as_str);
    let mut candidates = ["another-secret-0123456789"].into_iter().chain(keys).chain(others);
    let found = candidates.find(is_another);
    found
        .unwrap_or_else(|| panic!("{}: no other key", request.vector.id))
        .to_owned()
}
