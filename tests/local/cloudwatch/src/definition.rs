//! The form of the entries. The field `for_each` is taken away before; a field that is not named here is refused.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The recipients of the notifications.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// People have to act now.
    Page,
    /// People have to act within days.
    Ticket,
    /// No recipient: the alarm is a part of a composite alarm.
    None,
}

/// How much a deployment wants to be told: an alarm exists from its own detail on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Detail {
    /// What pages, and what its rules need.
    #[default]
    Pages,
    /// Tickets of the deployment, and those of a source that fails.
    Standard,
    /// Tickets of what each source is sent.
    Full,
}

/// The comparison of a value with the threshold.
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
    /// Below the band of what `CloudWatch` expects.
    LessThanLowerThreshold,
}

/// The treatment of missing values.
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
    /// Such as `AWS/Lambda`.
    pub namespace: String,
    /// The name within the namespace.
    pub name: String,
    /// All dimensions, by name.
    pub dimensions: BTreeMap<String, String>,
    /// The statistic as `CloudWatch` writes it, such as `p99`.
    pub statistic: String,
}

/// An alarm on metrics.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricAlarm {
    /// The title of its graph, without the unit.
    pub title: String,
    /// The reason why the alarm matters.
    pub why: String,
    /// The recipients of the notifications.
    pub severity: Severity,
    /// The detail from which on it exists.
    #[serde(default)]
    pub detail: Detail,
    /// Its runbook where it is not that of its own name.
    pub runbook: Option<String>,
    /// The unit of the value that is held against the threshold.
    pub unit: String,
    /// The length of a period in seconds.
    pub period_seconds: u32,
    /// The number of periods in the window.
    pub periods: u32,
    /// The number of periods that have to breach; all when unset.
    pub datapoints: Option<u32>,
    /// The treatment of periods without a value.
    #[serde(default)]
    pub missing: Missing,
    /// The metrics, by id.
    pub metrics: BTreeMap<String, Metric>,
    /// Parts of the expression, by id.
    #[serde(default)]
    pub expressions: BTreeMap<String, String>,
    /// The expression that is compared with the threshold; the one metric when unset.
    pub expression: Option<String>,
    /// The comparison with the threshold.
    pub operator: Operator,
    /// The threshold; none where the value is compared with a band.
    pub threshold: Option<f64>,
    /// The width of the band of expected values around the expression, in standard deviations.
    pub band: Option<f64>,
}

/// An alarm on other alarms.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompositeAlarm {
    /// The text that people read.
    pub title: String,
    /// The reason why the alarm matters.
    pub why: String,
    /// The recipients of the notifications.
    pub severity: Severity,
    /// The detail from which on it exists.
    #[serde(default)]
    pub detail: Detail,
    /// Its runbook where it is not that of its own name.
    pub runbook: Option<String>,
    /// When it holds: `ALARM(name)` and `OK(name)` with AND, OR, NOT and parentheses.
    pub rule: String,
    /// The map by whose keys the rule is divided where there are many of them.
    pub tiers_by: Option<String>,
    /// The alarm that suppresses this one.
    pub suppressed_by: Option<Suppressor>,
}

/// The suppression of a composite alarm.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suppressor {
    /// The alarm that notifies instead.
    pub alarm: String,
    /// Seconds that this alarm waits for its suppressor before it notifies.
    pub wait_seconds: u32,
    /// Seconds after the suppressor's alarm in which this one stays suppressed.
    pub extension_seconds: u32,
}

impl Operator {
    /// True when the value breaches the threshold.
    #[must_use]
    pub fn holds(self, value: f64, threshold: f64) -> bool {
        match self {
            Self::GreaterThanThreshold => value > threshold,
            Self::GreaterThanOrEqualToThreshold => value >= threshold,
            Self::LessThanThreshold | Self::LessThanLowerThreshold => value < threshold,
            Self::LessThanOrEqualToThreshold => value <= threshold,
        }
    }

    /// `>` and the like.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::GreaterThanThreshold => ">",
            Self::GreaterThanOrEqualToThreshold => "≥",
            Self::LessThanThreshold | Self::LessThanLowerThreshold => "<",
            Self::LessThanOrEqualToThreshold => "≤",
        }
    }
}

impl MetricAlarm {
    /// The number of periods that have to breach.
    #[must_use]
    pub fn needed(&self) -> u32 {
        self.datapoints.unwrap_or(self.periods)
    }

    /// The comparison for people, such as `≥ 1 Count`.
    #[must_use]
    pub fn comparison(&self) -> String {
        let sign = self.operator.sign();
        let unit = if self.unit == "None" { "" } else { &self.unit };
        let compared = match self.threshold {
            Some(threshold) => format!("{sign} {threshold} {unit}"),
            None => format!("{sign} the band"),
        };
        compared.trim_end().to_owned()
    }

    /// The metrics that it is billed for: a band adds its two bounds.
    #[must_use]
    pub fn billed_metrics(&self) -> usize {
        self.metrics.len() + if self.band.is_some() { 2 } else { 0 }
    }

    /// The length of the window in seconds.
    #[must_use]
    pub fn window_seconds(&self) -> u64 {
        u64::from(self.period_seconds) * u64::from(self.periods)
    }
}
