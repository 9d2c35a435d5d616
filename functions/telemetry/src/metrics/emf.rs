//! The one collector of this process.

use std::io::Write;
use std::sync::OnceLock;

use metrics::{describe_counter, describe_histogram};
use metrics_cloudwatch_embedded::{Builder, Collector};

use super::names::{ALL, Kind, NAMESPACE, SERVICE};

static COLLECTOR: OnceLock<&'static Collector> = OnceLock::new();

/// Collects from now on. A second call in one process, as tests make, changes nothing.
pub(crate) fn install(service: &'static str) {
    let built = Builder::new()
        .cloudwatch_namespace(NAMESPACE)
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

/// Writes what was collected since the last time, each line at once, so that no log line comes between.
pub(crate) fn flush() {
    let Some(collector) = COLLECTOR.get() else { return };
    let mut lines = Vec::new();
    if collector.flush(&mut lines).is_ok() && !lines.is_empty() {
        let mut output = std::io::stdout().lock();
        // Nobody reads any more: there is nobody to tell.
        let _ = output.write_all(&lines).and_then(|()| output.flush());
    }
}
