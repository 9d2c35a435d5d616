//! The metrics of the reconciler.
//!
//! In `CloudWatch` a counter that was never incremented has no value, and a function that does not run has none either. Every
//! sweep therefore records its findings, also when it found nothing.

use std::time::Duration;

use metrics::{counter, histogram};
use tracehook_core::record::Status;

use super::names::*;

/// The findings of one sweep.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Whether the sweep inspected every open record.
    pub complete: bool,
    /// Open webhooks past their age.
    pub open: u64,
    /// Among the open ones: those that have no execution although a start was repeated.
    pub not_started: u64,
    /// Among the open ones: those that are open for so long that an operator has to act.
    pub open_too_long: u64,
    /// Records that could not be handled.
    pub errors: u64,
    /// The age of the oldest open attempt.
    pub oldest: Duration,
}

/// Records the findings of a sweep that ended, complete or at its bounds.
pub fn swept(found: &Swept) {
    let outcome = if found.complete { "complete" } else { "bounded" };
    counter!(SWEEPS.name, OUTCOME => outcome).increment(1);
    if found.errors > 0 {
        counter!(SWEEP_ERRORS.name).increment(found.errors);
    }
    #[expect(clippy::cast_precision_loss, reason = "a sweep inspects 100,000 records at most")]
    let count = |records: u64| records as f64;
    histogram!(WEBHOOKS_OPEN.name).record(count(found.open));
    histogram!(WEBHOOKS_STUCK.name, REASON => "not_started").record(count(found.not_started));
    histogram!(WEBHOOKS_STUCK.name, REASON => "open_too_long").record(count(found.open_too_long));
    histogram!(OLDEST_OPEN_AGE.name).record(found.oldest.as_secs_f64() * 1000.0);
}

/// Counts a sweep that failed.
pub fn sweep_failed() {
    counter!(SWEEPS.name, OUTCOME => "failed").increment(1);
}

/// Counts a record that was closed by the reconciler.
pub fn record_closed(status: Status) {
    counter!(RECORDS_CLOSED.name, OUTCOME => status.as_str()).increment(1);
}

/// Counts an operator's redrive of one webhook, by its outcome.
pub fn redrive(outcome: &'static str) {
    counter!(REDRIVES.name, OUTCOME => outcome).increment(1);
}

/// Counts a handled message of the dead-letter queue, by its outcome.
pub fn dead_letter(outcome: &'static str) {
    counter!(DEAD_LETTERS.name, OUTCOME => outcome).increment(1);
}

/// Counts a record that completed although its execution failed, or failed although its execution succeeded.
pub fn contradiction() {
    counter!(CONTRADICTIONS.name).increment(1);
}
