//! The kinds of widgets, as their files have them.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A widget.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Widget {
    /// Lines over time, or one number.
    Graph(Box<Graph>),
    /// The states of the alarms of some definitions.
    Alarms {
        /// Title above the widget.
        title: String,
        /// Names of definitions in `alarms/`.
        alarms: Vec<String>,
    },
    /// One alarm on metrics, as `CloudWatch` draws it.
    Alarm {
        /// Without the unit, which is appended.
        title: String,
        /// `CloudWatch`'s name of the unit, such as `Milliseconds`.
        unit: String,
        /// Name of its definition in `alarms/`.
        alarm: String,
    },
    /// A table of a saved query.
    Log {
        /// Title above the widget.
        title: String,
        /// Name of its file in `dashboards/queries`.
        query: String,
    },
    /// Text.
    Text {
        /// Markdown.
        text: String,
    },
    /// Links to every runbook.
    Runbooks {
        /// The heading.
        title: String,
    },
}

/// Lines over time, or one number.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Graph {
    /// Without the unit, which is appended.
    pub title: String,
    /// `CloudWatch`'s name of the unit, such as `Milliseconds`.
    pub unit: String,
    /// Length of a period, a multiple of 60 seconds.
    #[serde(default = "minute")]
    pub period_seconds: u32,
    /// One number over the whole range in place of lines.
    #[serde(default)]
    pub number: bool,
    /// The range, such as `-P30D`, where it is not the dashboard's.
    pub range: Option<String>,
    /// True when the lines are stacked.
    #[serde(default)]
    pub stacked: bool,
    /// The alarms whose thresholds are drawn.
    #[serde(default)]
    pub alarms: Vec<String>,
    /// Lines of metrics, by id.
    #[serde(default)]
    pub metrics: BTreeMap<String, MetricLine>,
    /// Lines of expressions, by id.
    #[serde(default)]
    pub expressions: BTreeMap<String, MathLine>,
}

const fn minute() -> u32 {
    60
}

const fn yes() -> bool {
    true
}

/// A metric's line.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricLine {
    /// Such as `AWS/Lambda`.
    pub namespace: String,
    /// Name of the metric in its namespace.
    pub name: String,
    /// Its dimensions, all of them.
    pub dimensions: BTreeMap<String, String>,
    /// Such as `Sum` or `p99`.
    pub statistic: String,
    /// The label of the line; the id when unset.
    pub label: Option<String>,
    /// True when the line is drawn.
    #[serde(default = "yes")]
    pub visible: bool,
}

/// An expression's line.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MathLine {
    /// Metric math over the ids of the widget.
    pub expression: String,
    /// The label of the line; the id when unset.
    pub label: Option<String>,
    /// True when the line is drawn.
    #[serde(default = "yes")]
    pub visible: bool,
}

/// A saved query of Logs Insights.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    /// Title of its table.
    pub title: String,
    /// A sentence for the user of the query.
    pub why: String,
    /// The functions whose logs it reads.
    pub functions: Vec<String>,
    /// Text in the language of Logs Insights.
    pub query: String,
}
