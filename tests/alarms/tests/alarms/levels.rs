//! The level of every composite alarm: which of the three resources of `terraform/modules/alarms` makes it.
//!
//! `CloudWatch` puts and deletes an alarm by its name. An alarm that goes from one resource to another under its name would be
//! put by the one and then deleted by the other.

use std::collections::{BTreeMap, BTreeSet};

use super::world::{deployment, files, of_sources, root};
use tracehook_alarms::{Deployment, engine_of};

type Levels = BTreeMap<String, String>;

/// By definition, those of tiers included.
fn levels() -> Levels {
    let mut levels = of(&deployment());
    levels.extend(of(&of_sources(25)));
    levels
}

/// The level of each alarm, by its definition.
fn of(deployment: &Deployment) -> Levels {
    let engine = engine_of(&files(), deployment).unwrap();
    let composite: BTreeSet<&str> = engine
        .composite_alarms()
        .map(|(alarm, _)| alarm.name.as_str())
        .collect();
    let mut levels = Levels::new();
    for (alarm, rule) in engine.composite_alarms() {
        let level = if alarm.alarm.suppressed_by.is_some() {
            "follower"
        } else if rule.names().iter().any(|name| composite.contains(name)) {
            "whole"
        } else {
            "part"
        };
        let before = levels.insert(alarm.definition.clone(), level.to_owned());
        assert!(
            before.is_none_or(|before| before == level),
            "{} has alarms of two levels",
            alarm.definition
        );
    }
    levels
}

#[test]
fn no_alarm_changes_its_level_under_the_same_name() {
    let path = root().join("tests/alarms/golden/levels.json");
    let kept: Levels = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    let now = levels();
    for (definition, level) in &now {
        let before = kept.get(definition).unwrap_or(level);
        assert_eq!(
            before, level,
            "{definition} had another level: give it another name, as alarms/README.md says"
        );
    }
    if std::env::var_os("UPDATE_ALARMS").is_some() {
        std::fs::write(&path, serde_json::to_string_pretty(&now).unwrap() + "\n").unwrap();
    } else {
        assert_eq!(kept, now, "UPDATE_ALARMS=1 writes what is new or gone");
    }
}

/// `terraform/rehearse` shows the order; no plan does.
#[test]
fn every_alarm_is_updated_before_what_it_named_is_deleted() {
    let text = std::fs::read_to_string(root().join("terraform/modules/alarms/main.tf")).unwrap();
    let resources: Vec<&str> = text
        .split("\nresource ")
        .filter(|resource| resource.starts_with("\"aws_cloudwatch_"))
        .collect();
    assert_eq!(resources.len(), 4);
    for resource in resources {
        let name = resource.lines().next().unwrap_or_default();
        assert!(resource.contains("\n    create_before_destroy = true\n"), "{name}");
        // A change of it replaces a composite alarm, which then deletes the new one by its name.
        assert!(!resource.contains("actions_enabled ="), "{name}");
    }
}
