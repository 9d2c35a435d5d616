//! The values of alarms, from the metrics that were emitted.

use tracehook_local_cloudwatch::{Distribution, Metric, Readings, Statistic};

use crate::metrics::{MetricId, Metrics, PERIOD};

impl Readings for Metrics {
    fn value(&self, metric: &Metric, statistic: Statistic, from_ms: i64, to_ms: i64) -> Option<f64> {
        let id = MetricId {
            namespace: metric.namespace.clone(),
            name: metric.name.clone(),
            dimensions: metric.dimensions.clone(),
        };
        let mut values = Distribution::default();
        for period in self.periods(&id, from_ms, to_ms, PERIOD) {
            values.merge(&period.values);
        }
        values.statistic(statistic)
    }
}
