//! The body of a dashboard, as `CloudWatch` takes it.

use serde_json::{Map, Value, json};

use super::{Context, Dashboard, Graph, Widget};

/// The columns of the grid.
const COLUMNS: u32 = 24;

/// The alarms that `CloudWatch` shows in a widget.
const ALARMS_OF_WIDGET: usize = 100;

/// The body.
#[must_use]
pub fn body(dashboard: &Dashboard, context: &Context) -> Value {
    let mut top = 0;
    let mut widgets = Vec::new();
    for section in &dashboard.sections {
        let per_row = (COLUMNS / section.width.max(1)).max(1);
        let mut at = 0;
        for widget in &section.widgets {
            for (kind, properties) in parts(widget, context) {
                widgets.push(json!({
                    "type": kind,
                    "x": at % per_row * section.width,
                    "y": top + at / per_row * section.height,
                    "width": section.width,
                    "height": section.height,
                    "properties": properties,
                }));
                at += 1;
            }
        }
        top += at.div_ceil(per_row) * section.height;
    }
    json!({ "widgets": widgets })
}

fn text<'a>(values: &'a Value, name: &str) -> &'a str {
    values.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn arn(name: &str, values: &Value) -> String {
    let [region, account, prefix] = ["region", "account", "prefix"].map(|name| text(values, name));
    format!("arn:aws:cloudwatch:{region}:{account}:alarm:{prefix}-{name}")
}

fn members<'a>(values: &'a Value, name: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    values.get(name).and_then(Value::as_object).into_iter().flatten()
}

/// A widget, or as many as its alarms need.
fn parts(widget: &Widget, context: &Context) -> Vec<(&'static str, Value)> {
    let Widget::Alarms { title, alarms } = widget else {
        return vec![properties(widget, context)];
    };
    let values = &context.values;
    let arns: Vec<String> = alarms
        .iter()
        .flat_map(|definition| {
            let own = move |(_, alarm): &(&String, &Value)| text(alarm, "definition") == definition;
            members(values, "alarms").filter(own).map(|(name, _)| arn(name, values))
        })
        .collect();
    let of = arns.len().div_ceil(ALARMS_OF_WIDGET);
    if of <= 1 {
        return vec![("alarm", json!({ "title": title, "alarms": arns }))];
    }
    let part = |(at, arns): (usize, &[String])| {
        let title = format!("{title}, {} of {of}", at + 1);
        ("alarm", json!({ "title": title, "alarms": arns }))
    };
    arns.chunks(ALARMS_OF_WIDGET).enumerate().map(part).collect()
}

fn properties(widget: &Widget, context: &Context) -> (&'static str, Value) {
    let values = &context.values;
    let region = text(values, "region");
    match widget {
        Widget::Graph(graph) => ("metric", self::graph(graph, values)),
        Widget::Alarm { title, unit, alarm } => {
            let properties = json!({
                "title": format!("{title} ({unit})"), "region": region, "annotations": { "alarms": [arn(alarm, values)] },
                "view": "timeSeries", "stacked": false,
            });
            ("metric", properties)
        }
        Widget::Log { title, query } => {
            let Some(query) = context.queries.get(query) else {
                return ("log", Value::Null);
            };
            // A log group that is not there would fail the table.
            let name = |part: &String| values.get("functions")?.get(part)?.get("name")?.as_str();
            let names = query.functions.iter().filter_map(name);
            let sources: Vec<String> = names.map(|name| format!("SOURCE '/aws/lambda/{name}'")).collect();
            let query = format!("{} | {}", sources.join(" | "), query.query.trim_end());
            (
                "log",
                json!({ "title": title, "region": region, "view": "table", "query": query }),
            )
        }
        Widget::Alarms { title, .. } => ("alarm", json!({ "title": title })),
        Widget::Text { text } => ("text", json!({ "markdown": text })),
        Widget::Runbooks { title } => {
            let names: std::collections::BTreeSet<&str> = members(values, "alarms")
                .map(|(_, alarm)| text(alarm, "runbook"))
                .collect();
            let url = text(values, "runbooks_url");
            let links: Vec<String> = names
                .into_iter()
                .map(|name| format!("[{name}]({url}/{name}.md)"))
                .collect();
            (
                "text",
                json!({ "markdown": format!("### {title}\n{}", links.join(" · ")) }),
            )
        }
    }
}

fn graph(graph: &Graph, values: &Value) -> Value {
    let mut lines = Vec::new();
    for (id, line) in &graph.metrics {
        let mut parts = vec![json!(line.namespace), json!(line.name)];
        parts.extend(
            line.dimensions
                .iter()
                .flat_map(|(name, value)| [json!(name), json!(value)]),
        );
        let label = line.label.as_ref().unwrap_or(id);
        parts.push(json!({ "id": id, "stat": line.statistic, "label": label, "visible": line.visible }));
        lines.push(Value::Array(parts));
    }
    for (id, line) in &graph.expressions {
        let label = line.label.as_ref().unwrap_or(id);
        lines.push(json!([{ "id": id, "expression": line.expression, "label": label, "visible": line.visible }]));
    }
    let thresholds = graph.alarms.iter().filter_map(|name| {
        let alarm = values.get("metric_alarms")?.get(name)?;
        // A band is no line.
        Some(json!({ "label": name, "value": alarm.get("threshold")? }))
    });
    let mut properties = json!({
        "title": format!("{} ({})", graph.title, graph.unit),
        "region": text(values, "region"),
        "view": if graph.number { "singleValue" } else { "timeSeries" },
        "stacked": graph.stacked,
        "period": graph.period_seconds,
        "metrics": lines,
        "annotations": { "horizontal": thresholds.collect::<Vec<_>>() },
        "yAxis": { "left": { "min": 0, "label": graph.unit, "showUnits": false } },
    });
    if let (Some(range), Some(members)) = (&graph.range, properties.as_object_mut()) {
        let more = [
            ("start", json!(range)),
            ("end", json!("P0D")),
            ("setPeriodToTimeRange", json!(true)),
        ];
        members.extend(
            more.map(|(name, value)| (name.to_owned(), value))
                .into_iter()
                .collect::<Map<_, _>>(),
        );
    }
    properties
}
