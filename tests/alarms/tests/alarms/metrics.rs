//! Every metric of an alarm exists: the code emits it, or AWS documents it.

use std::collections::BTreeSet;

use super::world::{deployment, files};
use tracehook_alarms::{alarms_of, aws};
use tracehook_test_support::metrics::{emitted, problem};

/// Two deployments of one account and region would share the metrics of a namespace without the deployment.
#[test]
fn no_definition_names_the_namespace_of_another_deployment() {
    let mut seen = 0;
    for directory in ["alarms", "dashboards"] {
        for (file, text) in tracehook_alarms::data::texts(&super::root().join(directory)).unwrap() {
            seen += text.matches("${namespace}").count();
            assert!(
                !text.contains("Tracehook"),
                "{directory}/{file}: the namespace is ${{namespace}}"
            );
        }
    }
    assert!(seen > 100, "{seen}");
}

#[test]
fn every_metric_of_an_alarm_is_emitted_by_the_code_or_documented_by_aws() {
    let emitted = emitted();
    let mut wrong = BTreeSet::new();
    for alarm in alarms_of(&files(), &deployment()).unwrap().metric {
        for metric in alarm.alarm.metrics.values() {
            if let Some(problem) = problem(metric, &emitted) {
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
    let (list, emitted) = (aws::list().unwrap(), emitted());
    for alarm in alarms_of(&files(), &deployment()).unwrap().metric {
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
            let page = metric.page.strip_prefix("https://docs.aws.amazon.com/");
            assert!(
                page.is_some_and(|page| page.strip_suffix(".html").is_some())
                    && !metric.dimensions.is_empty()
                    && !metric.unit.is_empty(),
                "{namespace} {name}"
            );
        }
    }
}
