//! A circuit breaker: no requests for a while after a failure, longer after each further one.

use std::time::{Duration, Instant};

/// The pause after the first failure.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_mins(5);

#[derive(Debug, Default)]
pub(super) struct Breaker {
    failures: u32,
    open_until: Option<Instant>,
}

impl Breaker {
    /// Whether a request may be made.
    pub(super) fn is_closed(&self, now: Instant) -> bool {
        self.open_until.is_none_or(|until| now >= until)
    }

    /// Whether the last request failed.
    pub(super) const fn has_failed(&self) -> bool {
        self.failures > 0
    }

    #[cfg(test)]
    pub(super) fn end_pause(&mut self) {
        self.open_until = None;
    }

    pub(super) fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// Begins a pause and returns its length.
    pub(super) fn failed(&mut self, now: Instant) -> Duration {
        let pause = FIRST_PAUSE
            .saturating_mul(2_u32.saturating_pow(self.failures))
            .min(LONGEST_PAUSE);
        self.failures = self.failures.saturating_add(1);
        self.open_until = now.checked_add(pause);
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_five_minutes_and_a_success_ends_them() {
        let mut breaker = Breaker::default();
        let mut now = Instant::now();
        assert!(breaker.is_closed(now));
        for seconds in [5, 10, 20, 40, 80, 160, 300, 300] {
            assert_eq!(breaker.failed(now).as_secs(), seconds);
            assert!(!breaker.is_closed(now));
            now += Duration::from_secs(seconds);
            assert!(breaker.is_closed(now));
        }
        breaker.succeeded();
        assert_eq!(breaker.failed(now).as_secs(), 5);
    }
}
