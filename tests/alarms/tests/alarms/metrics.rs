//! The metrics that alarms name are there: the code emits them, or AWS documents them.

use std::collections::{BTreeMap, BTreeSet};

use super::world::{deployment, files, root};
use tracehook_alarms::{Alarms, Metric, aws};
use tracehook_core::Rejection;

/// A metric of the code, from its generated list.
pub struct Emitted {
    pub unit: String,
    pub dimensions: BTreeSet<String>,
    pub meaning: String,
}

/// The rows of `functions/telemetry/METRICS.md`, by name.
pub fn emitted() -> Option<BTreeMap<String, Emitted>> {
    // The list comes with the telemetry crate's metrics. Until it does, nothing can be held against it.
    let text = std::fs::read_to_string(root().join("functions/telemetry/METRICS.md")).ok()?;
    assert!(text.contains("Namespace `Tracehook`"));
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
    Some(rows.map(row).collect())
}

/// What is wrong with naming a metric so.
pub fn problem(metric: &Metric, emitted: Option<&BTreeMap<String, Emitted>>) -> Option<String> {
    let dimensions: BTreeSet<String> = metric.dimensions.keys().cloned().collect();
    if metric.namespace != "Tracehook" {
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
        return (!sets.contains(&dimensions)).then(|| format!("it has not these dimensions: {dimensions:?}"));
    }
    let emitted = emitted?;
    let Some(known) = emitted.get(&metric.name) else {
        return Some("the code does not emit it".to_owned());
    };
    if known.dimensions != dimensions {
        return Some(format!("the code emits it with {:?}", known.dimensions));
    }
    let reason = metric.dimensions.get("reason")?;
    let is_known = match metric.name.as_str() {
        "WebhooksRejected" => Rejection::ALL.iter().any(|rejection| rejection.code() == reason),
        _ => known.meaning.contains(reason),
    };
    (!is_known).then(|| format!("there is no reason {reason}"))
}

#[test]
fn every_metric_of_an_alarm_is_emitted_by_the_code_or_documented_by_aws() {
    let emitted = emitted();
    if emitted.is_none() {
        eprintln!("not checked: the metrics of the code, whose list is not here yet");
    }
    let mut wrong = BTreeSet::new();
    for alarm in Alarms::of(&files(), &deployment()).unwrap().metric {
        for metric in alarm.alarm.metrics.values() {
            if let Some(problem) = problem(metric, emitted.as_ref()) {
                wrong.insert(format!(
                    "{}: {} {}: {problem}",
                    alarm.name, metric.namespace, metric.name
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// An alarm on one metric has its unit; a ratio is in per cent or has none.
#[test]
fn the_unit_of_an_alarm_is_that_of_its_metric() {
    let (list, emitted) = (aws::list().unwrap(), emitted().unwrap_or_default());
    for alarm in Alarms::of(&files(), &deployment()).unwrap().metric {
        let mut metrics = alarm.alarm.metrics.values();
        if let (Some(metric), None, None) = (metrics.next(), metrics.next(), &alarm.alarm.expression) {
            let aws = list
                .get(&metric.namespace)
                .and_then(|metrics| metrics.get(&metric.name));
            let unit = aws
                .map(|metric| &metric.unit)
                .or(emitted.get(&metric.name).map(|metric| &metric.unit));
            assert!(unit.is_none_or(|unit| *unit == alarm.alarm.unit), "{}", alarm.name);
        }
        let units = ["Count", "Count/Second", "Percent", "Milliseconds", "Bytes", "None"];
        assert!(units.contains(&alarm.alarm.unit.as_str()), "{}", alarm.name);
    }
}

#[test]
fn the_list_of_aws_metrics_names_a_page_of_the_documentation_for_each() {
    for (namespace, metrics) in aws::list().unwrap() {
        for (name, metric) in metrics {
            let is_page = metric.page.starts_with("https://docs.aws.amazon.com/") && metric.page.ends_with(".html");
            assert!(
                is_page && !metric.dimensions.is_empty() && !metric.unit.is_empty(),
                "{namespace} {name}"
            );
        }
    }
}
