//! An answer comes within its budget, whatever hangs: producers give up, and many of them send nothing again.

use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use crate::world::{Account, Service, send, signed};

const SECRET: &str = "a-secret-that-is-long-enough";
const HOUR: Duration = Duration::from_hours(1);
const NOT_READY: (u16, &str) = (503, "configuration_unavailable");
const UNAVAILABLE: (u16, &str) = (503, "secrets_unavailable");
const NOT_STORED: (u16, &str) = (503, "store_unavailable");
const ACCEPTED: (u16, &str) = (202, "");

/// Sends one webhook to a cold instance: status and code of the answer, and when it came.
async fn answer(budget_ms: &str, delays: &[(Service, Duration)]) -> ((u16, String), Duration) {
    let account = Account::default();
    account.put_sources(&json!({"github": SECRET}));
    for (service, delay) in delays {
        account.delay(*service, *delay);
    }
    let instance = account.instance_with(budget_ms);
    let began = Instant::now();
    let answer = send(&instance, "github", "{}", Some(&signed(SECRET, "{}"))).await;
    (answer, began.elapsed())
}

#[tokio::test(start_paused = true)]
async fn every_answer_comes_within_the_budget_whatever_hangs() {
    let ms = Duration::from_millis;
    for budget in ["1000", "2500", "4999", "25000"] {
        let whole = ms(budget.parse().unwrap());
        // A call has limits of its own, whatever the budget.
        let part = |percent: u32, most_ms| (whole * percent / 100).min(ms(most_ms));
        for (delays, expected) in [
            (&[] as &[_], ACCEPTED),
            (&[(Service::Configuration, HOUR)], NOT_READY),
            (&[(Service::Secrets, HOUR)], UNAVAILABLE),
            (&[(Service::Table, HOUR)], NOT_STORED),
            (&[(Service::Engine, HOUR)], ACCEPTED),
            (
                &[(Service::Secrets, part(50, 1400)), (Service::Table, HOUR)],
                NOT_STORED,
            ),
            (&[(Service::Table, part(25, 1900)), (Service::Engine, HOUR)], ACCEPTED),
        ] {
            let ((status, code), after) = answer(budget, delays).await;
            assert_eq!((status, code.as_str()), expected, "{budget} {delays:?}");
            assert!(after < whole, "{budget} {delays:?}: {after:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn slow_services_within_the_budget_refuse_nothing() {
    let ms = Duration::from_millis;
    let slow = [
        (Service::Secrets, ms(1400)),
        (Service::Table, ms(200)),
        (Service::Engine, HOUR),
    ];
    assert_eq!(answer("2500", &slow).await.0.0, 202);
    assert_eq!(answer("1000", &slow).await.0.0, 503);
    // A longer budget is of use to the table.
    let slow_table = [(Service::Table, ms(1900))];
    assert_eq!(answer("2500", &slow_table).await.0.0, 503);
    assert_eq!(answer("10000", &slow_table).await.0.0, 202);
}

#[tokio::test(start_paused = true)]
async fn the_answer_waits_for_a_start_at_most_300_ms() {
    let ms = Duration::from_millis;
    for (takes, waits) in [(200, 200), (299, 299), (2000, 300)] {
        let (answer, after) = answer("2500", &[(Service::Engine, ms(takes))]).await;
        assert_eq!((answer.0, after), (202, ms(waits)));
    }
}
