//! Limits and delays of the retries of failed invocations.

use std::time::Duration;

/// The kind of a failed invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// The process ended: killed, or exited by itself.
    Crash,
    /// The function reported an error.
    Error,
    /// The function ran out of time.
    Timeout,
}

/// The limits of trying again.
#[derive(Clone, Debug)]
pub struct RetryPolicy {
    /// Consecutive failed invocations that fail the execution (official emulator: 5).
    pub max_failures: u32,
    /// Consecutive answers PENDING with nothing to wait for that fail the execution (official emulator: 3).
    pub max_fruitless: u32,
    /// Delay after a function error, a timeout or a fruitless answer (official emulator: 5 s).
    pub failure_delay: Duration,
    /// Delay after a crash; shorter than the emulator's 5 s so that a crash while developing costs little.
    pub crash_delay: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_failures: 5,
            max_fruitless: 3,
            failure_delay: Duration::from_secs(5),
            crash_delay: Duration::from_secs(1),
        }
    }
}

impl RetryPolicy {
    pub(crate) fn delay_ms(&self, kind: FailureKind) -> i64 {
        let delay = match kind {
            FailureKind::Crash => self.crash_delay,
            FailureKind::Error | FailureKind::Timeout => self.failure_delay,
        };
        i64::try_from(delay.as_millis()).unwrap_or(i64::MAX)
    }
}
