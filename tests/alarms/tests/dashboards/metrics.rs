//! Every metric that is shown is emitted, and every metric that is emitted is shown.

use std::collections::{BTreeMap, BTreeSet};

use super::dashboards;
use tracehook_alarms::aws;
use tracehook_alarms::dashboard::Widget;
use tracehook_local_cloudwatch::Metric;
use tracehook_local_cloudwatch::expression::{Expression, parse};
use tracehook_test_support::metrics::{emitted, problem};

/// The metrics of a search: its dimensions, and its name.
fn searched(expression: &Expression) -> Vec<(BTreeSet<String>, String)> {
    let mut found = Vec::new();
    expression.visit(&mut |part| {
        if let Expression::Text(text) = part
            && let Some((schema, rest)) = text.strip_prefix('{').and_then(|text| text.split_once('}'))
        {
            let dimensions = schema.split(',').skip(1).map(str::to_owned).collect();
            let (_, name) = rest.split_once("MetricName=\"").unwrap();
            found.push((dimensions, name.split('"').next().unwrap().to_owned()));
            // CloudWatch asks for quotes around a name with other characters than letters and digits.
            assert!(schema.starts_with("\"Tracehook/hooks\","), "{text}");
        }
    });
    found
}

#[test]
fn every_metric_of_a_dashboard_is_there_and_every_metric_of_the_code_on_a_dashboard() {
    let emitted = emitted();
    let (mut wrong, mut shown) = (BTreeSet::new(), BTreeSet::new());
    for dashboard in dashboards().0 {
        for widget in dashboard.sections.iter().flat_map(|section| &section.widgets) {
            let Widget::Graph(graph) = widget else { continue };
            for line in graph.metrics.values() {
                let metric = Metric {
                    namespace: line.namespace.clone(),
                    name: line.name.clone(),
                    dimensions: line.dimensions.clone(),
                    statistic: line.statistic.clone(),
                };
                shown.insert(metric.name.clone());
                if let Some(problem) = problem(&metric, &emitted) {
                    wrong.insert(format!("{}: {}: {problem}", graph.title, metric.name));
                }
            }
            for (dimensions, name) in graph
                .expressions
                .values()
                .flat_map(|line| searched(&parse(&line.expression).unwrap()))
            {
                let placeholder = |dimension: &String| (dimension.clone(), "any".to_owned());
                let mut metric = Metric {
                    namespace: "Tracehook/hooks".to_owned(),
                    name: name.clone(),
                    dimensions: dimensions.iter().map(placeholder).collect::<BTreeMap<_, _>>(),
                    statistic: "Sum".to_owned(),
                };
                // A search names dimensions, and neither reasons nor outcomes.
                let reason = if name == "TelemetryDropped" {
                    "refused"
                } else {
                    "unknown_source"
                };
                if let Some(value) = metric.dimensions.get_mut("reason") {
                    reason.clone_into(value);
                }
                shown.insert(name.clone());
                let problem = problem(&metric, &emitted).filter(|problem| !problem.starts_with("there is no "));
                wrong.extend(problem.map(|problem| format!("{}: {name}: {problem}", graph.title)));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let missing: Vec<&String> = emitted.keys().filter(|name| !shown.contains(*name)).collect();
    assert!(missing.is_empty(), "on no dashboard: {missing:?}");
}

/// A line on an axis of another unit would mislead.
#[test]
fn every_line_of_a_metric_has_the_unit_of_its_graph() {
    let (list, emitted) = (aws::list().unwrap(), emitted());
    for dashboard in dashboards().0 {
        for widget in dashboard.sections.iter().flat_map(|section| &section.widgets) {
            let Widget::Graph(graph) = widget else { continue };
            let drawn = graph
                .metrics
                .values()
                .filter(|line| line.visible)
                .map(|line| (line.namespace.clone(), line.name.clone()));
            let visible = graph.expressions.values().filter(|line| line.visible);
            let searches = visible.flat_map(|line| searched(&parse(&line.expression).unwrap()));
            for (namespace, name) in drawn.chain(searches.map(|(_, name)| ("Tracehook/hooks".to_owned(), name))) {
                let aws = list
                    .get(&namespace)
                    .and_then(|metrics| metrics.get(&name))
                    .map(|metric| &metric.unit);
                let unit = aws.or(emitted.get(&name).map(|metric| &metric.unit));
                assert!(
                    unit.is_none_or(|unit| *unit == graph.unit),
                    "{}: {name} is in {unit:?}",
                    graph.title
                );
            }
        }
    }
}
