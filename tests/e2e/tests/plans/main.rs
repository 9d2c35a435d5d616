//! Random plans of faults against the real service; one that breaks a promise is shrunk to what is needed.
//!
//! A run is drawn from a seed that it prints: `PLANS_SEED` repeats it, `PROPTEST_CASES` sets the number of cases.

#![cfg(test)]

mod play;
mod strategy;

use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tokio::runtime::Runtime;
use tracehook_test_support::service::scripted;

use crate::play::{CONFIG, play};
use crate::strategy::cases;

/// Cases without `PROPTEST_CASES`: each is a handful of webhooks in the real service.
const FEW: u32 = 8;

fn from_env(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().unwrap())
}

#[test]
fn no_plan_of_faults_loses_a_webhook_ends_it_falsely_or_has_its_effect_under_two_keys() {
    let seed = from_env("PLANS_SEED").unwrap_or_else(|| uuid::Uuid::new_v4().as_u64_pair().0 >> 32);
    println!("plans: PLANS_SEED={seed}");
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config {
        cases: from_env("PROPTEST_CASES").map_or(FEW, |cases| cases.try_into().unwrap()),
        // Each step of shrinking takes seconds.
        max_shrink_iters: 60,
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let runtime = Runtime::new().unwrap();
    // One service for all cases: a plan replaces the one before, and every webhook is new.
    let service = runtime.block_on(scripted(CONFIG));
    TestRunner::new_with_rng(config, rng)
        .run(&cases(), |case| runtime.block_on(play(&service, &case)))
        .unwrap_or_else(|problem| panic!("PLANS_SEED={seed}: {problem}"));
}
