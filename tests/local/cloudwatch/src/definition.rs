//! The form of the entries. The field `for_each` is taken away before; a field that is not named here is refused.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Who is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Somebody has to act now.
    Page,
    /// Somebody has to act within days.
    Ticket,
    /// Nobody by itself: it is a part of a composite alarm.
    None,
}

/// How a value is held against the threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Operator {
    /// `>`.
    GreaterThanThreshold,
    /// `>=`.
    GreaterThanOrEqualToThreshold,
    /// `<`.
    LessThanThreshold,
    /// `<=`.
    LessThanOrEqualToThreshold,
}

/// What a missing value counts as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Missing {
    /// As a good one.
    #[default]
    NotBreaching,
    /// As a bad one.
    Breaching,
    /// The state stays as it is.
    Ignore,
    /// As nothing; the state is unknown when all are missing.
    Missing,
}

/// A metric with one statistic.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its dimensions, all of them.
    pub dimensions: BTreeMap<String, String>,
    /// The statistic.
    pub statistic: String,
}

/// An alarm on metrics.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricAlarm {
    /// What its graph shows, without the unit.
    pub title: String,
    /// Why it matters.
    pub why: String,
    /// Who is told.
    pub severity: Severity,
    /// Its runbook where it is not that of its own name.
    pub runbook: Option<String>,
    /// The unit of the value that is held against the threshold.
    pub unit: String,
    /// The length of a period.
    pub period_seconds: u32,
    /// How many periods are looked at.
    pub periods: u32,
    /// How many of them have to breach; all when unset.
    pub datapoints: Option<u32>,
    /// What a period without a value counts as.
    #[serde(default)]
    pub missing: Missing,
    /// The metrics, by id.
    pub metrics: BTreeMap<String, Metric>,
    /// Parts of the expression, by id.
    #[serde(default)]
    pub expressions: BTreeMap<String, String>,
    /// What is held against the threshold; the one metric when unset.
    pub expression: Option<String>,
    /// How.
    pub operator: Operator,
    /// The threshold.
    pub threshold: f64,
}

/// An alarm on other alarms.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompositeAlarm {
    /// What it says.
    pub title: String,
    /// Why it matters.
    pub why: String,
    /// Who is told.
    pub severity: Severity,
    /// Its runbook where it is not that of its own name.
    pub runbook: Option<String>,
    /// When it holds: `ALARM(name)` and `OK(name)` with AND, OR, NOT and parentheses.
    pub rule: String,
    /// The alarm that, while it holds, speaks for this one.
    pub suppressed_by: Option<Suppressor>,
}

/// What holds a composite alarm back.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suppressor {
    /// The alarm that speaks instead.
    pub alarm: String,
    /// How long it is waited for before this one speaks.
    pub wait_seconds: u32,
    /// How long this one stays silent after it.
    pub extension_seconds: u32,
}

impl Operator {
    /// Whether a value breaches.
    #[must_use]
    pub fn holds(self, value: f64, threshold: f64) -> bool {
        match self {
            Self::GreaterThanThreshold => value > threshold,
            Self::GreaterThanOrEqualToThreshold => value >= threshold,
            Self::LessThanThreshold => value < threshold,
            Self::LessThanOrEqualToThreshold => value <= threshold,
        }
    }

    /// `>` and the like.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::GreaterThanThreshold => ">",
            Self::GreaterThanOrEqualToThreshold => "≥",
            Self::LessThanThreshold => "<",
            Self::LessThanOrEqualToThreshold => "≤",
        }
    }
}

impl MetricAlarm {
    /// How many periods have to breach.
    #[must_use]
    pub fn needed(&self) -> u32 {
        self.datapoints.unwrap_or(self.periods)
    }

    /// Everything that is looked at.
    #[must_use]
    pub fn window_seconds(&self) -> u64 {
        u64::from(self.period_seconds) * u64::from(self.periods)
    }
}
