//! The alarms of one deployment.

use std::collections::BTreeSet;

use crate::{CompositeAlarm, MetricAlarm};

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
    /// The name of every definition, also of one that makes no alarm in this deployment.
    pub definitions: BTreeSet<String>,
}

impl<T> Named<T> {
    /// The description that `CloudWatch` shows: title, reason and the link to the runbook.
    #[must_use]
    pub fn description(&self, title: &str, why: &str, runbooks_url: &str) -> String {
        format!("{title}. {why} Runbook: {runbooks_url}/{}.md", self.runbook)
    }
}

impl Alarms {
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
