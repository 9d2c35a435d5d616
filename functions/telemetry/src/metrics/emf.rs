//! The process's collector of metrics.

use std::io::Write;
use std::sync::OnceLock;

use metrics::{describe_counter, describe_histogram};
use metrics_cloudwatch_embedded::{Builder, Collector};

use super::names::{ALL, Kind, SERVICE};

static COLLECTOR: OnceLock<&'static Collector> = OnceLock::new();

/// Starts collecting, for a namespace in `CloudWatch`. A second call in one process, as in tests, changes nothing.
pub(crate) fn install(service: &'static str, namespace: &str) {
    let built = Builder::new()
        .cloudwatch_namespace(namespace.to_owned())
        .with_dimension(SERVICE, service)
        .init();
    let Ok(collector) = built else { return };
    for metric in ALL {
        match metric.kind {
            Kind::Counter => describe_counter!(metric.name, metric.unit, metric.meaning),
            Kind::Histogram => describe_histogram!(metric.name, metric.unit, metric.meaning),
        }
    }
    let _ = COLLECTOR.set(collector);
}

/// Writes the metrics collected since the last flush, under one lock, so that no log line comes between.
pub(crate) fn flush() {
    let Some(collector) = COLLECTOR.get() else { return };
    let mut lines = Vec::new();
    if collector.flush(&mut lines).is_ok() && !lines.is_empty() {
        let mut output = std::io::stdout().lock();
        // Nothing can be done about a closed standard output.
        let _ = output.write_all(&lines).and_then(|()| output.flush());
    }
}
