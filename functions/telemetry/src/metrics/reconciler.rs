//! What the reconciler does and finds.
//!
//! A counter that was not told of yet has no value in CloudWatch, and neither has a function that does not run. What a
//! sweep finds is therefore told by every sweep, nothing included.

use std::time::Duration;

use metrics::{counter, histogram};
use tracehook_core::record::Status;

use super::names::*;

/// What one sweep found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Whether it got to the end.
    pub complete: bool,
    /// Open webhooks past their age.
    pub open: u64,
    /// Of these, the ones that nobody has seen running though they were to be started again.
    pub not_started: u64,
    /// Of these, the ones that are open for so long that a person has to look.
    pub open_too_long: u64,
    /// Records that could not be handled.
    pub errors: u64,
    /// Since when the oldest one's attempt is open.
    pub oldest: Duration,
}

/// A sweep came to its end, or to its bounds.
pub fn swept(found: &Swept) {
    let outcome = if found.complete { "complete" } else { "bounded" };
    counter!(SWEEPS.name, OUTCOME => outcome).increment(1);
    if found.errors > 0 {
        counter!(SWEEP_ERRORS.name).increment(found.errors);
    }
    #[expect(clippy::cast_precision_loss, reason = "a sweep looks at 100,000 records at most")]
    let count = |records: u64| records as f64;
    histogram!(WEBHOOKS_OPEN.name).record(count(found.open));
    histogram!(WEBHOOKS_STUCK.name, REASON => "not_started").record(count(found.not_started));
    histogram!(WEBHOOKS_STUCK.name, REASON => "open_too_long").record(count(found.open_too_long));
    histogram!(OLDEST_OPEN_AGE.name).record(found.oldest.as_secs_f64() * 1000.0);
}

/// A sweep was given up.
pub fn sweep_failed() {
    counter!(SWEEPS.name, OUTCOME => "failed").increment(1);
}

/// A record was closed by somebody else than its processor.
pub fn record_closed(status: Status) {
    counter!(RECORDS_CLOSED.name, OUTCOME => status.as_str()).increment(1);
}

/// An operator's redrive of one webhook came to something.
pub fn redrive(outcome: &'static str) {
    counter!(REDRIVES.name, OUTCOME => outcome).increment(1);
}

/// A message of the dead-letter queue was handled.
pub fn dead_letter(outcome: &'static str) {
    counter!(DEAD_LETTERS.name, OUTCOME => outcome).increment(1);
}

/// A record and the engine have ended, one well and one badly.
pub fn contradiction() {
    counter!(CONTRADICTIONS.name).increment(1);
}
