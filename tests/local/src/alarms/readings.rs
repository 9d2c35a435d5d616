//! The values of alarms, from the metrics that were emitted.

use tracehook_alarms::{Metric, Readings, Statistic};

use crate::metrics::{self, Distribution, MetricId, Metrics, PERIOD};

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
        values.statistic(match statistic {
            Statistic::Sum => metrics::Statistic::Sum,
            Statistic::Average => metrics::Statistic::Average,
            Statistic::Minimum => metrics::Statistic::Minimum,
            Statistic::Maximum => metrics::Statistic::Maximum,
            Statistic::SampleCount => metrics::Statistic::SampleCount,
            Statistic::Percentile(percent) => metrics::Statistic::Percentile(percent),
            Statistic::ShareUpTo(bound) => return values.share_up_to(bound),
        })
    }
}
