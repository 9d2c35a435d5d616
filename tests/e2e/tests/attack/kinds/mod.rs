//! An attack on every kind of proof: a source of each, and requests of who has none of their secrets.

mod credentials;
mod forged;
mod genuine;
mod jwt;
mod signatures;
mod tokens;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tracehook_test_support::service::configuration;
use tracehook_test_support::{Options, Service};

use crate::target::Target;
use genuine::Kind;

/// A service with a source of each kind.
async fn target(kinds: &[Kind]) -> Target {
    let sources: Vec<(&str, &Value)> = kinds.iter().map(|kind| (kind.name, &kind.source)).collect();
    let options = Options {
        config: Some(configuration(sources)),
        ..Options::default()
    };
    Target {
        service: Service::start_with(options).await.unwrap(),
    }
}

#[tokio::test]
async fn nothing_is_accepted_without_a_live_secret_whatever_the_kind_of_proof() {
    let kinds = genuine::kinds();
    let named: BTreeSet<_> = kinds
        .iter()
        .flat_map(|kind| kind.source["verify"].as_array().unwrap())
        .map(|way| way["kind"].as_str().unwrap())
        .collect();
    let all = ["basic", "hmac", "jwt", "none", "public-key", "token"];
    assert_eq!(named, BTreeSet::from(all));

    let target = target(&kinds).await;
    // The control: what has its secret is accepted.
    for kind in kinds.iter().filter(|kind| kind.name != genuine::OPEN) {
        let answer = target.service.send(&kind.delivery(kind.name)).await.unwrap();
        let token = answer
            .accepted()
            .unwrap_or_else(|error| panic!("{}: {error}", kind.name));
        assert_eq!(target.service.end_of(&token).await.unwrap()["status"], "completed");
    }
    let before = target.effects().await;
    let mut by_code = BTreeMap::<(String, String), u32>::new();
    for kind in &kinds {
        let mut sent = 0;
        for (what, delivery) in forged::all(kind, &kinds) {
            let answer = target.service.send(&delivery).await.unwrap();
            let name = kind.name;
            assert_eq!(answer.status, 401, "{name}: {what}: {}", answer.text);
            assert!(answer.accepted().is_err() && answer.code().starts_with("signature_"));
            *by_code.entry((name.to_owned(), answer.code().to_owned())).or_default() += 1;
            sent += 1;
        }
        assert!(sent >= 30, "only {sent} requests to {}", kind.name);
    }
    let sent: u32 = by_code.values().sum();
    println!("attack: {sent} forged requests of every kind were answered {by_code:?}");
    assert_eq!(
        target.effects().await,
        before,
        "a refused request has stored or started something"
    );
}
