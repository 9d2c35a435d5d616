//! Strangers who send wrong signatures all the time, some of them under the ids of genuine webhooks.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{Mutex, RwLock};
use tracehook_test_support::{Delivery, Service, sign};

/// Between two requests.
const PAUSE: Duration = Duration::from_millis(100);

/// Answers to strangers by status.
pub(crate) type Answers = Mutex<BTreeMap<u16, u64>>;

/// A stranger's request: without a signature, with a short one, with one by a guessed secret, and with a captured one of
/// another body.
fn request(seed: u64, number: u64) -> Delivery {
    let body = format!(r#"{{"number":{number},"filler":""}}"#);
    let delivery = Delivery::github("push", body.as_str());
    let delivery = delivery.with("X-GitHub-Delivery", format!("chaos-{seed}-{number}"));
    match number % 4 {
        0 => delivery.without("X-Hub-Signature-256"),
        1 => delivery.with("X-Hub-Signature-256", "sha256=00"),
        2 => delivery.with("X-Hub-Signature-256", sign("a-guess-of-a-stranger", body.as_bytes())),
        _ => delivery.with("X-Hub-Signature-256", sign(tracehook_test_support::SECRET, b"{}")),
    }
}

/// Sends until it is over.
pub(crate) async fn send(service: &RwLock<Service>, seed: u64, answers: &Answers, is_over: &AtomicBool) {
    let mut number = 0;
    while !is_over.load(Ordering::Relaxed) {
        // None while the service is down.
        if let Ok(answer) = service.read().await.send(&request(seed, number)).await {
            *answers.lock().await.entry(answer.status).or_default() += 1;
        }
        number += 1;
        tokio::time::sleep(PAUSE).await;
    }
}
