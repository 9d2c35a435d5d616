//! Metrics in `CloudWatch`'s embedded format: one JSON line on standard output per set of dimensions and flush, without any
//! call of an API.
//!
//! `CloudWatch` bills every value of a dimension as a metric, so dimensions hold names of the deployment and stable codes
//! only, never values that a caller sends; tokens, ARNs and trace ids are in the spans and log lines.

mod emf;
pub mod names;
mod reconciler;
mod table;

use std::time::Duration;

use durable_traces::DropReason;
use metrics::{counter, histogram};
use names::*;
use tracehook_core::record::{Start, StepName};
use tracehook_core::{Rejection, SourceName};

pub(crate) use emf::{flush, install};
pub use reconciler::{Swept, contradiction, dead_letter, record_closed, redrive, sweep_failed, swept};
pub use table::markdown;

/// The reason of a try that began and never ended.
const INTERRUPTED: &str = "interrupted";

/// The source of a request that names no source of the deployment.
const UNKNOWN_SOURCE: &str = "unknown";

/// Counts a request that named a source.
pub fn webhook_received(source: Option<&SourceName>) {
    counter!(WEBHOOKS_RECEIVED.name, SOURCE => source_name(source)).increment(1);
}

/// Counts a request whose signature is good.
pub fn webhook_verified(source: &SourceName) {
    counter!(WEBHOOKS_VERIFIED.name, SOURCE => source_name(Some(source))).increment(1);
}

/// Records the answer to a request whose signature is good, after `elapsed_ms`.
pub fn verified_answered(elapsed_ms: f64, rejection: Option<&Rejection>) {
    histogram!(ANSWER_TIME.name).record(elapsed_ms);
    if rejection.is_some_and(|rejection| rejection.status().is_server_error()) {
        counter!(REQUESTS_FAILED.name).increment(1);
    }
}

/// Counts a read of the secret document that closes this source.
pub fn secret_unusable(source: &SourceName) {
    counter!(SECRETS_UNUSABLE.name, SOURCE => source_name(Some(source))).increment(1);
}

/// Counts a read of the secret document in which this source has a secret in common with another one.
pub fn secret_shared(source: &SourceName) {
    counter!(SECRETS_SHARED.name, SOURCE => source_name(Some(source))).increment(1);
}

/// Counts a new webhook that was answered with 202 after `elapsed_ms`.
pub fn webhook_accepted(source: &SourceName, payload_bytes: u64, elapsed_ms: f64) {
    counter!(WEBHOOKS_ACCEPTED.name, SOURCE => source_name(Some(source))).increment(1);
    #[expect(clippy::cast_precision_loss, reason = "bodies are smaller than 2^52 bytes")]
    histogram!(PAYLOAD_BYTES.name, SOURCE => source_name(Some(source))).record(payload_bytes as f64);
    histogram!(ACCEPT_TIME.name, SOURCE => source_name(Some(source))).record(elapsed_ms);
}

/// Counts a repeated delivery that was answered with 202.
pub fn webhook_duplicate(source: &SourceName) {
    counter!(WEBHOOKS_DUPLICATE.name, SOURCE => source_name(Some(source))).increment(1);
}

/// Counts a delivery whose id was used with another body.
pub fn webhook_conflict(source: &SourceName) {
    counter!(WEBHOOKS_CONFLICTING.name, SOURCE => source_name(Some(source))).increment(1);
}

/// Counts a redelivery that has opened the next attempt of its webhook.
pub fn webhook_reopened(source: &SourceName) {
    counter!(WEBHOOKS_REOPENED.name, SOURCE => source_name(Some(source))).increment(1);
}

/// Counts a refused request.
pub fn webhook_rejected(source: Option<&SourceName>, rejection: Rejection) {
    counter!(WEBHOOKS_REJECTED.name, SOURCE => source_name(source), REASON => rejection.code()).increment(1);
    if rejection.status().is_server_error() {
        counter!(REQUESTS_UNAVAILABLE.name).increment(1);
    }
}

/// Counts a start of an execution. A refused start is counted as deferred as well: the sweep repeats both.
pub(crate) fn start(source: &SourceName, start: &Start) {
    let source = source_name(Some(source));
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

/// Records the end of a try of a step; `failure` is the failure's code.
pub fn step_try(step: StepName, number: u32, elapsed_ms: f64, failure: Option<&str>) {
    let outcome = if failure.is_some() { "failed" } else { "succeeded" };
    histogram!(STEP_DURATION.name, STEP => step.as_str(), OUTCOME => outcome).record(elapsed_ms);
    if number > 1 {
        counter!(STEP_RETRIES.name, STEP => step.as_str()).increment(1);
    }
    if let Some(code) = failure {
        counter!(STEP_FAILURES.name, STEP => step.as_str(), REASON => code.to_owned()).increment(1);
    }
}

/// Counts a try of a step that began and never ended. Its duration is not known.
pub fn step_interrupted(step: StepName) {
    counter!(STEP_FAILURES.name, STEP => step.as_str(), REASON => INTERRUPTED).increment(1);
    // The next try may be interrupted as well, and then no end of its invocation flushes.
    flush();
}

/// Counts a webhook that ended completed; `elapsed` is the time since its receipt.
pub(crate) fn completed(source: &SourceName, elapsed: Duration) {
    counter!(EXECUTIONS_COMPLETED.name, SOURCE => source_name(Some(source))).increment(1);
    histogram!(TIME_TO_COMPLETION.name, SOURCE => source_name(Some(source))).record(elapsed.as_secs_f64() * 1000.0);
}

/// Counts a webhook that ended with a failure.
pub(crate) fn failed(source: &SourceName, code: &str) {
    counter!(EXECUTIONS_FAILED.name, SOURCE => source_name(Some(source)), REASON => code.to_owned()).increment(1);
    counter!(WEBHOOKS_FAILED.name, SOURCE => source_name(Some(source))).increment(1);
}

/// Counts spans that were not exported.
pub(crate) fn telemetry_dropped(spans: usize, reason: DropReason) {
    counter!(TELEMETRY_DROPPED.name, REASON => reason.as_str()).increment(spans as u64);
    if reason != DropReason::BufferFull {
        // An export that failed in the background may be followed by no event, and so by no flush.
        flush();
    }
}

fn source_name(source: Option<&SourceName>) -> String {
    source.map_or(UNKNOWN_SOURCE, SourceName::as_str).to_owned()
}
