//! Metrics in CloudWatch's embedded format: one JSON line on standard output per set of dimensions and flush, no call.
//!
//! Every value of a dimension is a billed metric, so dimensions hold names of the deployment and stable codes only, never
//! what a caller sends; tokens, ARNs and trace ids are in the spans and log lines.

mod emf;
pub mod names;
mod reconciler;
mod table;

use std::time::Duration;

use metrics::{counter, histogram};
use names::*;
use tracehook_core::record::{Start, StepName};
use tracehook_core::{Rejection, SourceName};

pub(crate) use emf::{flush, install};
pub use reconciler::{Swept, contradiction, dead_letter, record_closed, redrive, sweep_failed, swept};
pub use table::markdown;

/// The source of a request that names none of the deployment's.
const UNKNOWN_SOURCE: &str = "unknown";

/// Why spans were not exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DropReason {
    /// More came than could be sent.
    BufferFull,
    /// It was not heard whether the backend took them.
    ExportFailed,
    /// The backend did not take them.
    Refused,
}

impl DropReason {
    const fn as_str(self) -> &'static str {
        match self {
            Self::BufferFull => "buffer_full",
            Self::ExportFailed => "export_failed",
            Self::Refused => "refused",
        }
    }
}

/// A request named a source.
pub fn webhook_received(source: Option<&SourceName>) {
    counter!(WEBHOOKS_RECEIVED.name, SOURCE => name(source)).increment(1);
}

/// A new webhook was answered with 202, after `elapsed_ms`.
pub fn webhook_accepted(source: &SourceName, payload_bytes: u64, elapsed_ms: f64) {
    counter!(WEBHOOKS_ACCEPTED.name, SOURCE => name(Some(source))).increment(1);
    #[expect(clippy::cast_precision_loss, reason = "bodies are smaller than 2^52 bytes")]
    histogram!(PAYLOAD_BYTES.name, SOURCE => name(Some(source))).record(payload_bytes as f64);
    histogram!(ACCEPT_TIME.name, SOURCE => name(Some(source))).record(elapsed_ms);
}

/// A known webhook was answered with 202.
pub fn webhook_duplicate(source: &SourceName) {
    counter!(WEBHOOKS_DUPLICATE.name, SOURCE => name(Some(source))).increment(1);
}

/// A request was refused.
pub fn webhook_rejected(source: Option<&SourceName>, rejection: Rejection) {
    counter!(WEBHOOKS_REJECTED.name, SOURCE => name(source), REASON => rejection.code()).increment(1);
}

/// Counts a start of an execution. A refused start is counted as deferred as well: the sweep repeats both.
pub(crate) fn start(source: &SourceName, start: &Start) {
    let source = name(Some(source));
    match start {
        Start::Started => counter!(STARTS.name, SOURCE => source).increment(1),
        Start::AlreadyRunning => {}
        Start::Deferred { .. } => counter!(STARTS_DEFERRED.name, SOURCE => source).increment(1),
        Start::Refused { code } => {
            counter!(STARTS_DEFERRED.name, SOURCE => source.clone()).increment(1);
            counter!(START_FAILURES.name, SOURCE => source, REASON => code.clone()).increment(1);
        }
    }
}

/// An attempt of a step ended; `failure` is its code.
pub fn step_attempt(step: StepName, attempt: u32, elapsed_ms: f64, failure: Option<&str>) {
    let outcome = if failure.is_some() { "failed" } else { "succeeded" };
    histogram!(STEP_DURATION.name, STEP => step.as_str(), OUTCOME => outcome).record(elapsed_ms);
    if attempt > 1 {
        counter!(STEP_RETRIES.name, STEP => step.as_str()).increment(1);
    }
    if let Some(code) = failure {
        counter!(STEP_FAILURES.name, STEP => step.as_str(), REASON => code.to_owned()).increment(1);
    }
}

/// A webhook ended completed, so long after its receipt.
pub(crate) fn completed(source: &SourceName, elapsed: Duration) {
    counter!(EXECUTIONS_COMPLETED.name, SOURCE => name(Some(source))).increment(1);
    histogram!(TIME_TO_COMPLETION.name, SOURCE => name(Some(source))).record(elapsed.as_secs_f64() * 1000.0);
}

/// A webhook ended otherwise.
pub(crate) fn failed(source: &SourceName, code: &str) {
    counter!(EXECUTIONS_FAILED.name, SOURCE => name(Some(source)), REASON => code.to_owned()).increment(1);
    counter!(WEBHOOKS_FAILED.name, SOURCE => name(Some(source))).increment(1);
}

/// Spans were not exported.
pub(crate) fn telemetry_dropped(spans: usize, reason: DropReason) {
    if spans > 0 {
        counter!(TELEMETRY_DROPPED.name, REASON => reason.as_str()).increment(spans as u64);
    }
}

fn name(source: Option<&SourceName>) -> String {
    source.map_or(UNKNOWN_SOURCE, SourceName::as_str).to_owned()
}
