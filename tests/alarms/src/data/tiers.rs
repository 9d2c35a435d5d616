//! The tiers of composite alarms: `CloudWatch` takes at most 100 alarms in a rule.
//!
//! Contract: a rule with `tiers_by` is `ALARM(…) OR ALARM(…)`. Where the map has more than ten keys, the alarms of these keys
//! are named through alarms of their own, for ten keys each in their order, as `terraform/modules/alarms/rules.tf` does. A
//! definition without alarms at a detail is in no tier.

use std::collections::BTreeSet;

use serde_json::Value;
use tracehook_local_cloudwatch::{Alarms, CompositeAlarm, Named, Severity};

use super::{DataError, Deployment, Files};

/// The keys of one tier.
const KEYS: usize = 10;

/// Divides every rule that has more keys than one tier.
pub(crate) fn divide(alarms: &mut Alarms, files: &Files, deployment: &Deployment) -> Result<(), DataError> {
    let mut tiers = Vec::new();
    let metric = alarms.metric.iter().map(|alarm| alarm.definition.clone());
    let made: BTreeSet<String> = metric
        .chain(alarms.composite.iter().map(|alarm| alarm.definition.clone()))
        .collect();
    for whole in &mut alarms.composite {
        let Some(map) = whole.alarm.tiers_by.clone() else {
            continue;
        };
        let problem = |problem: String| DataError::Entry {
            file: "composite_alarms".to_owned(),
            entry: whole.definition.clone(),
            problem,
        };
        let values = serde_json::to_value(deployment).map_err(|error| problem(error.to_string()))?;
        let of_map = values.get(&map).and_then(Value::as_object);
        let mut keys: Vec<String> = of_map.into_iter().flat_map(|keys| keys.keys().cloned()).collect();
        keys.sort();
        let names = names(&whole.alarm.rule)
            .ok_or_else(|| problem("tiers_by: the rule is not ALARM(…) OR ALARM(…)".to_owned()))?;
        if keys.len() <= KEYS {
            continue;
        }
        let is_of_keys = |name: &&String| files.for_each(name) == Some(map.as_str());
        let (mut of_keys, mut others): (Vec<_>, Vec<_>) = names.iter().partition(is_of_keys);
        of_keys.retain(|name| made.contains(*name));
        if of_keys.is_empty() {
            continue;
        }
        let definition = format!("{}-tier", whole.name);
        for (at, keys) in keys.chunks(KEYS).enumerate() {
            let alarms = of_keys
                .iter()
                .flat_map(|name| keys.iter().map(move |key| format!("{name}-{key}")));
            let of: Vec<&str> = keys
                .first()
                .into_iter()
                .chain(keys.last())
                .map(String::as_str)
                .collect();
            tiers.push(Named {
                name: format!("{definition}-{}", at + 1),
                definition: definition.clone(),
                key: Some((at + 1).to_string()),
                runbook: whole.runbook.clone(),
                alarm: CompositeAlarm {
                    title: format!("{}, tier {}", whole.alarm.title, at + 1),
                    why: format!("A part of {}: the {map} {}.", whole.name, of.join(" to ")),
                    severity: Severity::None,
                    detail: whole.alarm.detail,
                    runbook: None,
                    rule: any(alarms),
                    tiers_by: None,
                    suppressed_by: None,
                },
            });
        }
        others.push(&definition);
        whole.alarm.rule = any(others.into_iter().cloned());
        alarms.definitions.insert(definition);
    }
    alarms.composite.extend(tiers);
    Ok(())
}

fn any(names: impl Iterator<Item = String>) -> String {
    names
        .map(|name| format!("ALARM({name})"))
        .collect::<Vec<_>>()
        .join(" OR ")
}

/// The names of a rule that is `ALARM(…) OR ALARM(…)`.
fn names(rule: &str) -> Option<Vec<String>> {
    let words: Vec<&str> = rule.split_whitespace().collect();
    words
        .join(" ")
        .split(" OR ")
        .map(|word| {
            let name = word.strip_prefix("ALARM(")?.strip_suffix(')')?;
            (!name.contains(['(', ')', ' '])).then(|| name.to_owned())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_that_can_be_divided_joins_alarms_by_or_alone() {
        assert_eq!(names("ALARM(a) OR\n ALARM(b)").unwrap(), ["a", "b"]);
        for rule in [
            "ALARM(a) AND ALARM(b)",
            "ALARM(a) OR OK(b)",
            "NOT ALARM(a)",
            "(ALARM(a) OR ALARM(b))",
        ] {
            assert_eq!(names(rule), None, "{rule}");
        }
    }
}
