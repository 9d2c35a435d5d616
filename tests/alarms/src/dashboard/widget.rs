//! The kinds of widgets, as they are written.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A widget.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Widget {
    /// Lines over time, or one number.
    Graph(Box<Graph>),
    /// The states of alarms: those of these definitions.
    Alarms {
        /// Its title.
        title: String,
        /// The definitions.
        alarms: Vec<String>,
    },
    /// One alarm on metrics, as CloudWatch draws it.
    Alarm {
        /// Its title, without the unit.
        title: String,
        /// The unit.
        unit: String,
        /// The alarm.
        alarm: String,
    },
    /// A table of a saved query.
    Log {
        /// Its title.
        title: String,
        /// The query's name.
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
    /// Its title, without the unit.
    pub title: String,
    /// The unit.
    pub unit: String,
    /// The length of a period.
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
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its dimensions, all of them.
    pub dimensions: BTreeMap<String, String>,
    /// The statistic.
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
    /// The expression.
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
    /// The search expression.
    pub title: String,
    /// A sentence for whoever uses it.
    pub why: String,
    /// The functions whose logs it reads.
    pub functions: Vec<String>,
    /// The query.
    pub query: String,
}
