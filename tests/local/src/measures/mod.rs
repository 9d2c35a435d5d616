//! AWS's metrics of this machine, under AWS's own names, so that the deployment's alarms see them.
//!
//! Contract: values are those of calls, invocations and executions that really happened here. What has no value in
//! `CloudWatch` until it happens has none here. [`unmeasured`] says what is missing, and why.

mod api;
mod durable;
mod functions;
mod sampled;
mod table;
mod unmeasured;

use crate::metrics::{MetricId, Metrics, now_ms};

pub use api::measured;
pub use durable::follow_executions;
pub use functions::follow_invocations;
pub use sampled::sample;
pub use table::count_table_call;
pub use unmeasured::unmeasured;

const LAMBDA: &str = "AWS/Lambda";

fn id<'a>(namespace: &str, name: &str, dimensions: impl IntoIterator<Item = (&'a str, &'a str)>) -> MetricId {
    let dimensions = dimensions
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    MetricId {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        dimensions: dimensions.collect(),
    }
}

fn put<'a>(
    metrics: &Metrics,
    namespace: &str,
    name: &str,
    unit: &str,
    value: f64,
    dimensions: impl IntoIterator<Item = (&'a str, &'a str)>,
) {
    metrics.observe(id(namespace, name, dimensions), unit, value, now_ms());
}
