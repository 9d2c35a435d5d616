//! Producers that send until the answer is 202, and some of them once more.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream;
use tokio::sync::RwLock;
use tracehook_test_support::{Answer, Delivery, Service, sign};

use crate::ledger::Ledger;
use crate::secrets::Secrets;

/// Webhooks on their way at the same time.
const CONCURRENCY: usize = 32;
/// Pause before a delivery is sent again.
const PAUSE: Duration = Duration::from_millis(200);
/// Bytes that make a body large: above 32 KiB.
const LARGE: usize = 40_000;
/// Upper limit of deliveries of one webhook; no run needs as many.
const LIMIT: u64 = 1000;

/// A webhook whose delivery was answered with 202.
pub(crate) struct Accepted {
    pub number: u64,
    pub token: String,
    pub trace_id: String,
}

/// Counters of all producers.
#[derive(Default)]
pub(crate) struct Counts {
    pub ledger: Ledger,
    pub secrets: Secrets,
    pub accepted: AtomicU64,
    pub repeats: AtomicU64,
}

/// The webhooks that come of so many: each whose id is used again with another body is followed by one of its own.
pub(crate) fn expected(webhooks: u64) -> u64 {
    webhooks + (0..webhooks).filter(|number| is_conflicting(*number)).count() as u64
}

const fn is_conflicting(number: u64) -> bool {
    number % 5 == 2
}

/// Sends `webhooks` webhooks.
pub(crate) async fn send(service: &RwLock<Service>, seed: u64, webhooks: u64, counts: &Counts) -> Vec<Accepted> {
    stream::iter(0..webhooks)
        .map(|number| deliver(service, seed, number, counts))
        .buffer_unordered(CONCURRENCY)
        .flat_map(stream::iter)
        .collect()
        .await
}

async fn deliver(service: &RwLock<Service>, seed: u64, number: u64, counts: &Counts) -> Vec<Accepted> {
    // Every tenth payload is an object.
    let filler = "x".repeat(if number.is_multiple_of(10) { LARGE } else { 0 });
    let body = format!(r#"{{"number":{number},"filler":"{filler}"}}"#);
    let delivery = Delivery::github("push", body.as_str()).with("X-GitHub-Delivery", format!("chaos-{seed}-{number}"));
    let promised = async |delivery: &Delivery, body: &str| {
        let answer = answered(service, delivery, number, body, counts).await;
        let token = answer.token().unwrap();
        counts.ledger.write(number, &token, body);
        let trace_id = answer.json["traceId"].as_str().unwrap().to_owned();
        let accepted = Accepted {
            number,
            token,
            trace_id,
        };
        (accepted, answer)
    };
    let (first, _) = promised(&delivery, &body).await;
    counts.accepted.fetch_add(1, Ordering::Relaxed);
    if number % 5 == 1 {
        let (again, answer) = promised(&delivery, &body).await;
        assert_eq!((&again.token, &answer.json["duplicate"]), (&first.token, &true.into()));
    }
    if !is_conflicting(number) {
        return vec![first];
    }
    let changed = r#"{"number":"another"}"#;
    let (other, _) = promised(&delivery.signed_anew(changed), changed).await;
    assert_ne!(
        other.token, first.token,
        "the other body has displaced the first, or is lost"
    );
    vec![first, other]
}

/// Sends until the answer is for good.
async fn answered(service: &RwLock<Service>, delivery: &Delivery, number: u64, body: &str, counts: &Counts) -> Answer {
    for _ in 0..LIMIT {
        let secret = counts.secrets.of(number);
        let signature = format!("sha256={}", sign(secret, body.as_bytes()));
        let signed = delivery.clone().with("X-Hub-Signature-256", signature);
        let service = service.read().await;
        let sent = Instant::now();
        match service.send(&signed).await {
            Ok(answer) if answer.status == 401 => counts.secrets.refused(sent),
            Ok(answer) if answer.status < 500 => {
                counts.secrets.accepted(secret);
                return answer;
            }
            _ => {}
        }
        drop(service);
        counts.repeats.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(PAUSE).await;
    }
    panic!("never answered for good");
}
