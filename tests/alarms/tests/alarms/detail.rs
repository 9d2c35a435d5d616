//! How much a deployment wants to be told: what it has at each detail holds together.

use std::collections::BTreeSet;

use super::world::{deployment, files, of_sources};
use tracehook_alarms::data::SilentSource;
use tracehook_alarms::{Deployment, alarms_at, alarms_of};
use tracehook_local_cloudwatch::evaluate::Rule;
use tracehook_local_cloudwatch::{Alarms, Detail, Engine, Severity};

const DETAILS: [Detail; 3] = [Detail::Pages, Detail::Standard, Detail::Full];

fn at(detail: Detail, deployment: &Deployment) -> Alarms {
    alarms_at(detail, &files(), deployment).unwrap()
}

fn names(alarms: &Alarms) -> BTreeSet<&str> {
    let metric = alarms.metric.iter().map(|alarm| alarm.name.as_str());
    metric
        .chain(alarms.composite.iter().map(|alarm| alarm.name.as_str()))
        .collect()
}

/// Two sources, and enough of them for tiers.
fn deployments() -> [Deployment; 2] {
    let mut many = of_sources(25);
    let silence = SilentSource { silence_seconds: 7200 };
    many.silent_sources.insert("source-00".to_owned(), silence);
    [deployment(), many]
}

#[test]
fn every_definition_says_from_which_detail_on_it_exists() {
    let files = files();
    for (name, entry) in files.metric.iter().chain(&files.composite) {
        assert!(entry.text.get("detail").is_some(), "{name}");
    }
}

#[test]
fn a_rule_names_alarms_that_exist() {
    for deployment in deployments() {
        let full = at(Detail::Full, &deployment);
        for detail in DETAILS {
            let alarms = at(detail, &deployment);
            let all = names(&alarms);
            assert!(Engine::new(alarms.clone()).is_ok(), "{detail:?}");
            for named in &alarms.composite {
                let rule = Rule::parse(&named.alarm.rule, &alarms).unwrap();
                let children: BTreeSet<&str> = rule.names().into_iter().collect();
                assert!(!children.is_empty(), "{detail:?}: {} names nothing", named.name);
                assert!(children.is_subset(&all), "{detail:?}: {}", named.name);
                if let Some(suppressor) = &named.alarm.suppressed_by {
                    assert!(all.contains(suppressor.alarm.as_str()), "{detail:?}: {}", named.name);
                }
                // Without a part of it, a rule that is more than OR means something else.
                if named.alarm.rule.contains("AND") || named.alarm.severity == Severity::Page {
                    let whole = Rule::text(&named.alarm.rule, &full, "p");
                    assert_eq!(
                        Rule::text(&named.alarm.rule, &alarms, "p"),
                        whole,
                        "{detail:?}: {}",
                        named.name
                    );
                }
            }
            for (name, severity) in alarms.metric.iter().map(|alarm| (&alarm.name, alarm.alarm.severity)) {
                let is_named = alarms.composite.iter().any(|named| {
                    let rule = Rule::parse(&named.alarm.rule, &alarms).unwrap();
                    rule.names().contains(&name.as_str())
                });
                assert!(
                    severity != Severity::None || is_named,
                    "{detail:?}: nobody is told of {name}"
                );
            }
        }
    }
}

#[test]
fn pages_has_every_page_and_nothing_that_no_page_needs() {
    for deployment in deployments() {
        let pages = at(Detail::Pages, &deployment);
        let paging = |alarms: &Alarms| -> BTreeSet<String> {
            let composite = alarms.composite.iter().map(|alarm| (&alarm.name, alarm.alarm.severity));
            let metric = alarms.metric.iter().map(|alarm| (&alarm.name, alarm.alarm.severity));
            let page = composite
                .chain(metric)
                .filter(|(_, severity)| *severity == Severity::Page);
            page.map(|(name, _)| name.clone()).collect()
        };
        let told = paging(&pages);
        assert_eq!(told, paging(&at(Detail::Full, &deployment)));
        let mut needed = told;
        loop {
            let before = needed.len();
            for named in &pages.composite {
                if needed.contains(&named.name) {
                    let rule = Rule::parse(&named.alarm.rule, &pages).unwrap();
                    needed.extend(rule.names().into_iter().map(str::to_owned));
                }
            }
            if needed.len() == before {
                break;
            }
        }
        let needed: BTreeSet<&str> = needed.iter().map(String::as_str).collect();
        assert_eq!(names(&pages), needed);
    }
}

#[test]
fn each_detail_adds_to_the_one_before_and_full_is_everything() {
    for deployment in deployments() {
        let [pages, standard, full] = DETAILS.map(|detail| at(detail, &deployment));
        assert!(names(&pages).is_subset(&names(&standard)) && names(&standard).is_subset(&names(&full)));
        assert!(names(&pages).len() < names(&standard).len() && names(&standard).len() < names(&full).len());
        assert_eq!(full, alarms_of(&files(), &deployment).unwrap());
    }
}
