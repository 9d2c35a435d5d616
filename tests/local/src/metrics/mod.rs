//! Metrics of the functions: read from the embedded metric format in their logs, kept as `CloudWatch` would.
//!
//! Contract: values lie in periods of 10 s, so that every statistic over a multiple of that is possible, for the last
//! [`KEPT`]; sums and percentiles since the start are kept beside them. Memory is bounded by [`MAX_METRICS`].
//! Nothing of it survives the host.

mod emf;
mod json;
mod series;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use serde::Serialize;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use tracehook_local_lambda::{LogLine, LogStream, clock};

pub(crate) use tracehook_local_lambda::clock::true_ms as now_ms;

pub use series::{KEPT, PERIOD, Period, Series};

/// Metrics (a name with one set of dimensions) at most; samples of further ones are only counted.
pub const MAX_METRICS: usize = 500;

/// The identity of a metric, by which `CloudWatch` also bills it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct MetricId {
    /// Such as `Tracehook` or `AWS/Lambda`.
    pub namespace: String,
    /// The name within the namespace.
    pub name: String,
    /// All dimensions, by name.
    pub dimensions: BTreeMap<String, String>,
}

/// The emitted metrics. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Metrics(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    series: BTreeMap<MetricId, Series>,
    lost: Lost,
}

/// Samples that were not counted, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Lost {
    /// Metrics in lines that `CloudWatch` would not have read either.
    pub unreadable: u64,
    /// Samples beyond [`MAX_METRICS`].
    pub too_many_metrics: u64,
    /// Log lines that came faster than they were read.
    pub lines_skipped: u64,
}

impl Metrics {
    /// Reads log lines until the channel closes.
    pub async fn follow(self, mut lines: broadcast::Receiver<LogLine>) {
        loop {
            match lines.recv().await {
                Ok(line) => self.read(&line),
                Err(RecvError::Lagged(skipped)) => self.lock().lost.lines_skipped += skipped,
                Err(RecvError::Closed) => return,
            }
        }
    }

    /// Takes what a line measures. Most lines measure nothing.
    pub fn read(&self, line: &LogLine) {
        if line.stream == LogStream::Stdout {
            // The library that times the functions' metrics knows the machine's clock only.
            self.take(&line.line, now_ms(), clock::lead_ms());
        }
    }

    /// The same for the text of a line that is written at `now_ms`.
    pub fn read_text(&self, line: &str, now_ms: i64) {
        self.take(line, now_ms, 0);
    }

    /// The same for a line whose clock is behind by `behind_ms`.
    fn take(&self, line: &str, now_ms: i64, behind_ms: i64) {
        let Some(document) = emf::parse(line) else {
            return;
        };
        let mut inner = self.lock();
        inner.lost.unreadable += document.unreadable;
        for sample in document.samples {
            if inner.series.len() >= MAX_METRICS && !inner.series.contains_key(&sample.id) {
                inner.lost.too_many_metrics += 1;
                continue;
            }
            // A clock that runs ahead must not push out what is kept.
            let at_ms = sample.timestamp_ms.saturating_add(behind_ms).min(now_ms);
            let series = inner.series.entry(sample.id).or_default();
            series.add(sample.unit, &sample.values, at_ms, now_ms);
        }
    }

    /// Takes one value that was measured at `at_ms`.
    pub fn observe(&self, id: MetricId, unit: &str, value: f64, at_ms: i64) {
        let mut inner = self.lock();
        if inner.series.len() >= MAX_METRICS && !inner.series.contains_key(&id) {
            inner.lost.too_many_metrics += 1;
            return;
        }
        let series = inner.series.entry(id).or_default();
        series.add(Some(unit.to_owned()), &[(value, 1)], at_ms, now_ms().max(at_ms));
    }

    /// Every metric, by namespace, name and dimensions.
    #[must_use]
    pub fn snapshot(&self) -> Vec<(MetricId, Series)> {
        let inner = self.lock();
        inner
            .series
            .iter()
            .map(|(id, series)| (id.clone(), series.clone()))
            .collect()
    }

    /// The periods of a metric that begin in `from_ms..to_ms`, oldest first; those without a value are left out.
    /// `period` counts in whole [`PERIOD`]s.
    #[must_use]
    pub fn periods(&self, id: &MetricId, from_ms: i64, to_ms: i64, period: Duration) -> Vec<Period> {
        let inner = self.lock();
        let series = inner.series.get(id);
        series.map_or_else(Vec::new, |series| series.periods(from_ms, to_ms, period))
    }

    /// Samples that were not counted, by reason.
    #[must_use]
    pub fn lost(&self) -> Lost {
        self.lock().lost
    }

    /// `GET /local/metrics`: everything as JSON, with `?period=60` also the periods of that many seconds.
    pub fn router(&self) -> Router {
        json::router(self.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn line(name: &str, value: f64, at_ms: i64) -> String {
        json!({
            "_aws": {"Timestamp": at_ms, "CloudWatchMetrics": [{
                "Namespace": "Tracehook", "Dimensions": [["service"]], "Metrics": [{"Name": name, "Unit": "Milliseconds"}],
            }]},
            "service": "validator", name: value,
        })
        .to_string()
    }

    fn id(name: &str) -> MetricId {
        MetricId {
            namespace: "Tracehook".to_owned(),
            name: name.to_owned(),
            dimensions: BTreeMap::from([("service".to_owned(), "validator".to_owned())]),
        }
    }

    #[test]
    fn values_lie_in_the_periods_of_their_time() {
        let metrics = Metrics::default();
        for (at_ms, value) in [(60_000, 1.0), (69_999, 3.0), (70_000, 5.0), (120_000, 7.0)] {
            metrics.read_text(&line("accept", value, at_ms), 120_000);
        }
        let told = |seconds| {
            let periods = metrics.periods(&id("accept"), 0, 600_000, Duration::from_secs(seconds));
            let told = periods.iter().map(|period| (period.start_ms, period.values.sum()));
            told.collect::<Vec<_>>()
        };
        assert_eq!(told(10), [(60_000, 4.0), (70_000, 5.0), (120_000, 7.0)]);
        assert_eq!(told(60), [(60_000, 9.0), (120_000, 7.0)]);
        assert!(metrics.periods(&id("other"), 0, 600_000, PERIOD).is_empty());
    }

    #[test]
    fn what_is_old_leaves_the_periods_and_stays_in_the_total() {
        let metrics = Metrics::default();
        let later_ms = i64::try_from(KEPT.as_millis()).unwrap() + 30_000;
        metrics.read_text(&line("accept", 1.0, 0), 0);
        metrics.read_text(&line("accept", 2.0, later_ms + 999_999_999), later_ms);
        let (_, series) = metrics.snapshot().remove(0);
        assert_eq!((series.total.count(), series.last), (2, 2.0));
        let periods = metrics.periods(&id("accept"), 0, i64::MAX, PERIOD);
        assert_eq!(periods.len(), 1);
        assert_eq!(periods[0].start_ms, later_ms);
    }

    #[test]
    fn the_number_of_metrics_is_bounded() {
        let metrics = Metrics::default();
        for number in 0..MAX_METRICS + 3 {
            metrics.read_text(&line(&format!("m{number}"), 1.0, 0), 0);
        }
        metrics.read_text(&line("m0", 1.0, 0), 0);
        assert_eq!(metrics.snapshot().len(), MAX_METRICS);
        assert_eq!(metrics.lost().too_many_metrics, 3);
    }

    #[tokio::test]
    async fn only_the_standard_output_of_functions_is_read() {
        let metrics = Metrics::default();
        let (sender, receiver) = broadcast::channel(8);
        for (stream, text) in [
            (LogStream::Stdout, line("accept", 1.0, 0)),
            (LogStream::Stderr, line("accept", 1.0, 0)),
            (LogStream::Stdout, "plain text".to_owned()),
            (LogStream::Stdout, "{\"_aws\": 7}".to_owned()),
        ] {
            let function = "validator".to_owned();
            sender
                .send(LogLine {
                    function,
                    stream,
                    line: text,
                })
                .unwrap();
        }
        drop(sender);
        metrics.clone().follow(receiver).await;
        assert_eq!(metrics.snapshot()[0].1.total.count(), 1);
        assert_eq!(metrics.lost().unreadable, 1);
    }
}
