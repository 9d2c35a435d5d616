//! The alarms of one deployment: one for each definition, or one for each key of what it is for.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tracehook_local_cloudwatch::{Alarms, CompositeAlarm, Detail, Engine, MetricAlarm, Named};

use super::{DataError, Deployment, Entry, Files, MetricSets, fill, tiers};

/// Makes the alarms of a deployment.
///
/// # Errors
/// When an entry is not of the form, a placeholder has no value or two alarms have one name.
pub fn alarms_of(files: &Files, deployment: &Deployment) -> Result<Alarms, DataError> {
    alarms_at(Detail::Full, files, deployment)
}

/// Makes the alarms that a deployment has at this detail.
///
/// # Errors
/// As [`alarms_of`].
pub fn alarms_at(detail: Detail, files: &Files, deployment: &Deployment) -> Result<Alarms, DataError> {
    let mut alarms = Alarms {
        definitions: files.metric.keys().chain(files.composite.keys()).cloned().collect(),
        ..Alarms::default()
    };
    for (definition, entry) in &files.metric {
        let runbook = |alarm: &MetricAlarm| alarm.runbook.clone();
        alarms
            .metric
            .extend(expand(definition, entry, &files.sets, deployment, runbook)?);
    }
    for (definition, entry) in &files.composite {
        let runbook = |alarm: &CompositeAlarm| alarm.runbook.clone();
        alarms
            .composite
            .extend(expand(definition, entry, &files.sets, deployment, runbook)?);
    }
    alarms.metric.retain(|named| named.alarm.detail <= detail);
    alarms.composite.retain(|named| named.alarm.detail <= detail);
    tiers::divide(&mut alarms, files, deployment)?;
    let mut names = BTreeSet::new();
    let metric = alarms.metric.iter().map(|alarm| &alarm.name);
    for name in metric.chain(alarms.composite.iter().map(|alarm| &alarm.name)) {
        if !names.insert(name) {
            return Err(DataError::Twice(name.clone()));
        }
    }
    Ok(alarms)
}

/// An engine for the alarms that definitions make for a deployment.
///
/// # Errors
/// As [`alarms_of`], and when an expression or a rule cannot be read or rules name each other in a circle.
pub fn engine_of(files: &Files, deployment: &Deployment) -> Result<Engine, DataError> {
    Ok(Engine::new(alarms_of(files, deployment)?)?)
}

fn expand<T: DeserializeOwned>(
    definition: &str,
    entry: &Entry,
    sets: &MetricSets,
    deployment: &Deployment,
    runbook: impl Fn(&T) -> Option<String>,
) -> Result<Vec<Named<T>>, DataError> {
    let problem = |problem: String| DataError::Entry {
        file: entry.file.clone(),
        entry: definition.to_owned(),
        problem,
    };
    let mut text = entry.text.clone();
    sets.resolve(&mut text).map_err(problem)?;
    let for_each = text.as_object_mut().and_then(|members| members.remove("for_each"));
    let mut values = serde_json::to_value(deployment).map_err(|error| problem(error.to_string()))?;
    let keys = keys(for_each.as_ref(), &values).map_err(problem)?;
    let mut alarms = Vec::new();
    for (key, each) in keys {
        if let (Some(key), Some(members)) = (&key, values.as_object_mut()) {
            members.insert("key".to_owned(), json!(key));
            members.insert("each".to_owned(), each);
        }
        let filled = fill(&text, &values).map_err(problem)?;
        let alarm: T = serde_json::from_value(filled).map_err(|error| problem(error.to_string()))?;
        alarms.push(Named {
            name: key
                .as_ref()
                .map_or_else(|| definition.to_owned(), |key| format!("{definition}-{key}")),
            definition: definition.to_owned(),
            key,
            runbook: runbook(&alarm).unwrap_or_else(|| definition.to_owned()),
            alarm,
        });
    }
    Ok(alarms)
}

/// The keys of `for_each`: the name of a map of the deployment, or a map.
pub(crate) fn keys(for_each: Option<&Value>, values: &Value) -> Result<Vec<(Option<String>, Value)>, String> {
    let map = match for_each {
        None => return Ok(vec![(None, Value::Null)]),
        Some(Value::String(name)) => values
            .get(name)
            .ok_or_else(|| format!("for_each: there is no {name}"))?,
        Some(map) => map,
    };
    let map: &serde_json::Map<String, Value> = map.as_object().ok_or("for_each is no map")?;
    let sorted: BTreeMap<_, _> = map.iter().collect();
    // YAML ends an unquoted text in braces at its first comma, and takes the rest for names without values.
    for (key, each) in &sorted {
        let empty = each
            .as_object()
            .and_then(|each| each.iter().find(|(_, value)| value.is_null()));
        if let Some((name, _)) = empty {
            return Err(format!(
                "for_each: {key} has nothing at \"{name}\"; quote a text that has a comma"
            ));
        }
    }
    Ok(sorted
        .into_iter()
        .map(|(key, each)| (Some(key.clone()), each.clone()))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alarms(text: &str) -> Result<Alarms, DataError> {
        let mut files = Files::default();
        files.add("f", text)?;
        alarms_of(&files, &Deployment::named("hooks", ["github", "shop"]))
    }

    #[test]
    fn an_unquoted_text_that_ends_at_its_comma_is_refused() {
        let text = "composite_alarms: {a: {title: t, why: w, severity: page, rule: 'ALARM(b)', for_each: {x: {why: one, two.}}}}";
        let message = alarms(text).unwrap_err().to_string();
        assert!(message.contains("nothing at \"two.\""), "{message}");
    }

    #[test]
    fn a_definition_makes_one_alarm_for_each_key() {
        let composite = |for_each: &str| {
            format!(
                "composite_alarms: {{a: {{title: t, why: w, severity: page, rule: 'ALARM(b-${{key}})', for_each: {for_each}}}}}"
            )
        };
        let names = |for_each: &str| -> Vec<String> {
            let alarms = alarms(&composite(for_each)).unwrap();
            alarms.composite.iter().map(|alarm| alarm.name.clone()).collect()
        };
        assert_eq!(names("sources"), ["a-github", "a-shop"]);
        assert_eq!(names("{x: {}, y: {}}"), ["a-x", "a-y"]);
        assert!(names("silent_sources").is_empty());
        assert!(alarms(&composite("nothing")).is_err());
        assert!(alarms("composite_alarms: {a: {title: t, why: w, severity: page, rule: r, more: 1}}").is_err());
    }
}
