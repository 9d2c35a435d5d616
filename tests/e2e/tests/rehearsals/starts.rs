//! No execution can be started for ten minutes: what was accepted meanwhile is started once they can be, within the account's
//! quota of starts.
//!
//! An account of 300 starts a second, of which the reconciler takes 200 and the validator the rest, is scaled down to what
//! two cores carry: backlog, paces and quota by one factor, so the times are those of the account.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream;
use serde_json::json;
use tracehook_core::Timestamp;
use tracehook_test_support::service::{calls, scripted_alone};
use tracehook_test_support::{Delivery, Service};

use crate::outage::{alarms, time};
use crate::passing::send;
use crate::webhooks;

const MINUTE: Duration = Duration::from_mins(1);
const OUTAGE_MINUTES: u32 = 10;
/// Starts a second: the default pace of the reconciler, and the account's quota.
const STARTS_PER_SECOND: f64 = 200.0;
const QUOTA_PER_SECOND: f64 = 300.0;
/// The longest time in which nothing is started. Not a measure: a sweep comes every minute.
const PATIENCE: Duration = Duration::from_mins(3);
/// Starts that a sweep makes at the same time, each of them up to three times.
const UNDER_WAY: u64 = 24;
const RECONCILER: &str = "tracehook-reconciler";

/// How the account is scaled.
#[derive(Clone, Copy, Debug)]
struct Scale {
    /// Webhooks of the rehearsal.
    webhooks: usize,
    starts_per_second: f64,
    quota_per_second: f64,
    /// Webhooks that go on coming after the outage.
    webhooks_per_second: f64,
}

impl Scale {
    fn of(webhooks: usize, webhooks_per_second: f64) -> Self {
        let accepted = webhooks_per_second * f64::from(60 * OUTAGE_MINUTES);
        let factor = accepted / webhooks as f64;
        Self {
            webhooks,
            starts_per_second: (STARTS_PER_SECOND / factor).round().max(1.0),
            quota_per_second: (QUOTA_PER_SECOND / factor).round().max(2.0),
            webhooks_per_second: webhooks_per_second / factor,
        }
    }

    async fn service(self) -> Service {
        let config = format!(
            "[functions.processor.environment]\n[functions.reconciler.environment]\nSTARTS_PER_SECOND = \"{}\"\n\
             [durable]\nstarts_per_second = {}\n",
            self.starts_per_second, self.quota_per_second
        );
        scripted_alone(&config).await
    }
}

/// The webhooks whose handler has been called.
fn handled(service: &Service) -> BTreeSet<String> {
    let effects = std::fs::read_to_string(service.path("effects")).unwrap_or_default();
    let tokens = effects.lines().filter_map(|line| line.split_once(' '));
    tokens.map(|(token, _)| token.to_owned()).collect()
}

/// Calls of the reconciler so far: starts, and reads of executions.
async fn reconciler_calls(service: &Service) -> (u64, u64) {
    let stats = service.get("/local/stats").await.unwrap().json;
    let of = |operation: &str| calls(&stats, RECONCILER, &format!("lambda:{operation}"));
    (
        of("Invoke"),
        of("GetDurableExecution") + of("ListDurableExecutionsByFunction"),
    )
}

/// Sends the webhooks over the minutes of the outage.
async fn send_during_outage(service: &Service, webhooks: usize) -> Vec<String> {
    let mut tokens = Vec::new();
    for minute in 1..=OUTAGE_MINUTES as usize {
        let (began, sent) = (Instant::now(), tokens.len());
        let up_to = webhooks * minute / OUTAGE_MINUTES as usize;
        tokens.extend(send(service, sent..up_to, "{}").await);
        let rest = MINUTE.saturating_sub(began.elapsed());
        service.advance(rest.max(Duration::from_secs(1))).await.unwrap();
    }
    tokens
}

/// Waits until all have been handled, while others come.
async fn all_handled(service: &Service, tokens: &[String], webhooks_per_second: f64) {
    let wanted: BTreeSet<String> = tokens.iter().cloned().collect();
    let others = async {
        let every = Duration::from_secs_f64(1.0 / webhooks_per_second);
        let mut ticks = stream::unfold(0_u64, |number| async move {
            tokio::time::sleep(every).await;
            Some((number, number + 1))
        })
        .boxed();
        while let Some(number) = ticks.next().await {
            let delivery = Delivery::github("push", "{}").with("X-GitHub-Delivery", format!("later-{number}"));
            service.send(&delivery).await.unwrap();
        }
    };
    let all = async {
        let (mut since, mut before) = (Instant::now(), 0);
        loop {
            let done = handled(service);
            if wanted.is_subset(&done) {
                return;
            }
            if done.len() > before {
                (since, before) = (Instant::now(), done.len());
            }
            assert!(
                since.elapsed() < PATIENCE,
                "stuck at {before}\n{}",
                service.output().unwrap()
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::select! {
        () = all => {}
        () = others => {}
    }
}

async fn rehearse(webhooks_per_second: f64, goes_on: bool) {
    let scale = Scale::of(webhooks(), webhooks_per_second);
    let service = scale.service().await;
    let refuses =
        json!({"operation": "lambda:Invoke", "count": 1_000_000, "phase": "before", "effect": {"throttle": true}});
    service.fault(refuses).await.unwrap();
    let tokens = send_during_outage(&service, scale.webhooks).await;
    assert!(handled(&service).is_empty());

    service.clear_faults().await.unwrap();
    let (starts_in_vain, _) = reconciler_calls(&service).await;
    let back: Timestamp = service.clock().await.unwrap().now;
    // The sweep after the return comes a minute later at the latest.
    service.advance(MINUTE).await.unwrap();
    let later = if goes_on { scale.webhooks_per_second } else { 1e-3 };
    all_handled(&service, &tokens, later).await;
    let (starts, asked) = reconciler_calls(&service).await;

    let mut after = Vec::new();
    for token in &tokens {
        let status = service.end_of(token).await.unwrap();
        assert_eq!(
            (&status["status"], &status["attempt"]),
            (&"completed".into(), &1.into()),
            "{status}"
        );
        after.push(time(&status["steps"][0]["startedAt"]).since(back));
    }
    after.sort();
    println!(
        "rehearsal: no start for {OUTAGE_MINUTES} min at {webhooks_per_second} webhooks/s{}, scaled to {} webhooks, {} starts/s of \
         the reconciler, a quota of {}/s: the median started {} s after the return, the last {} s; the reconciler tried {} starts \
         in vain, made {} afterwards, and asked about {} executions; alarms {:?}",
        if goes_on { ", which go on" } else { "" },
        scale.webhooks,
        scale.starts_per_second,
        scale.quota_per_second,
        after[after.len() / 2].as_secs(),
        after[after.len() - 1].as_secs(),
        starts_in_vain,
        starts - starts_in_vain,
        asked,
        alarms(&service).await,
    );
    // Alone, the reconciler takes two thirds of the quota: what it starts does not wait, so each webhook is started once and
    // none is asked about. With the others it takes the whole quota: some starts wait in the queue for longer than five
    // minutes, and are asked about and repeated.
    let webhooks = scale.webhooks as u64;
    let (most_starts, most_asked) = if goes_on {
        (3 * webhooks, webhooks / 4)
    } else {
        (webhooks, 0)
    };
    assert!(
        starts - starts_in_vain <= most_starts + UNDER_WAY,
        "{starts} - {starts_in_vain}"
    );
    assert!(asked <= most_asked, "{asked}");
}

#[tokio::test]
async fn ten_minutes_without_starts_at_a_third_of_the_quota_are_made_up_for() {
    rehearse(100.0, true).await;
}

#[tokio::test]
async fn ten_minutes_without_starts_at_three_times_the_quota_are_made_up_for() {
    rehearse(1000.0, false).await;
}
