//! `CloudWatch` on one machine: statistics, metric math, alarms and their notifications.
//!
//! Contract: pure functions of definitions, values and the given time; no I/O and no clock. Metric alarms follow
//! `CloudWatch`'s rules for periods, M of N, missing data and metric math; composite alarms follow their rules, with
//! suppression. The band of expected values, which `CloudWatch` learns, is an input: there is no model of it here. SEARCH and
//! Metrics Insights are not supported.

mod alarms;
mod definition;
mod distribution;
pub mod evaluate;
pub mod expression;
pub mod limits;
mod statistic;

pub use alarms::{Alarms, Named};
pub use definition::{CompositeAlarm, Detail, Metric, MetricAlarm, Missing, Operator, Severity, Suppressor};
pub use distribution::Distribution;
pub use evaluate::{Engine, EngineError, Notification, Readings, Standing, State};
pub use statistic::{Statistic, UnknownStatistic};
