//! The metrics that the code emits, and the check of a metric that an alarm or a panel names.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail the test")]

use std::collections::{BTreeMap, BTreeSet};

use tracehook_alarms::aws;
use tracehook_core::Rejection;
use tracehook_local_cloudwatch::Metric;

/// A metric of the code, from its generated list.
#[derive(Debug)]
pub struct Emitted {
    pub unit: String,
    pub dimensions: BTreeSet<String>,
    pub meaning: String,
}

/// The rows of `functions/telemetry/METRICS.md`, by name.
///
/// # Panics
/// When the file cannot be read or is not of its form.
#[must_use]
pub fn emitted() -> BTreeMap<String, Emitted> {
    let text = std::fs::read_to_string(crate::root().join("functions/telemetry/METRICS.md")).unwrap();
    assert!(text.contains("by default `Tracehook`"));
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    let row = |line: &str| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let plain = |cell: &str| cell.replace('`', "");
        let [name, _, unit, dimensions, meaning] = cells[..] else {
            panic!("{line}")
        };
        let emitted = Emitted {
            unit: unit.to_owned(),
            dimensions: plain(dimensions).split(", ").map(str::to_owned).collect(),
            meaning: meaning.to_owned(),
        };
        (plain(name), emitted)
    };
    rows.map(row).collect()
}

/// The problem of a named metric, if any: unknown to the code and to AWS, or with other dimensions or values.
///
/// # Panics
/// When the list of AWS metrics cannot be read.
#[must_use]
pub fn problem(metric: &Metric, emitted: &BTreeMap<String, Emitted>) -> Option<String> {
    let dimensions: BTreeSet<String> = metric.dimensions.keys().cloned().collect();
    // Those of the code carry the deployment.
    if !metric.namespace.starts_with("Tracehook/") {
        let list = aws::list().unwrap();
        let Some(known) = list
            .get(&metric.namespace)
            .and_then(|metrics| metrics.get(&metric.name))
        else {
            return Some("it is not in the list of AWS metrics".to_owned());
        };
        let sets: Vec<BTreeSet<String>> = known
            .dimensions
            .iter()
            .map(|set| set.iter().cloned().collect())
            .collect();
        return (!sets.contains(&dimensions)).then(|| format!("AWS does not emit it with {dimensions:?}"));
    }
    let Some(known) = emitted.get(&metric.name) else {
        return Some("the code does not emit it".to_owned());
    };
    if known.dimensions != dimensions {
        return Some(format!("the code emits it with {:?}", known.dimensions));
    }
    if let Some(outcome) = metric.dimensions.get("outcome")
        && !known.meaning.contains(outcome)
    {
        return Some(format!("there is no outcome {outcome}"));
    }
    let reason = metric.dimensions.get("reason")?;
    let is_known = match metric.name.as_str() {
        "WebhooksRejected" => Rejection::ALL.iter().any(|rejection| rejection.code() == reason),
        _ => known.meaning.contains(reason),
    };
    (!is_known).then(|| format!("there is no reason {reason}"))
}
