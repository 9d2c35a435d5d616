//! A healthy service notifies nobody.

use super::world::{BEGIN_MS, MINUTE_MS, World, deployment, files, healthy};
use tracehook_alarms::engine_of;
use tracehook_local_cloudwatch::State;

#[test]
fn an_hour_of_healthy_traffic_fires_nothing() {
    for per_second in [0.0, 1.0, 50.0] {
        let mut deployment = deployment();
        if per_second == 0.0 {
            // A source that should be sending is not healthy when it sends nothing.
            deployment.silent_sources.clear();
        }
        let mut engine = engine_of(&files(), &deployment).unwrap();
        let mut world = World::default();
        world.add(BEGIN_MS, i64::MAX / 2, &healthy(per_second));
        for minute in 1..=60 {
            let notified = engine.tick(BEGIN_MS + minute * MINUTE_MS, &world);
            assert_eq!(notified, [], "{per_second} per second, minute {minute}");
        }
        // A source without traffic is quiet.
        let metric = engine.metric_alarms().map(|alarm| &alarm.name);
        let metric = metric.filter(|name| per_second > 0.0 || !name.starts_with("source-quiet"));
        for name in metric.chain(engine.composite_alarms().map(|(alarm, _)| &alarm.name)) {
            assert_eq!(engine.state(name), State::Ok, "{per_second} per second, {name}");
        }
    }
}

#[test]
fn nothing_at_all_fires_nothing_but_what_should_never_be_silent() {
    let mut engine = engine_of(&files(), &deployment()).unwrap();
    for minute in 1..=60 {
        engine.tick(BEGIN_MS + minute * MINUTE_MS, &World::default());
    }
    let fired: Vec<&str> = engine
        .metric_alarms()
        .map(|alarm| alarm.name.as_str())
        .filter(|name| engine.state(name) == State::Alarm)
        .collect();
    assert_eq!(
        fired,
        [
            "silence-shop",
            "source-quiet-github",
            "source-quiet-shop",
            "sweep-missing"
        ]
    );
    for (alarm, _) in engine.composite_alarms() {
        assert_eq!(engine.state(&alarm.name), State::Ok, "{}", alarm.name);
    }
}

#[test]
fn what_counts_as_breaching_when_it_is_missing_is_not_judged_before_its_window_is_known() {
    let mut engine = engine_of(&files(), &deployment()).unwrap().known_since(BEGIN_MS);
    for (minute, expected) in [
        (0, State::InsufficientData),
        (9, State::InsufficientData),
        (10, State::Alarm),
    ] {
        engine.tick(BEGIN_MS + minute * MINUTE_MS, &World::default());
        assert_eq!(engine.state("sweep-missing"), expected, "minute {minute}");
    }
}

#[test]
fn what_cannot_breach_any_more_is_ok_before_its_window_is_known() {
    let mut engine = engine_of(&files(), &deployment()).unwrap().known_since(BEGIN_MS);
    let mut world = World::default();
    world.add(BEGIN_MS, i64::MAX / 2, &healthy(1.0));
    for minute in 0..=15 {
        engine.tick(BEGIN_MS + minute * MINUTE_MS, &world);
    }
    assert_eq!(engine.state("source-quiet-shop"), State::Ok);
    assert_eq!(engine.state("silence-shop"), State::Ok);
}
