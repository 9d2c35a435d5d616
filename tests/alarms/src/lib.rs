//! The alarms and dashboards as data, and what CloudWatch would make of them.
//!
//! Contract: `alarms/*.yaml` and `dashboards/*.yaml` are read as Terraform reads them, with the names of a [`Deployment`]
//! put in. Metric alarms are evaluated by CloudWatch's rules for periods, M of N, missing data and metric math; composite
//! alarms by their rules, with suppression. Only fixed thresholds and ratios are known: anomaly detection, SEARCH and
//! Metrics Insights are not, and no alarm uses them.

pub mod aws;
pub mod dashboard;
pub mod data;
pub mod embedded;
pub mod evaluate;
pub mod expression;
pub mod limits;
mod statistic;

pub use data::{Alarms, CompositeAlarm, DataError, Deployment, Metric, MetricAlarm, Missing, Operator, Severity};
pub use evaluate::{Engine, Readings, Standing, State, Told};
pub use statistic::{Statistic, UnknownStatistic};
