//! The variables that configure telemetry. A function reads them together with its own, so that one message names every bad
//! one.

mod resource;
mod sampler;
#[cfg(test)]
mod tests;
mod traces;

use durable_traces::ExporterConfig;
use tracehook_core::env::Env;
use tracing_subscriber::filter::LevelFilter;

use crate::metrics::names::NAMESPACE;

/// The configuration of a function's telemetry. The default, when nothing is configured: log lines from `info` on,
/// metrics, no traces.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// `LOG_LEVEL`: `error`, `warn`, `info` (the default), `debug` or `trace`, for tracehook's own lines.
    pub(crate) log_level: LevelFilter,
    /// The namespace of the metrics, `METRICS_NAMESPACE`: two deployments of one account and region have two. None writes no
    /// metrics, `OTEL_METRICS_EXPORTER=none`.
    pub(crate) metrics: Option<String>,
    /// None exports no traces, and costs nothing.
    pub(crate) traces: Option<ExporterConfig>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            log_level: LevelFilter::INFO,
            metrics: Some(NAMESPACE.to_owned()),
            traces: None,
        }
    }
}

impl AsRef<Self> for Config {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl Config {
    /// Reads every variable of telemetry. None when one of them is bad.
    pub fn read<F: Fn(&str) -> Option<String>>(env: &mut Env<F>) -> Option<Self> {
        let log_level = env.optional_with("LOG_LEVEL", |text| match text.to_ascii_lowercase().as_str() {
            "error" => Ok(LevelFilter::ERROR),
            "warn" => Ok(LevelFilter::WARN),
            "info" => Ok(LevelFilter::INFO),
            "debug" => Ok(LevelFilter::DEBUG),
            "trace" => Ok(LevelFilter::TRACE),
            _ => Err("must be error, warn, info, debug or trace".to_owned()),
        });
        let metrics = env.optional_with("OTEL_METRICS_EXPORTER", |text| match text {
            "emf" => Ok(true),
            "none" => Ok(false),
            _ => Err("must be emf or none".to_owned()),
        });
        let namespace = env.optional_with("METRICS_NAMESPACE", |text| {
            if is_namespace(text) {
                Ok(text.to_owned())
            } else {
                Err(
                    "must be 1 to 255 letters, digits and . - _ / # : and must not begin with AWS/ or a colon"
                        .to_owned(),
                )
            }
        });
        let disabled = env.or("OTEL_SDK_DISABLED", false);
        let traces = traces::read(env);
        let is_written = metrics?.unwrap_or(true);
        Some(Self {
            log_level: log_level?.unwrap_or(LevelFilter::INFO),
            metrics: namespace?.or_else(|| Some(NAMESPACE.to_owned())).filter(|_| is_written),
            traces: traces?.filter(|_| disabled == Some(false)),
        })
    }
}

/// True for what `CloudWatch` takes for a namespace of one's own.
fn is_namespace(text: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || ".-_/#:".contains(c);
    (1..=255).contains(&text.len())
        && text.chars().all(is_allowed)
        && !text.starts_with("AWS/")
        && !text.starts_with(':')
}
