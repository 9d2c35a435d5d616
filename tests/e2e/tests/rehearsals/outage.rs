//! The target of a handler is away for minutes, and for hours: nothing fails, and what waited comes back spread out.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::Value;
use tracehook_core::Timestamp;
use tracehook_test_support::service::binaries;
use tracehook_test_support::{Options, SECRET, Service};

use crate::passing::{pass, send};
use crate::target::Target;
use crate::{peak, webhooks};

const MINUTE: Duration = Duration::from_mins(1);
/// The longest delay between two tries is a quarter of an hour.
const SOON: Duration = Duration::from_mins(17);

/// A service with every setting as it is deployed, and a handler that calls the target.
async fn service(target: &str) -> Service {
    let config = format!(
        "[sources.github]\npreset = \"github\"\nsecret = \"{SECRET}\"\n[functions.processor]\nbinary = \"{}\"\n\
         [functions.processor.environment]\nEFFECTS_URL = \"{target}\"\n",
        binaries().unwrap().join("scripted-processor").display()
    );
    let options = Options {
        config: Some(config),
        ..Options::default()
    };
    Service::start_with(options).await.unwrap()
}

pub(crate) fn time(of: &Value) -> Timestamp {
    of.as_str().unwrap().parse().unwrap()
}

async fn statuses(service: &Service, tokens: &[String]) -> Vec<Value> {
    let mut statuses = Vec::new();
    for token in tokens {
        statuses.push(service.status(token).await.unwrap());
    }
    statuses
}

/// The alarms that have spoken since the start, with the states that they told.
pub(crate) async fn alarms(service: &Service) -> BTreeMap<String, Vec<String>> {
    let told = service.get("/local/alarms").await.unwrap().json["told"].clone();
    let mut alarms = BTreeMap::<String, Vec<String>>::new();
    for told in told.as_array().unwrap().iter().rev() {
        let text = |name: &str| told[name].as_str().unwrap().to_owned();
        alarms.entry(text("name")).or_default().push(text("state"));
    }
    alarms
}

async fn rehearse(lasts: Duration) {
    let (began, count) = (Instant::now(), webhooks());
    let (target, url) = Target::away().await;
    let service = service(&url).await;
    let (calls, heard) = (|| target.count(), |now| target.set_clock(now));
    heard(service.clock().await.unwrap().now);
    let tokens = send(&service, 0..count, "{}").await;
    let end = service.clock().await.unwrap().now.plus(lasts);
    let back = pass(&service, end, calls, heard).await;
    assert!(back >= end, "no webhook waits any more at {back}");

    let away = target.count();
    let waiting = statuses(&service, &tokens).await;
    let step = |status: &Value| status["steps"].as_array().unwrap().last().unwrap().clone();
    let planned: Vec<Timestamp> = waiting.iter().map(|status| time(&step(status)["nextTryAt"])).collect();
    let tries: Vec<u64> = waiting
        .iter()
        .map(|status| step(status)["tries"].as_u64().unwrap())
        .collect();
    target.comes_back();
    let rest = pass(&service, back.plus(24 * 60 * MINUTE), calls, heard).await;

    let ended = statuses(&service, &tokens).await;
    let mut after: Vec<Duration> = ended
        .iter()
        .map(|status| time(&status["lastUpdated"]).since(back))
        .collect();
    after.sort();
    let taken: Vec<_> = target.calls().into_iter().filter(|call| call.taken).collect();
    println!(
        "rehearsal: a target away for {} min, {count} webhooks: {} completed, {} failed; {away} calls while it was away, \
         {} to {} tries each; after its return the median completed in {} s, the last in {} s; at most {} calls planned and \
         {} made in one second; in all {} min on the clock in {} s; alarms {:?}",
        lasts.as_secs() / 60,
        ended.iter().filter(|status| status["status"] == "completed").count(),
        ended.iter().filter(|status| status["status"] == "failed").count(),
        tries.iter().min().unwrap(),
        tries.iter().max().unwrap(),
        after[count / 2].as_secs(),
        after[count - 1].as_secs(),
        peak(planned.iter().map(|at| at.epoch_seconds())),
        peak(taken.iter().map(|call| call.at.epoch_seconds())),
        rest.since(end.minus(lasts)).as_secs() / 60,
        began.elapsed().as_secs(),
        alarms(&service).await,
    );
    for status in &ended {
        assert_eq!(
            (&status["status"], &status["attempt"]),
            (&"completed".into(), &1.into()),
            "{status}"
        );
    }
    assert!(
        after[count - 1] < SOON,
        "the last completed {:?} after the return",
        after[count - 1]
    );
    // Each was taken once, and the jitter has spread those that failed together.
    let mut by_token: Vec<_> = taken.iter().map(|call| call.token.as_str()).collect();
    by_token.sort_unstable();
    let mut expected: Vec<_> = tokens.iter().map(String::as_str).collect();
    expected.sort_unstable();
    assert_eq!(by_token, expected);
    let together = peak(planned.iter().map(|at| at.epoch_seconds()));
    assert!(
        together <= 4 + count / 25,
        "{together} of {count} come back in one second"
    );
}

#[tokio::test]
async fn ten_minutes_without_the_target_cost_no_webhook() {
    rehearse(10 * MINUTE).await;
}

#[tokio::test]
async fn three_hours_without_the_target_cost_no_webhook() {
    rehearse(180 * MINUTE).await;
}
