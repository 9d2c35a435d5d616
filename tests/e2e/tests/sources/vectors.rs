//! All vectors, each to a source of its own in one service.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::StreamExt as _;
use serde_json::Value;
use tracehook_core::signature::SignatureError::Stale;
use tracehook_test_support::service::configuration;
use tracehook_test_support::{Answer, Options, Service};

use crate::changes::Genuine;
use crate::fixed_clock::FixedClock;
use crate::plan::{Plan, Request, Wanted, refused, wanted};
use crate::{source, vector};

/// Requests at the same time.
const AT_ONCE: usize = 6;

/// What no reader of this version builds.
const LATER: [&str; 9] = [
    "google-pubsub-1",
    "google-chat-1",
    "feishu-lark-1",
    "kinde-1",
    "cloudinary-1",
    "cloudinary-2",
    "paypro-1",
    "cloudinary-s2",
    "cloudinary-s3",
];

/// The answer's fault, if it is not the wanted one.
fn fault(request: &Request, answer: &Answer) -> Option<String> {
    let is_right = match request.wanted {
        Wanted::Accepted => answer.accepted().is_ok(),
        Wanted::Refused(status, code) => (answer.status, answer.code()) == (status, code),
    };
    let Request { what, .. } = request;
    (!is_right).then(|| format!("{what}: {} {}", answer.status, answer.text))
}

/// The vectors with their sources.
fn read() -> Vec<(Genuine, Value)> {
    let schemes = include_str!("../../../../functions/core/tests/sources/schemes.json");
    let schemes: Value = serde_json::from_str(schemes).unwrap();
    let (mut all, mut later) = (Vec::new(), Vec::new());
    for vector in vector::all() {
        match source::of(&vector, &schemes) {
            None => later.push(vector.id),
            Some(written) => {
                let source = source::read(&vector.id, &written);
                all.push((Genuine { vector, source }, written));
            }
        }
    }
    assert_eq!(later, LATER);
    all
}

/// Sends what is received at one second; returns the faults of the answers.
async fn send(service: &Service, requests: &[Request]) -> Vec<String> {
    let asked = futures_util::stream::iter(requests).map(async |request| {
        let answer = service.send(&request.delivery).await.unwrap();
        (request, answer)
    });
    let answers: Vec<_> = asked.buffer_unordered(AT_ONCE).collect().await;
    let mut faults = Vec::new();
    for (request, answer) in &answers {
        faults.extend(fault(request, answer));
        // What was accepted runs at its second.
        if let Ok(token) = answer.accepted() {
            let end = service.end_of(&token).await.unwrap();
            let has_ended = end["status"] == "completed";
            faults.extend((!has_ended).then(|| format!("{}: {end}", request.what)));
        }
    }
    service.at_rest().await.unwrap();
    faults
}

#[tokio::test]
async fn every_vector_is_answered_as_it_says_and_no_change_of_it_is_accepted() {
    let all = read();
    let plan = Plan::of(&all);
    let clock = FixedClock::new();
    let sources = plan.sources.iter().map(|(name, source)| (name.as_str(), source));
    // A busy machine is no reason for a 503.
    let functions = clock.configuration("ANSWER_BUDGET_MS = \"25000\"\n");
    let config = configuration(sources) + &functions + "[triggers]\nsweep_seconds = 0\n";
    println!("vectors: {} sources in {} bytes", plan.sources.len(), config.len());
    clock.set(*plan.requests.keys().next().unwrap());
    let options = Options {
        config: Some(config),
        memory: true,
        ..Options::default()
    };
    let service = Service::start_with(options).await.unwrap();

    let mut faults = Vec::new();
    for (second, requests) in &plan.requests {
        clock.set(*second);
        faults.extend(send(&service, requests).await);
    }
    assert!(faults.is_empty(), "{} faults: {faults:#?}", faults.len());
    assert_is_whole(&all, &plan);
}

/// A vector that is not there, or a change that is not made, proves nothing.
fn assert_is_whole(all: &[(Genuine, Value)], plan: &Plan) {
    let genuine = all.iter().filter(|(request, _)| wanted(request) == Wanted::Accepted);
    let (foreign, constructed): (Vec<_>, Vec<_>) = genuine.partition(|(request, _)| request.vector.is_foreign());
    let proven: BTreeSet<_> = foreign.iter().map(|(request, _)| &request.vector.provider).collect();
    let (foreign, constructed, proven) = (foreign.len(), constructed.len(), proven.len());
    println!("vectors: {foreign} of others, from {proven} producers, and {constructed} constructed ones are accepted");
    assert!(foreign >= 40 && proven >= 30 && constructed >= 160);
    let mut counted = BTreeMap::<Wanted, u32>::new();
    for request in plan.requests.values().flatten() {
        *counted.entry(request.wanted).or_default() += 1;
    }
    println!("vectors: {counted:?}");
    assert!(counted.values().sum::<u32>() > 3500 && counted[&refused(Stale.into())] > 150);
}
