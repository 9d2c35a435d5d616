//! An attack over every route, scheme and header, by who has no secret: nothing gets in, nothing is displaced, no page speaks,
//! and nothing of a request is found in an answer, a log, a span, a metric or a file. Each claim has a control that shows that
//! the attack could have been seen.

#![cfg(test)]

mod forged;
mod kinds;
mod leaks;
mod raw;
mod target;

use std::collections::BTreeMap;
use std::time::Duration;

use tracehook_test_support::{Answer, Delivery};

use crate::forged::Forged;
use crate::target::Target;

/// What is sent in one request is in every part of it that is nobody's to see.
const MARKER: &str = "MARKER-7c1e55";

/// The routes and their schemes, with a body that each of them takes.
const ROUTES: [&str; 5] = [
    "/webhook",
    "/webhook/default",
    "/webhook/github",
    "/webhook/shop",
    "/webhook/events",
];

fn is_refused(answer: &Answer) -> bool {
    (400..500).contains(&answer.status) && answer.json["executionToken"].is_null()
}

/// A genuine webhook on every route is accepted and runs; it is what is captured.
async fn genuine(target: &Target, number: u32) -> Vec<(Delivery, String)> {
    let mut captured = Vec::new();
    for route in ROUTES {
        let delivery = target::genuine(route, number);
        let answer = target.service.send(&delivery).await.unwrap();
        let token = answer.token().unwrap();
        assert_eq!(target.service.end_of(&token).await.unwrap()["status"], "completed");
        captured.push((delivery, token));
    }
    captured
}

#[tokio::test]
async fn a_forged_request_of_any_form_is_refused_on_every_route_and_leaves_nothing() {
    let target = Target::start().await;
    let captured = genuine(&target, 0).await;
    let before = target.effects().await;
    let mut by_code = BTreeMap::<String, u32>::new();
    let mut sent = 0;
    for round in 0..3 {
        for (route, (genuine, _)) in ROUTES.iter().zip(&captured) {
            for Forged { what, delivery } in forged::all(route, genuine, target::secret_of_another(route), round) {
                let answer = target.service.send(&delivery).await.unwrap();
                assert!(is_refused(&answer), "{route} {what}: {} {}", answer.status, answer.text);
                assert!(!answer.text.contains(MARKER), "{route} {what}: {}", answer.text);
                let code = answer.json["code"].as_str().unwrap_or("gateway");
                *by_code.entry(format!("{} {code}", answer.status)).or_default() += 1;
                sent += 1;
            }
        }
        target.service.at_rest().await.unwrap();
        target.service.advance(Duration::from_mins(1)).await.unwrap();
        assert_eq!(target.pages().await, [""; 0]);
    }
    println!("attack: {sent} forged requests were answered {by_code:?}");
    assert_eq!(
        target.effects().await,
        before,
        "a refused request has stored or started something"
    );
    // The control: one genuine webhook is seen by the same measure.
    genuine_is_seen(&target, before).await;
    leaks::assert_none(&target, &captured).await;
}

async fn genuine_is_seen(target: &Target, before: (u64, u64)) {
    genuine(target, 1).await;
    let (stored, started) = target.effects().await;
    assert!(stored > before.0 && started > before.1, "the measure sees nothing");
}

#[tokio::test]
async fn a_replay_stores_nothing_twice_and_displaces_no_genuine_webhook() {
    let target = Target::start().await;
    let captured = genuine(&target, 0).await;
    let before = target.effects().await;
    for (delivery, token) in &captured {
        // As it was, and with other headers.
        for replay in [
            delivery.clone(),
            delivery.clone().with("X-Forwarded-For", "127.0.0.1"),
            delivery.clone().with("Content-Type", "application/problem+json"),
        ] {
            let answer = target.service.send(&replay).await.unwrap();
            assert_eq!(
                (answer.token().unwrap(), &answer.json["duplicate"]),
                (token.clone(), &true.into()),
                "{}",
                answer.text
            );
        }
    }
    for (delivery, token) in &captured {
        for bytes in [raw::reversed(delivery, &target), raw::upper_case(delivery, &target)] {
            let (status, text) = raw::answer(&target, &bytes).await;
            let is_duplicate = text.contains(token) && text.contains("\"duplicate\":true");
            assert!(status == 202 && is_duplicate, "{text}");
        }
    }
    assert_eq!(
        target.effects().await,
        before,
        "a replay has stored or started something"
    );

    // Under the ids that the next genuine webhooks will have, before them.
    for (route, (delivery, _)) in ROUTES.iter().zip(&captured) {
        let next = target::genuine(route, 1);
        let ids = next
            .headers()
            .filter(|(name, _)| ["X-GitHub-Delivery", "X-Order-Id"].contains(name));
        let replay = ids.fold(delivery.clone(), |replay, (name, value)| replay.with(name, value));
        let answer = target.service.send(&replay).await.unwrap();
        assert_eq!(answer.status, 202, "{route}: {}", answer.text);
        let answer = target.service.send(&next).await.unwrap();
        assert!(answer.json["duplicate"].is_null(), "{route}: {}", answer.text);
        let token = answer.token().unwrap();
        assert_eq!(target.service.end_of(&token).await.unwrap()["status"], "completed");
        // Its own bytes are what is kept under its token.
        assert!(target.keeps(&token, &next).await, "{route}: another body is kept");
    }
}

#[tokio::test]
async fn split_slow_and_oversized_requests_get_nothing_in_while_genuine_ones_pass() {
    let target = Target::start().await;
    let captured = genuine(&target, 0).await;
    let before = target.effects().await;
    let held = raw::slow(&target).await;
    for (what, bytes) in raw::split(&captured, &target) {
        let answers = raw::exchange(&target, &bytes).await;
        let accepted = answers.iter().filter(|status| **status < 400).count();
        assert_eq!(accepted, 0, "{what}: {answers:?}");
    }
    for (what, delivery) in raw::oversized(&captured) {
        // A connection may be closed before the whole of it was sent.
        if let Ok(answer) = target.service.send(&delivery).await {
            assert!(is_refused(&answer), "{what}: {} {}", answer.status, answer.text);
        }
    }
    assert_eq!(target.effects().await, before);
    // The control: the same bytes without the trick are accepted, and beside the requests that hang.
    let answers = raw::exchange(&target, &raw::plain(&target::genuine("/webhook/github", 2), &target)).await;
    assert_eq!(answers, [202]);
    genuine(&target, 1).await;
    drop(held);
}
