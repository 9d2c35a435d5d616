//! JSON log lines, metrics, and the spans of one trace per webhook, all without payloads, secrets or signatures.
//!
//! Only this crate and [`durable_traces`] name OpenTelemetry. Functions open spans with `tracing` and with this crate's
//! modules: [`webhook`] for requests and webhooks, [`durable`] for durable executions, [`aws`] for calls of AWS. Spans are
//! held in memory and exported after the response was posted, within a deadline; spans that cannot be exported are dropped
//! and counted, and delay nothing.

mod config;
mod ids;
mod instrumentation;
mod lambda;
mod logs;
pub mod metrics;
#[cfg(test)]
mod spans;
#[cfg(any(test, feature = "test-util"))]
pub mod testing;
pub mod webhook;

use std::sync::Arc;
use std::time::Duration;

use aws_types::SdkConfig;
use durable_traces::{Exporter, Instrumentation, OnDropped};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

pub use config::Config;
pub use durable_traces::{Properties, aws};
pub use lambda::{FlushLayer, Rest};

use crate::instrumentation::INSTRUMENTATION;

/// The spans of durable executions.
pub mod durable {
    pub use durable_traces::{
        Cause, Checkpointed, Execution, Invocation, Nothing, Operation, Period, TryFailure, TryNumber, Unfinished,
    };
}

/// The telemetry of this process. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Telemetry {
    exporter: Option<Arc<Exporter>>,
}

impl Telemetry {
    /// Sets up the logs, metrics and traces of this process. A second call in one process changes nothing. `lead` says how
    /// far the clock of log lines and spans is ahead of the system's.
    #[must_use]
    pub fn install(service: &'static str, config: Option<&Config>, lead: fn() -> Duration) -> Self {
        let traces = config.and_then(|config| config.traces.as_ref());
        let exporter = traces
            .and_then(|traces| Exporter::new(traces, OnDropped::new(metrics::telemetry_dropped)))
            .map(Arc::new);
        if let Some(namespace) = config.and_then(|config| config.metrics.as_deref()) {
            metrics::install(service, namespace);
        }
        let spans = exporter.as_ref().map(|exporter| {
            durable_traces::layers(
                Arc::clone(exporter),
                Instrumentation {
                    lead,
                    ..INSTRUMENTATION
                },
            )
        });
        let lines = logs::layer(service, config.map(|config| config.log_level), lead);
        // Fails in a process that is set up already, as in tests.
        let _ = tracing_subscriber::registry().with(spans).with(lines).try_init();
        if exporter.is_none() && traces.is_some() {
            tracing::error!("no traces: the exporter refuses its configuration");
        }
        Self { exporter }
    }

    /// Gives the exporter the credentials of the function's other clients. Makes no call.
    pub fn connect(&self, aws: &SdkConfig) {
        if let Some(exporter) = &self.exporter {
            exporter.sign_with(aws.credentials_provider());
        }
    }

    /// Writes the metrics and exports all spans, within the configured timeout. Call it after the response was posted.
    pub async fn flush(&self) {
        metrics::flush();
        if let Some(exporter) = &self.exporter {
            exporter.flush().await;
        }
    }

    /// A layer for the Lambda runtime that, after the response was posted and before the next event is fetched, does the `rest`
    /// of the event's work and then flushes.
    #[must_use]
    pub fn layer(&self, rest: impl Fn() -> Rest + Send + Sync + 'static) -> FlushLayer {
        FlushLayer::new(self.clone(), Arc::new(rest))
    }
}
