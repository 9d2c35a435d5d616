//! Many sources: what `CloudWatch` takes of an alarm on alarms, and that its tiers tell what the whole told.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::world::{BEGIN_MS, MINUTE_MS, World, deployment, files, of_sources, root};
use tracehook_alarms::{Deployment, alarms_of, engine_of};
use tracehook_local_cloudwatch::evaluate::Rule;
use tracehook_local_cloudwatch::{Severity, State};

const MAX_CHILDREN: usize = 100;
const MAX_RULE: usize = 10_240;
const MAX_PARENTS: usize = 150;

/// With the longest names that Terraform takes.
fn with_long_names(count: usize) -> Deployment {
    let names: Vec<String> = (0..count)
        .map(|number| format!("source-with-the-longest-name-there-is-{number:02}"))
        .collect();
    Deployment::named("a-prefix-of-20-chars", names.iter().map(String::as_str))
}

#[test]
fn cloudwatch_takes_the_rules_of_any_number_of_sources() {
    for count in [1, 10, 11, 100] {
        let deployment = with_long_names(count);
        let alarms = alarms_of(&files(), &deployment).unwrap();
        let engine = engine_of(&files(), &deployment).unwrap();
        let mut parents: BTreeMap<&str, usize> = BTreeMap::new();
        for (alarm, rule) in engine.composite_alarms() {
            let children: BTreeSet<&str> = rule.names().into_iter().collect();
            let text = Rule::text(&alarm.alarm.rule, &alarms, &deployment.prefix);
            assert!(children.len() <= MAX_CHILDREN, "{count}: {}", alarm.name);
            assert!(text.len() <= MAX_RULE, "{count}: {}: {}", alarm.name, text.len());
            for child in children {
                *parents.entry(child).or_default() += 1;
            }
        }
        assert!(parents.values().all(|of| *of <= MAX_PARENTS), "{count}");
        let metric = engine.metric_alarms().map(|alarm| (&alarm.name, alarm.alarm.severity));
        let composite = engine
            .composite_alarms()
            .map(|(alarm, _)| (&alarm.name, alarm.alarm.severity));
        for (name, severity) in metric.chain(composite) {
            assert!(
                severity != Severity::None || parents.contains_key(name.as_str()),
                "{count}: {name}"
            );
        }
    }
}

#[test]
fn a_few_sources_have_no_tiers_and_a_source_more_changes_no_name() {
    let names = |count: usize| -> BTreeSet<String> {
        let alarms = alarms_of(&files(), &of_sources(count)).unwrap();
        alarms.composite.into_iter().map(|alarm| alarm.name).collect()
    };
    let tiers = |count: usize| names(count).iter().filter(|name| name.contains("-tier-")).count();
    assert_eq!([tiers(1), tiers(10), tiers(11), tiers(20), tiers(21)], [0, 0, 6, 6, 9]);
    for count in [1, 10, 20, 30] {
        assert!(names(count).is_subset(&names(count + 1)), "{count}");
    }
}

#[test]
fn an_alarm_of_any_source_is_told_by_the_whole() {
    let deployment = of_sources(25);
    for (source, whole) in [("source-00", "starts-delayed"), ("source-24", "starts-delayed")] {
        let dimensions = [("service", "validator"), ("source", source)];
        let deferred = super::world::key("Tracehook/hooks", "StartsDeferred", dimensions);
        let mut world = World::default();
        world.add(BEGIN_MS, i64::MAX / 2, &[(deferred, vec![(1.0, 100.0)])].into());
        let mut engine = engine_of(&files(), &deployment).unwrap();
        let mut told = Vec::new();
        for minute in 0..15 {
            told.extend(engine.tick(BEGIN_MS + minute * MINUTE_MS, &world));
        }
        assert_eq!(engine.state(whole), State::Alarm, "{source}");
        assert!(told.iter().any(|told| told.name == whole), "{source}: {told:?}");
        assert!(
            told.iter().all(|told| !told.name.contains("-tier-")),
            "{source}: {told:?}"
        );
    }
}

/// The tests of `terraform/modules/alarms` compare their tiers with these.
#[test]
fn the_tiers_are_the_ones_that_terraform_is_held_against() {
    let deployment = of_sources(25);
    let alarms = alarms_of(&files(), &deployment).unwrap();
    let divided = alarms.composite.iter().filter(|named| named.alarm.tiers_by.is_some());
    let tiers = alarms
        .composite
        .iter()
        .filter(|named| named.definition.ends_with("-tier"));
    let entries: Map<String, Value> = divided
        .chain(tiers)
        .map(|named| {
            let level = if named.alarm.suppressed_by.is_some() {
                "follower"
            } else {
                "part"
            };
            let entry = json!({
                "description": named.description(&named.alarm.title, &named.alarm.why, &deployment.runbooks_url),
                "level": level, "rule": Rule::text(&named.alarm.rule, &alarms, "hooks"),
            });
            (named.name.clone(), entry)
        })
        .collect();
    assert_eq!(entries.len(), 3 + 3 * 3);
    let text = serde_json::to_string_pretty(&entries).unwrap() + "\n";
    let path = root().join("tests/alarms/golden/tiers.json");
    if std::env::var_os("UPDATE_ALARMS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(kept == text, "UPDATE_ALARMS=1 writes it");
}

#[test]
fn the_deployment_of_the_other_tests_has_no_tiers() {
    let alarms = alarms_of(&files(), &deployment()).unwrap();
    assert!(
        alarms
            .composite
            .iter()
            .all(|alarm| !alarm.definition.ends_with("-tier"))
    );
}
