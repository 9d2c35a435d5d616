//! The alarms of one deployment: one for each definition, or one for each key of what it is for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{CompositeAlarm, DataError, Deployment, Entry, Files, MetricAlarm, fill};

/// An alarm of a deployment.
#[derive(Clone, Debug, PartialEq)]
pub struct Named<T> {
    /// Its name without the deployment's prefix: the definition's, and the key's where there is one.
    pub name: String,
    /// The definition's name.
    pub definition: String,
    /// The key.
    pub key: Option<String>,
    /// The runbook's name.
    pub runbook: String,
    /// The alarm.
    pub alarm: T,
}

/// Every alarm of a deployment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Alarms {
    /// Alarms on metrics.
    pub metric: Vec<Named<MetricAlarm>>,
    /// Alarms on alarms.
    pub composite: Vec<Named<CompositeAlarm>>,
}

impl<T> Named<T> {
    /// What CloudWatch shows with it: what it is about, why it matters, and where its runbook is.
    #[must_use]
    pub fn description(&self, title: &str, why: &str, runbooks_url: &str) -> String {
        format!("{title}. {why} Runbook: {runbooks_url}/{}.md", self.runbook)
    }
}

impl Alarms {
    /// Reads a directory's definitions and makes a deployment's alarms of them.
    ///
    /// # Errors
    /// When a file or an entry is not of the form, a placeholder has no value or a name stands twice.
    pub fn read(directory: &Path, deployment: &Deployment) -> Result<Self, DataError> {
        Self::of(&Files::read(directory)?, deployment)
    }

    /// The same from definitions that were read.
    ///
    /// # Errors
    /// When an entry is not of the form, a placeholder has no value or a name stands twice.
    pub fn of(files: &Files, deployment: &Deployment) -> Result<Self, DataError> {
        let mut alarms = Self::default();
        for (definition, entry) in &files.metric {
            alarms
                .metric
                .extend(expand(definition, entry, deployment, |alarm: &MetricAlarm| {
                    alarm.runbook.clone()
                })?);
        }
        for (definition, entry) in &files.composite {
            let runbook = |alarm: &CompositeAlarm| alarm.runbook.clone();
            alarms.composite.extend(expand(definition, entry, deployment, runbook)?);
        }
        let mut names = BTreeSet::new();
        let metric = alarms.metric.iter().map(|alarm| &alarm.name);
        for name in metric.chain(alarms.composite.iter().map(|alarm| &alarm.name)) {
            if !names.insert(name) {
                return Err(DataError::Twice(name.clone()));
            }
        }
        Ok(alarms)
    }

    /// The names of a definition's alarms; of the alarm itself where the name is an alarm's.
    #[must_use]
    pub fn names_of(&self, name: &str) -> Vec<&str> {
        let metric = self
            .metric
            .iter()
            .map(|alarm| (alarm.name.as_str(), alarm.definition.as_str()));
        let composite = self
            .composite
            .iter()
            .map(|alarm| (alarm.name.as_str(), alarm.definition.as_str()));
        let all: Vec<_> = metric.chain(composite).collect();
        let of_definition: Vec<_> = all
            .iter()
            .filter(|(_, own)| *own == name)
            .map(|(own, _)| *own)
            .collect();
        if of_definition.is_empty() {
            return all
                .iter()
                .filter(|(own, _)| *own == name)
                .map(|(own, _)| *own)
                .collect();
        }
        of_definition
    }
}

fn expand<T: DeserializeOwned>(
    definition: &str,
    entry: &Entry,
    deployment: &Deployment,
    runbook: impl Fn(&T) -> Option<String>,
) -> Result<Vec<Named<T>>, DataError> {
    let problem = |problem: String| DataError::Entry {
        file: entry.file.clone(),
        entry: definition.to_owned(),
        problem,
    };
    let mut text = entry.text.clone();
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

/// What an entry is for: the name of a map of the deployment, or a map of its own.
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
        Alarms::of(&files, &Deployment::named("hooks", ["github", "shop"]))
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
