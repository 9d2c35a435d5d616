//! What a function says about itself: JSON log lines, metrics, and the spans of one trace per webhook, all without
//! payloads, secrets or signatures.
//!
//! The only crate that names OpenTelemetry. Functions open spans with `tracing` and with what this crate offers:
//! [`webhook`] for requests and webhooks, [`durable`] for durable executions (which knows nothing of webhooks),
//! [`aws`] for calls of AWS. Spans are held in memory and exported after the answer was given, within a deadline; what
//! cannot be exported is dropped and counted, and delays nothing.

pub mod aws;
mod config;
pub mod durable;
mod export;
mod lambda;
mod logs;
pub mod metrics;
#[cfg(any(test, feature = "test-util"))]
pub mod testing;
mod trace;
pub mod webhook;

use std::sync::Arc;

use aws_types::SdkConfig;

pub use config::{Config, Properties};
pub use lambda::FlushLayer;

use crate::export::Exporter;
use crate::trace::Spans;

/// The telemetry of this process. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Telemetry {
    exporter: Option<Arc<Exporter>>,
}

impl Telemetry {
    /// Sets up the logs, metrics and traces of this process. A second call in one process changes nothing.
    #[must_use]
    pub fn install(service: &'static str, config: Option<&Config>) -> Self {
        let level = config.map(|config| config.log_level);
        let exporter = config.and_then(Exporter::new).map(Arc::new);
        if config.is_some_and(|config| config.metrics) {
            metrics::install(service);
        }
        logs::install(
            service,
            level,
            exporter.as_ref().map(|exporter| Spans::new(Arc::clone(exporter))),
        );
        if exporter.is_none() && config.is_some_and(|config| config.traces.is_some()) {
            tracing::error!("no traces: the exporter refuses its configuration");
        }
        Self { exporter }
    }

    /// Gives the exporter the credentials that the function's other clients use. Nothing is called yet.
    pub fn connect(&self, aws: &SdkConfig) {
        if let Some(exporter) = &self.exporter {
            exporter.sign_with(aws.credentials_provider());
        }
    }

    /// Exports what there is, within the configured timeout, and writes the metrics. Call it after the answer was given.
    pub async fn flush(&self) {
        metrics::flush();
        if let Some(exporter) = &self.exporter {
            exporter.flush().await;
        }
    }

    /// A layer for the Lambda runtime that flushes after the response was posted and before the next event is asked for.
    #[must_use]
    pub fn layer(&self) -> FlushLayer {
        FlushLayer::new(self.clone())
    }
}
