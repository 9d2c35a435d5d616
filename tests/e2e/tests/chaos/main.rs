//! Chaos: many webhooks while everything fails now and then, sandboxes are killed every second and the service twice, the
//! secret is rotated, and strangers send what they like.
//!
//! A run is drawn from a seed that it prints. `CHAOS_SEED` repeats one, `CHAOS_WEBHOOKS` makes it larger (300 when unset).

#![cfg(test)]

mod chance;
mod ledger;
mod outside;
mod plan;
mod producers;
mod run;
mod secrets;
mod strangers;
mod verdict;

use crate::run::Run;

fn from_env(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_webhook_is_lost_stuck_or_done_twice_while_everything_fails() {
    let webhooks = from_env("CHAOS_WEBHOOKS").unwrap_or(300);
    let seed = from_env("CHAOS_SEED").unwrap_or_else(chance::drawn);
    println!("chaos: CHAOS_SEED={seed} CHAOS_WEBHOOKS={webhooks}");
    println!("chaos: {}", plan::of(seed));
    let run = Run::start(seed, webhooks).await;
    let accepted = run.unleash().await;
    let verdict = run.settle(&accepted).await;
    println!("chaos: {verdict}");
    verdict.hold(webhooks);
}
