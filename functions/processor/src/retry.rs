//! When a failed step is tried again.

use std::time::Duration;

use aws_durable_execution_sdk::RetryDecision;
use tracehook_core::Timestamp;
use tracehook_core::record::StepName;

use crate::failure::StepFailure;

/// Time that `finalize` has beyond the other steps: what they have done is to be recorded.
const FINALIZE_LONGER: Duration = Duration::from_hours(1);

/// Exponential backoff with jitter, for transient failures only. The engine keeps the time, so that a waiting step holds no
/// invocation open.
#[derive(Debug, Clone, Copy)]
pub struct RetryPolicy {
    /// How long after the opening of an attempt its steps are tried.
    pub retry_for: Duration,
    /// Tries of one step, the first included, and the interrupted ones not.
    pub max_tries: u32,
    /// The longest delay before the second try, doubled before each further one up to `max_delay`.
    pub initial_delay: Duration,
    /// The longest delay before any try.
    pub max_delay: Duration,
    /// Tries of one step that may be interrupted, by a kill or by the function's timeout, before it is given up.
    pub max_interrupted_tries: u32,
    /// A `validate` or `finalize` that begins so much later than what comes before it is opened by a write of its own, so
    /// that its interrupted tries are counted.
    pub mark_after: Duration,
}

impl RetryPolicy {
    /// The delay before the try after try `number` (from 1) of a step that failed at `at`, in an attempt that was opened at
    /// `opened_at`; none if the step is given up. An attempt that could not be read is tried until the engine ends it.
    pub(crate) fn next(
        &self,
        step: StepName,
        number: u32,
        opened_at: Option<Timestamp>,
        at: Timestamp,
    ) -> Option<Duration> {
        let delay = self.delay(number, random_fraction());
        let longer = if step == StepName::Finalize {
            FINALIZE_LONGER
        } else {
            Duration::ZERO
        };
        let is_too_late = opened_at.is_some_and(|opened| at.plus(delay) > opened.plus(self.retry_for + longer));
        (number < self.max_tries && !is_too_late).then_some(delay)
    }

    /// Judges the failure of try `number` (from 1) as it was planned. An error that is not a step's own is of the engine's
    /// making and is tried again.
    pub(crate) fn decide(&self, error: &(dyn std::error::Error + 'static), number: u32) -> RetryDecision {
        let delay = match StepFailure::find(error) {
            Some(failure) => failure.retry_in,
            None => (number < self.max_tries).then(|| self.delay(number, random_fraction())),
        };
        delay.map_or(RetryDecision::Stop, |delay| RetryDecision::Retry { delay })
    }

    /// The delay after try `number`: half of the doubled delay, and `fraction` (0 to 1) of the other half, in whole seconds,
    /// at least one. So webhooks that failed together do not come back together.
    fn delay(&self, number: u32, fraction: f64) -> Duration {
        let doubled = self
            .initial_delay
            .saturating_mul(2_u32.saturating_pow(number.saturating_sub(1)))
            .min(self.max_delay);
        let delay = doubled.mul_f64(f64::midpoint(1.0, fraction));
        Duration::from_secs(delay.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX)).max(Duration::from_secs(1))
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
        retry_for: Duration::from_hours(24),
        max_tries: 1000,
        initial_delay: Duration::from_secs(2),
        max_delay: Duration::from_mins(15),
        max_interrupted_tries: 5,
        mark_after: Duration::from_secs(30),
    };
    const OPENED: Timestamp = Timestamp::from_epoch_ms(1_700_000_000_000);

    #[test]
    fn delays_double_up_to_the_maximum_and_are_never_under_a_second() {
        let seconds = |fraction| {
            (1..=11)
                .map(|number| POLICY.delay(number, fraction).as_secs())
                .collect::<Vec<_>>()
        };
        assert_eq!(seconds(1.0), [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
        assert_eq!(seconds(0.0), [1, 2, 4, 8, 16, 32, 64, 128, 256, 450, 450]);
        assert_eq!(POLICY.delay(u32::MAX, 0.0), Duration::from_secs(450));
    }

    #[test]
    fn a_day_of_tries_begins_within_seconds_and_takes_about_130_tries() {
        for fraction in [0.0, 0.5, 1.0] {
            let (mut at, mut number) = (Duration::ZERO, 1);
            while at < POLICY.retry_for {
                at += POLICY.delay(number, fraction);
                number += 1;
                assert!(number > 5 || at < Duration::from_mins(1), "{number} tries in {at:?}");
            }
            assert!((105..=201).contains(&number), "{number}");
        }
    }

    #[test]
    fn tries_end_with_their_time_or_number_and_finalize_has_an_hour_more() {
        let next = |step, number, after| POLICY.next(step, number, Some(OPENED), OPENED.plus(after)).is_some();
        let (before, behind) = (Duration::from_hours(23), Duration::from_hours(24));
        assert!(next(StepName::Process, 200, before) && !next(StepName::Process, 1, behind));
        assert!(next(StepName::Finalize, 1, behind) && !next(StepName::Finalize, 1, Duration::from_hours(25)));
        assert!(!next(StepName::Process, 1000, Duration::ZERO));
        let unread = POLICY.next(StepName::Validate, 999, None, OPENED.plus(Duration::from_hours(99)));
        assert!(unread.is_some(), "nobody knows when the attempt was opened");
    }

    #[test]
    fn a_failure_is_tried_again_as_planned_and_one_without_a_plan_is_not() {
        let planned = |retry_in| {
            let failure = StepFailure::from(HandlerError::transient("c", "m"));
            StepFailure { retry_in, ..failure }.into_error()
        };
        let delay = Duration::from_secs(7);
        let decision = POLICY.decide(&*planned(Some(delay)), 1);
        assert!(
            matches!(decision, RetryDecision::Retry { delay: d } if d == delay),
            "{decision:?}"
        );
        assert!(matches!(POLICY.decide(&*planned(None), 1), RetryDecision::Stop));
        let permanent = StepFailure::permanent("c", "m").into_error();
        assert!(matches!(POLICY.decide(&*permanent, 1), RetryDecision::Stop));
        let of_the_engine = std::io::Error::other("e");
        assert!(matches!(
            POLICY.decide(&of_the_engine, 999),
            RetryDecision::Retry { .. }
        ));
        assert!(matches!(POLICY.decide(&of_the_engine, 1000), RetryDecision::Stop));
    }
}
