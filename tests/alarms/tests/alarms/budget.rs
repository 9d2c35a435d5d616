//! The composites of a long and a short window, with the values of the SRE workbook.

use super::faults::with;
use super::world::{BEGIN_MS, MINUTE_MS, World, deployment, files, healthy};
use tracehook_alarms::engine_of;
use tracehook_local_cloudwatch::State;

const NAMED: &str = "AWS/ApiGateway 5XXError ApiName=hooks Stage=v1 Method=POST Resource=/webhook/{source}";
const FAILED: &str = "AWS/Lambda DurableExecutionFailed FunctionName=hooks-processor";

/// The minutes at which alarms changed, with `bad` of `metric` a minute for a while, after five healthy days.
fn changes(
    metric: &str,
    per_second: f64,
    bad: f64,
    fault_minutes: i64,
    names: &[&str],
    minutes: i64,
) -> Vec<(i64, String, State)> {
    let mut world = World::default();
    let fault_end = BEGIN_MS + fault_minutes * MINUTE_MS;
    world.add(BEGIN_MS - 5 * 24 * 60 * MINUTE_MS, BEGIN_MS, &healthy(per_second));
    world.add(
        BEGIN_MS,
        fault_end,
        &with(healthy(per_second), &[(metric, &[(1.0, bad)])], ""),
    );
    world.add(fault_end, i64::MAX / 2, &healthy(per_second));
    let mut engine = engine_of(&files(), &deployment()).unwrap();
    engine.tick(BEGIN_MS, &world);
    let mut states: Vec<State> = names.iter().map(|name| engine.state(name)).collect();
    assert!(states.iter().all(|state| *state == State::Ok), "{names:?}");
    let mut changes = Vec::new();
    for minute in (1..=minutes).step_by(if minutes > 600 { 10 } else { 1 }) {
        engine.tick(BEGIN_MS + minute * MINUTE_MS, &world);
        for (name, state) in names.iter().zip(&mut states) {
            if engine.state(name) != *state {
                *state = engine.state(name);
                changes.push((minute, (*name).to_owned(), *state));
            }
        }
    }
    changes
}

#[test]
fn a_total_outage_of_acceptance_pages_within_minutes_and_ends_with_the_short_window() {
    // All of 600 a minute fail: the hour's budget of 14.4 is used after 0.0144 of an hour.
    let changes = changes(NAMED, 10.0, 600.0, 20, &["accepted-burn-rate-fast"], 60);
    assert_eq!(
        changes,
        [
            (1, "accepted-burn-rate-fast".to_owned(), State::Alarm),
            (25, "accepted-burn-rate-fast".to_owned(), State::Ok)
        ]
    );
}

#[test]
fn a_fault_that_uses_the_budget_twice_as_fast_is_a_ticket_and_no_page() {
    let names = [
        "accepted-burn-rate-fast",
        "accepted-burn-rate-slow",
        "accepted-burn-rate-lasting",
    ];
    // 1.2 of 600 a minute: 0.2 %, twice the budget.
    let changes = changes(NAMED, 10.0, 1.2, 100 * 60, &names, 110 * 60);
    let states: Vec<_> = changes.iter().map(|(_, name, state)| (name.as_str(), *state)).collect();
    assert_eq!(
        states,
        [
            ("accepted-burn-rate-lasting", State::Alarm),
            ("accepted-burn-rate-lasting", State::Ok)
        ]
    );
    let hours = changes[0].0 / 60;
    assert!((36..=37).contains(&hours), "half of three days: {hours} h");
}

#[test]
fn eight_times_the_budget_pages_by_the_slow_pair_alone() {
    let names = ["completed-burn-rate-fast", "completed-burn-rate-slow"];
    // 8.7 % of completions fail.
    let changes = changes(FAILED, 10.0, 57.0, 360, &names, 420);
    let states: Vec<_> = changes.iter().map(|(_, name, state)| (name.as_str(), *state)).collect();
    assert_eq!(
        states,
        [
            ("completed-burn-rate-slow", State::Alarm),
            ("completed-burn-rate-slow", State::Ok)
        ]
    );
}

#[test]
fn below_the_minimum_of_failures_nothing_burns() {
    let names = [
        "accepted-burn-rate-fast",
        "accepted-burn-rate-slow",
        "accepted-burn-rate-lasting",
    ];
    // One webhook in ten minutes, and for an hour all of them fail.
    let per_second = 1.0 / 600.0;
    assert_eq!(changes(NAMED, per_second, 0.1, 60, &names, 600), []);
}
