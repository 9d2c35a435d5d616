//! Faults of a body that `CloudWatch` would refuse or draw wrongly.

use std::collections::BTreeSet;

use super::{dashboards, dashboards_of, root};
use serde_json::Value;
use tracehook_alarms::Deployment;
use tracehook_alarms::dashboard::{Widget, body};
use tracehook_alarms::data::{Function, Source};
use tracehook_local_cloudwatch::Statistic;
use tracehook_local_cloudwatch::expression::parse;

const UNITS: [&str; 7] = [
    "Count",
    "Count/Second",
    "Percent",
    "Milliseconds",
    "Seconds",
    "Bytes",
    "None",
];

fn number(widget: &Value, name: &str) -> u64 {
    widget.get(name).and_then(Value::as_u64).unwrap()
}

#[test]
fn widgets_lie_in_the_grid_and_do_not_overlap() {
    let (dashboards, context, _) = dashboards();
    for dashboard in &dashboards {
        let body = body(dashboard, &context);
        let widgets = body["widgets"].as_array().unwrap();
        assert!((1..=500).contains(&widgets.len()), "{}", dashboard.name);
        let mut taken = BTreeSet::new();
        for widget in widgets {
            let [x, y, width, height] = ["x", "y", "width", "height"].map(|name| number(widget, name));
            assert!(
                width >= 1 && x + width <= 24 && (1..=1000).contains(&height),
                "{}: {widget}",
                dashboard.name
            );
            for cell in (x..x + width).flat_map(|x| (y..y + height).map(move |y| (x, y))) {
                assert!(taken.insert(cell), "{}: two widgets at {cell:?}", dashboard.name);
            }
        }
    }
}

#[test]
fn every_widget_has_a_title_and_every_graph_its_unit() {
    for dashboard in dashboards().0 {
        assert!(!dashboard.title.is_empty());
        for widget in dashboard.sections.iter().flat_map(|section| &section.widgets) {
            let (title, unit) = match widget {
                Widget::Graph(graph) => (&graph.title, Some(&graph.unit)),
                Widget::Alarm { title, unit, .. } => (title, Some(unit)),
                Widget::Alarms { title, .. } | Widget::Log { title, .. } | Widget::Runbooks { title } => (title, None),
                Widget::Text { text } => (text, None),
            };
            assert!(!title.is_empty(), "{}", dashboard.name);
            assert!(
                unit.is_none_or(|unit| UNITS.contains(&unit.as_str())),
                "{}: {title}: {unit:?}",
                dashboard.name
            );
        }
    }
}

#[test]
fn expressions_parse_and_every_id_is_defined_and_used() {
    for dashboard in dashboards().0 {
        for widget in dashboard.sections.iter().flat_map(|section| &section.widgets) {
            let Widget::Graph(graph) = widget else { continue };
            let place = format!("{}: {}", dashboard.name, graph.title);
            let mut used = BTreeSet::new();
            for line in graph.expressions.values() {
                let expression = parse(&line.expression).unwrap();
                used.extend(expression.ids().into_iter().map(str::to_owned));
            }
            for id in &used {
                assert!(
                    graph.metrics.contains_key(id) || graph.expressions.contains_key(id),
                    "{place}: {id}"
                );
            }
            let metrics = graph.metrics.iter().map(|(id, line)| (id, line.visible));
            let lines: Vec<_> = metrics
                .chain(graph.expressions.iter().map(|(id, line)| (id, line.visible)))
                .collect();
            for (id, visible) in &lines {
                assert!(
                    *visible || used.contains(*id),
                    "{place}: {id} is neither drawn nor used"
                );
                assert!(
                    !graph.metrics.contains_key(*id) || !graph.expressions.contains_key(*id),
                    "{place}: {id} twice"
                );
            }
            assert!(lines.iter().any(|(_, visible)| *visible), "{place} draws nothing");
            assert!(
                graph.period_seconds > 0 && graph.period_seconds.is_multiple_of(60),
                "{place}"
            );
            for line in graph.metrics.values() {
                assert!(
                    line.statistic.parse::<Statistic>().is_ok(),
                    "{place}: {}",
                    line.statistic
                );
            }
        }
    }
}

/// An annotation on an axis of another unit would mislead.
#[test]
fn thresholds_are_those_of_alarms_in_the_unit_of_the_graph() {
    let (dashboards, _, alarms) = dashboards();
    for dashboard in &dashboards {
        for widget in dashboard.sections.iter().flat_map(|section| &section.widgets) {
            if let Widget::Graph(graph) = widget {
                for name in &graph.alarms {
                    let alarm = alarms.metric.iter().find(|alarm| alarm.name == *name);
                    assert_eq!(
                        alarm.map(|alarm| &alarm.alarm.unit),
                        Some(&graph.unit),
                        "{}: {name}",
                        graph.title
                    );
                }
            }
        }
    }
}

#[test]
fn every_alarm_is_on_a_dashboard() {
    let (dashboards, context, alarms) = dashboards();
    let all: String = dashboards
        .iter()
        .map(|dashboard| body(dashboard, &context).to_string())
        .collect();
    let metric = alarms.metric.iter().map(|alarm| &alarm.name);
    for name in metric.chain(alarms.composite.iter().map(|alarm| &alarm.name)) {
        assert!(all.contains(&format!(":alarm:hooks-{name}\"")), "{name}");
    }
}

#[test]
fn adding_a_function_or_a_source_adds_its_row() {
    let larger = || {
        let mut deployment = Deployment::named("hooks", ["github", "shop", "bank"]);
        let function = Function {
            name: "hooks-exporter".to_owned(),
            timeout_ms: 1000,
            memory_mb: 128,
        };
        deployment.functions.insert("exporter".to_owned(), function);
        deployment.sources.insert("bank".to_owned(), Source {});
        deployment
    };
    let titles = |deployment: &Deployment| -> BTreeSet<String> {
        let (dashboards, context, _) = dashboards_of(deployment);
        let bodies = dashboards.iter().map(|dashboard| body(dashboard, &context));
        let widgets = bodies.flat_map(|body| body["widgets"].as_array().unwrap().clone());
        widgets
            .filter_map(|widget| widget["properties"]["title"].as_str().map(str::to_owned))
            .collect()
    };
    let before = titles(&Deployment::named("hooks", ["github", "shop"]));
    let added: Vec<String> = titles(&larger()).difference(&before).cloned().collect();
    let of = |titles: &mut dyn Iterator<Item = &String>, source: &str| {
        let prefix = format!("{source}: ");
        titles.filter(|title| title.starts_with(&prefix)).count()
    };
    let (bank, shop) = (of(&mut added.iter(), "bank"), of(&mut before.iter(), "shop"));
    assert!(bank == shop && bank > 0, "{added:?}");
    assert_eq!(
        added.iter().filter(|title| title.starts_with("exporter: ")).count(),
        6,
        "{added:?}"
    );
}

#[test]
fn dashboards_of_many_sources_are_within_the_limits_of_cloudwatch() {
    for count in [40, 41, 200] {
        let names: Vec<String> = (0..count).map(|number| format!("source-{number:03}")).collect();
        let (dashboards, context, alarms) =
            dashboards_of(&Deployment::named("hooks", names.iter().map(String::as_str)));
        let mut drawn = BTreeSet::new();
        for dashboard in &dashboards {
            let body = body(dashboard, &context);
            let widgets = body["widgets"].as_array().unwrap();
            assert!(widgets.len() <= 500, "{count}: {}: {}", dashboard.name, widgets.len());
            // CloudWatch's own limit of the size is not documented.
            assert!(body.to_string().len() < 1_000_000, "{count}: {}", dashboard.name);
            let metrics = widgets
                .iter()
                .filter_map(|widget| widget["properties"]["metrics"].as_array());
            assert!(
                metrics.map(Vec::len).sum::<usize>() <= 2500,
                "{count}: {}",
                dashboard.name
            );
            for widget in widgets {
                let alarms = widget["properties"]["alarms"].as_array();
                assert!(
                    alarms.is_none_or(|alarms| alarms.len() <= 100),
                    "{count}: {}",
                    dashboard.name
                );
                let of_graph = widget["properties"]["annotations"]["alarms"].as_array();
                drawn.extend(of_graph.into_iter().flatten().map(Value::to_string));
            }
        }
        assert_eq!(
            drawn.len(),
            alarms.metric.len(),
            "{count}: every alarm on metrics is drawn"
        );
    }
}

/// The tests of the Terraform modules compare their bodies with these.
#[test]
fn the_bodies_are_the_ones_that_terraform_is_held_against() {
    let directory = root().join("tests/alarms/golden");
    let (dashboards, context, _) = dashboards();
    for dashboard in &dashboards {
        let text = serde_json::to_string_pretty(&body(dashboard, &context)).unwrap() + "\n";
        let path = directory.join(format!("dashboard-{}.json", dashboard.name));
        if std::env::var_os("UPDATE_ALARMS").is_some() {
            std::fs::create_dir_all(&directory).unwrap();
            std::fs::write(&path, &text).unwrap();
        }
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        assert!(kept == text, "{}: UPDATE_ALARMS=1 writes it", dashboard.name);
    }
}
