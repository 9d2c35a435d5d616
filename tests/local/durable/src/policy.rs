//! Limits and delays of the repeats of failed invocations.
//!
//! The service repeats a failed invocation "until it succeeds or the execution timeout is reached", with growing delays
//! (durable execution service documentation). The delays themselves, and whether the service stops after a number of
//! repeats, are unconfirmed: one report of an account counts 9. Both are settings, therefore.

use std::time::Duration;

/// The limits of repeating.
#[derive(Clone, Debug)]
pub struct RetryPolicy {
    /// Failed invocations in a row that are repeated; the next one fails the execution. Without a number they are repeated
    /// until the execution timeout.
    pub max_recoveries: Option<u32>,
    /// Consecutive answers PENDING with nothing to wait for that fail the execution (official emulator: 3).
    pub max_fruitless: u32,
    /// Delay after the first failed invocation in a row, or the first fruitless answer. It doubles with every further one.
    pub failure_delay: Duration,
    /// The longest delay.
    pub max_failure_delay: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_recoveries: None,
            max_fruitless: 3,
            failure_delay: Duration::from_secs(1),
            max_failure_delay: Duration::from_mins(5),
        }
    }
}

impl RetryPolicy {
    /// True when the invocation that failed as number `failures` in a row is not repeated.
    pub(crate) fn is_used_up(&self, failures: u32) -> bool {
        self.max_recoveries.is_some_and(|recoveries| failures > recoveries)
    }

    /// The delay after the failed invocation, or the fruitless answer, number `in_a_row`.
    pub(crate) fn delay_ms(&self, in_a_row: u32) -> i64 {
        let doubled = 2_u32.saturating_pow(in_a_row.saturating_sub(1));
        let delay = self.failure_delay.saturating_mul(doubled).min(self.max_failure_delay);
        i64::try_from(delay.as_millis()).unwrap_or(i64::MAX)
    }
}
