//! The form of the definitions and how they belong together.

use std::collections::BTreeSet;

use super::world::{deployment, files};
use tracehook_alarms::{alarms_of, engine_of};
use tracehook_local_cloudwatch::{Severity, limits};

#[test]
fn every_definition_is_of_the_form_and_makes_an_alarm() {
    let (files, deployment) = (files(), deployment());
    let alarms = alarms_of(&files, &deployment).unwrap();
    let made: BTreeSet<&str> = alarms
        .metric
        .iter()
        .map(|alarm| alarm.definition.as_str())
        .chain(alarms.composite.iter().map(|alarm| alarm.definition.as_str()))
        .collect();
    let written: BTreeSet<&str> = files
        .metric
        .keys()
        .chain(files.composite.keys())
        .map(String::as_str)
        .collect();
    assert_eq!(made, written);
    assert!(engine_of(&files, &deployment).is_ok());
}

#[test]
fn cloudwatch_would_take_every_alarm() {
    for alarm in alarms_of(&files(), &deployment()).unwrap().metric {
        let problems = limits::problems(&alarm.alarm);
        assert!(problems.is_empty(), "{}: {problems:?}", alarm.name);
    }
}

#[test]
fn whoever_is_not_told_by_an_alarm_is_told_by_a_composite_of_it() {
    let engine = engine_of(&files(), &deployment()).unwrap();
    let named: BTreeSet<&str> = engine.composite_alarms().flat_map(|(_, rule)| rule.names()).collect();
    let metric = engine
        .metric_alarms()
        .map(|alarm| (alarm.name.as_str(), alarm.alarm.severity));
    let composite = engine
        .composite_alarms()
        .map(|(alarm, _)| (alarm.name.as_str(), alarm.alarm.severity));
    for (name, severity) in metric.chain(composite) {
        assert!(
            severity != Severity::None || named.contains(name),
            "nobody is notified of {name}"
        );
    }
}

#[test]
fn every_alarm_that_notifies_is_in_the_readme_and_on_the_dashboard() {
    let (readme, dashboard) = ["alarms/README.md", "dashboards/service.yaml"]
        .map(|file| std::fs::read_to_string(super::root().join(file)).unwrap())
        .into();
    let row = dashboard
        .lines()
        .skip_while(|line| !line.contains("title: Alarms that notify"))
        .nth(1);
    let listed: BTreeSet<&str> = row
        .unwrap()
        .trim()
        .trim_matches(']')
        .split(['[', ','])
        .map(str::trim)
        .collect();
    let files = files();
    let metric = files
        .metric
        .iter()
        .map(|(name, alarm)| (name, alarm.text["severity"].clone()));
    let composite = files
        .composite
        .iter()
        .map(|(name, alarm)| (name, alarm.text["severity"].clone()));
    for (name, severity) in metric.chain(composite).filter(|(_, severity)| severity != "none") {
        assert!(
            readme.contains(&format!("`{name}")),
            "alarms/README.md, Who is notified: {name} ({severity}) has no row"
        );
        assert!(
            listed.contains(name.as_str()),
            "dashboards/service.yaml, Alarms that notify: {name} ({severity}) is missing"
        );
    }
}

#[test]
fn a_suppressor_is_a_composite_alarm_that_pages() {
    let engine = engine_of(&files(), &deployment()).unwrap();
    for (alarm, _) in engine.composite_alarms() {
        if let Some(suppressor) = &alarm.alarm.suppressed_by {
            let (speaks, _) = engine
                .composite_alarms()
                .find(|(other, _)| other.name == suppressor.alarm)
                .unwrap();
            assert_eq!(speaks.alarm.severity, Severity::Page, "{}", alarm.name);
            assert!(
                suppressor.wait_seconds > 0 && suppressor.extension_seconds > 0,
                "{}",
                alarm.name
            );
        }
    }
}

#[test]
fn adding_a_function_or_a_source_adds_its_alarms() {
    let alarms = |deployment| -> BTreeSet<String> {
        alarms_of(&files(), &deployment)
            .unwrap()
            .metric
            .into_iter()
            .map(|alarm| alarm.name)
            .collect()
    };
    let mut larger = deployment();
    larger
        .sources
        .insert("bank".to_owned(), tracehook_alarms::data::Source {});
    let function = larger.functions.get("validator").unwrap().clone();
    larger.functions.insert("exporter".to_owned(), function);
    let before = alarms(deployment());
    let added: BTreeSet<String> = alarms(larger).difference(&before).cloned().collect();
    // As many as an equal source and function have.
    let of = |names: &BTreeSet<String>, key: &str| -> BTreeSet<String> {
        let suffix = format!("-{key}");
        names
            .iter()
            .filter_map(|name| name.strip_suffix(&suffix).map(str::to_owned))
            .collect()
    };
    assert_eq!(of(&added, "bank"), of(&before, "github"));
    assert_eq!(of(&added, "exporter"), of(&before, "validator"));
    assert!(added.contains("signature-mismatch-bank") && added.contains("function-errors-exporter"));
    assert_eq!(
        added.len(),
        of(&added, "bank").len() + of(&added, "exporter").len(),
        "{added:?}"
    );
}

#[test]
fn the_library_has_the_definitions_and_runbooks_of_the_checkout() {
    assert_eq!(tracehook_alarms::embedded::files().unwrap(), files());
    for name in alarms_of(&files(), &deployment())
        .unwrap()
        .metric
        .iter()
        .map(|alarm| &alarm.runbook)
    {
        let text = tracehook_alarms::embedded::runbook(name).unwrap();
        assert_eq!(
            text,
            std::fs::read_to_string(super::root().join(format!("alarms/runbooks/{name}.md"))).unwrap()
        );
    }
}
