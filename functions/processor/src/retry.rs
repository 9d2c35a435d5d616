//! When a failed step is tried again.

use std::time::Duration;

use aws_durable_execution_sdk::RetryDecision;

use crate::failure::StepFailure;

/// Exponential backoff with full jitter, for transient failures only. The engine keeps the time, so that a waiting step
/// holds no invocation open.
#[derive(Debug, Clone, Copy)]
pub struct RetryPolicy {
    /// Tries of one step, the first included.
    pub max_tries: u32,
    /// The longest delay before the second try, doubled before each further one up to `max_delay`.
    pub initial_delay: Duration,
    /// The longest delay before any try.
    pub max_delay: Duration,
}

impl RetryPolicy {
    /// Judges the failure of try `number` (from 1). An error that is not a step's own is of the engine's
    /// making and is tried again.
    pub(crate) fn decide(&self, error: &(dyn std::error::Error + 'static), number: u32) -> RetryDecision {
        let transient = StepFailure::find(error).is_none_or(|failure| failure.transient);
        if !transient || number >= self.max_tries {
            return RetryDecision::Stop;
        }
        RetryDecision::Retry {
            delay: self.delay(number, random_fraction()),
        }
    }

    /// The delay after try `number`: `fraction` (0 to 1) of the doubled delay, at least a second.
    fn delay(&self, number: u32, fraction: f64) -> Duration {
        let doubled = self
            .initial_delay
            .saturating_mul(2_u32.saturating_pow(number.saturating_sub(1)));
        doubled
            .min(self.max_delay)
            .mul_f64(fraction)
            .max(Duration::from_secs(1))
    }
}

fn random_fraction() -> f64 {
    f64::from(getrandom::u32().unwrap_or(u32::MAX)) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::HandlerError;

    const POLICY: RetryPolicy = RetryPolicy {
        max_tries: 5,
        initial_delay: Duration::from_secs(2),
        max_delay: Duration::from_secs(10),
    };

    #[test]
    fn delays_double_up_to_the_maximum_and_are_never_under_a_second() {
        let seconds: Vec<f64> = (1..=5).map(|number| POLICY.delay(number, 1.0).as_secs_f64()).collect();
        assert_eq!(seconds, [2.0, 4.0, 8.0, 10.0, 10.0]);
        assert_eq!(POLICY.delay(u32::MAX, 0.0), Duration::from_secs(1));
    }

    #[test]
    fn transient_failures_are_tried_again_until_the_tries_are_used_up() {
        let transient = StepFailure::from(HandlerError::transient("c", "m")).into_error();
        for number in 1..5 {
            assert!(
                matches!(POLICY.decide(&*transient, number), RetryDecision::Retry { .. }),
                "{number}"
            );
        }
        assert!(matches!(POLICY.decide(&*transient, 5), RetryDecision::Stop));
    }

    #[test]
    fn a_permanent_failure_stops_at_once() {
        let permanent = StepFailure::permanent("c", "m").into_error();
        assert!(matches!(POLICY.decide(&*permanent, 1), RetryDecision::Stop));
    }
}
