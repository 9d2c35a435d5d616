//! The alarms of a running service beside what strangers send, with the clock moved on a minute at a time.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::Value;
use tracehook_test_support::{Delivery, Service};

/// A producer's requests in a minute.
const WEBHOOKS: usize = 6;
/// Strangers' requests in a minute, unsigned and forged in turn.
const STRANGERS: usize = 8;

fn signed(body: &str) -> Delivery {
    Delivery::github("push", body)
}

/// A minute of requests: those of the producer, rightly signed or not, and those of strangers.
async fn minute(service: &Service, number: usize, is_right: bool, strangers: usize) {
    let producer = (0..WEBHOOKS).map(|at| {
        let delivery = signed(&format!("{{\"minute\":{number},\"at\":{at}}}"));
        let delivery = delivery.with("X-GitHub-Delivery", format!("minute-{number}-{at}"));
        if is_right {
            delivery
        } else {
            delivery.with("X-Hub-Signature-256", "0".repeat(64))
        }
    });
    let strangers = (0..strangers).map(|at| match at % 2 {
        0 => signed("{}").without("X-Hub-Signature-256"),
        _ => signed("{}").with("X-Hub-Signature-256", "f".repeat(64)),
    });
    let sent: Vec<_> = producer.chain(strangers).collect();
    for (at, answer) in join_all(sent.iter().map(|delivery| service.send(delivery)))
        .await
        .into_iter()
        .enumerate()
    {
        let expected = if is_right && at < WEBHOOKS { 202 } else { 401 };
        assert_eq!(answer.unwrap().status, expected);
    }
    service.at_rest().await.unwrap();
    service.advance(Duration::from_mins(1)).await.unwrap();
}

/// The names of the pages in alarm.
async fn pages(service: &Service) -> Vec<String> {
    let alarms = service.get("/local/alarms").await.unwrap().json;
    let rows = alarms["alarms"].as_array().unwrap_or_else(|| panic!("{alarms}"));
    let firing = |row: &&Value| row["state"] == "ALARM" && row["severity"] == "page";
    rows.iter()
        .filter(firing)
        .map(|row| row["name"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn strangers_raise_no_page_beside_a_producer_and_hide_none_when_it_is_refused() {
    let service = Service::start().await.unwrap();
    for number in 0..30 {
        minute(&service, number, true, STRANGERS).await;
        assert_eq!(pages(&service).await, [""; 0], "minute {number}");
    }
    // Its secret is changed.
    let mut paged_after = None;
    for number in 30..46 {
        minute(&service, number, false, STRANGERS).await;
        if !pages(&service).await.is_empty() {
            paged_after = Some(number - 30);
            break;
        }
    }
    assert_eq!(
        pages(&service).await,
        ["source-refused-github"],
        "after {paged_after:?} minutes"
    );
}
