//! The expected alarms of Terraform, kept as files that the tests of `terraform/modules/alarms` read.

use serde_json::{Map, Value, json};

use super::world::{deployment, files, root};
use tracehook_alarms::alarms_of;
use tracehook_local_cloudwatch::evaluate::Rule;
use tracehook_local_cloudwatch::{Alarms, MetricAlarm, Missing};

/// The longest description, and the longest rule, that `CloudWatch` takes.
const MAX_DESCRIPTION: usize = 1024;
const MAX_RULE: usize = 10_240;

fn metric(alarms: &Alarms) -> Map<String, Value> {
    let entries = alarms.metric.iter().map(|named| {
        let alarm = &named.alarm;
        let mut queries = Map::new();
        for (id, metric) in &alarm.metrics {
            let query = json!({
                "namespace": metric.namespace, "metric_name": metric.name, "dimensions": metric.dimensions,
                "stat": metric.statistic, "period": alarm.period_seconds,
            });
            queries.insert(id.clone(), query);
        }
        let expressions = alarm.expressions.iter().map(|(id, text)| (id.as_str(), text));
        for (id, text) in expressions.chain(alarm.expression.iter().map(|text| ("result", text))) {
            queries.insert(id.to_owned(), json!({ "expression": text }));
        }
        if let Some(width) = alarm.band {
            let band = format!("ANOMALY_DETECTION_BAND(result, {width})");
            queries.insert("band".to_owned(), json!({ "expression": band }));
        }
        let missing = match alarm.missing {
            Missing::Breaching => "breaching",
            Missing::NotBreaching => "notBreaching",
            Missing::Ignore => "ignore",
            Missing::Missing => "missing",
        };
        let entry = json!({
            "description": named.description(&alarm.title, &alarm.why, &deployment().runbooks_url),
            "comparison_operator": format!("{:?}", alarm.operator), "threshold": alarm.threshold, "queries": queries,
            "threshold_metric_id": alarm.band.map(|_| "band"),
            "evaluation_periods": alarm.periods, "datapoints_to_alarm": alarm.needed(), "treat_missing_data": missing,
            "severity": format!("{:?}", alarm.severity).to_lowercase(),
        });
        (format!("hooks-{}", named.name), entry)
    });
    entries.collect()
}

fn composite(alarms: &Alarms) -> Map<String, Value> {
    let entries = alarms.composite.iter().map(|named| {
        let alarm = &named.alarm;
        let suppressor = alarm.suppressed_by.as_ref().map(|suppressor| {
            json!({
                "alarm": format!("hooks-{}", suppressor.alarm), "wait_period": suppressor.wait_seconds,
                "extension_period": suppressor.extension_seconds,
            })
        });
        let entry = json!({
            "description": named.description(&alarm.title, &alarm.why, &deployment().runbooks_url),
            "rule": Rule::text(&alarm.rule, alarms, "hooks"), "suppressor": suppressor,
            "severity": format!("{:?}", alarm.severity).to_lowercase(),
        });
        (format!("hooks-{}", named.name), entry)
    });
    entries.collect()
}

/// The output of the module of alarms that the module of dashboards reads.
fn output(alarms: &Alarms) -> Value {
    let metric = alarms.metric.iter().map(|named| {
        let MetricAlarm {
            title,
            unit,
            threshold,
            ..
        } = &named.alarm;
        let entry = json!({
            "kind": "metric", "definition": named.definition, "title": title, "runbook": named.runbook, "unit": unit, "threshold": threshold,
        });
        (named.name.clone(), entry)
    });
    let composite = alarms.composite.iter().map(|named| {
        let entry = json!({
            "kind": "composite", "definition": named.definition, "title": named.alarm.title, "runbook": named.runbook, "unit": null, "threshold": null,
        });
        (named.name.clone(), entry)
    });
    Value::Object(metric.chain(composite).collect())
}

#[test]
fn the_alarms_are_the_ones_that_terraform_is_held_against() {
    let alarms = alarms_of(&files(), &deployment()).unwrap();
    let directory = root().join("tests/alarms/golden");
    for (name, content) in [
        (
            "alarms",
            json!({ "metric": metric(&alarms), "composite": composite(&alarms) }),
        ),
        ("deployment", json!(deployment())),
        ("alarms-output", output(&alarms)),
    ] {
        let text = serde_json::to_string_pretty(&content).unwrap() + "\n";
        let path = directory.join(format!("{name}.json"));
        if std::env::var_os("UPDATE_ALARMS").is_some() {
            std::fs::create_dir_all(&directory).unwrap();
            std::fs::write(&path, &text).unwrap();
        }
        assert!(
            std::fs::read_to_string(path).unwrap_or_default() == text,
            "{name}: UPDATE_ALARMS=1 writes it"
        );
    }
}

#[test]
fn cloudwatch_would_take_every_description_and_rule() {
    let alarms = alarms_of(&files(), &deployment()).unwrap();
    let (metric, composite) = (metric(&alarms), composite(&alarms));
    for (name, alarm) in metric.iter().chain(&composite) {
        let description = alarm["description"].as_str().unwrap();
        assert!(
            description.len() <= MAX_DESCRIPTION && description.contains(".md"),
            "{name}"
        );
        let rule = alarm.get("rule").and_then(Value::as_str).unwrap_or_default();
        assert!(rule.len() <= MAX_RULE, "{name}");
        assert!(name.len() <= 255, "{name}");
    }
}
