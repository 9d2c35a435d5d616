//! The passing of time: from one timer of the engine to the next, each after the work of the one before.

use std::ops::Range;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream;
use tracehook_core::Timestamp;
use tracehook_test_support::service::Clock;
use tracehook_test_support::{Delivery, Service};

/// Webhooks on their way at the same time.
const CONCURRENCY: usize = 16;
/// Pause before a delivery is sent again, and how often that is.
const PAUSE: Duration = Duration::from_millis(500);
const REPEATS: usize = 100;
/// The longest time in which nothing happens. Not a measure: work that takes longer is stuck.
const PATIENCE: Duration = Duration::from_mins(2);

/// Sends the webhooks of these numbers, each until it is accepted, and returns their tokens.
pub(crate) async fn send(service: &Service, numbers: Range<usize>, body: &str) -> Vec<String> {
    let send = |number: usize| async move {
        let delivery = Delivery::github("push", body).with("X-GitHub-Delivery", format!("d-{number}"));
        for _ in 0..REPEATS {
            let answer = service.send(&delivery).await.unwrap();
            if answer.status != 503 {
                return answer.token().unwrap();
            }
            // A busy machine: the producer comes again.
            tokio::time::sleep(PAUSE).await;
        }
        panic!("{number} is never accepted: {}", service.output().unwrap());
    };
    stream::iter(numbers)
        .map(send)
        .buffer_unordered(CONCURRENCY)
        .collect()
        .await
}

/// Waits until nothing is at work. `done` is a count that grows while something happens.
pub(crate) async fn at_rest(service: &Service, done: impl Fn() -> usize) -> Clock {
    let (mut since, mut before) = (Instant::now(), done());
    loop {
        let clock = service.clock().await.unwrap();
        if clock.at_work == 0 {
            return clock;
        }
        let now = done();
        if now > before {
            (since, before) = (Instant::now(), now);
        }
        assert!(
            since.elapsed() < PATIENCE,
            "stuck: {clock:?}\n{}",
            service.output().unwrap()
        );
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Lets time pass from timer to timer, until `end`, or until no execution is left. Tells every time to `heard`.
pub(crate) async fn pass(
    service: &Service,
    end: Timestamp,
    done: impl Fn() -> usize,
    heard: impl Fn(Timestamp),
) -> Timestamp {
    loop {
        let clock = at_rest(service, &done).await;
        heard(clock.now);
        let Some(next) = clock.next_timer.filter(|_| clock.now < end) else {
            return clock.now;
        };
        let clock = service.advance(next.min(end).since(clock.now)).await.unwrap();
        heard(clock.now);
    }
}
