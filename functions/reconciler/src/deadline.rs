//! The clock of the reconciler, and the end of its invocation.

use std::time::{Duration, Instant, SystemTime};

use tracehook_runtime::clock;
pub(crate) use tracehook_runtime::clock::now;

/// When the work has to be over, or 30 s from now if the deadline has passed before the event arrived: then the clock of
/// the host or of this process is wrong, and a reconciler that trusted it would never do anything. From here on the time is
/// measured, so that no change of a clock cuts the work off.
pub(crate) fn sane_deadline(deadline: SystemTime) -> Instant {
    /// Shorter than any timeout that the function is deployed with.
    const SHORT: Duration = Duration::from_secs(30);
    let left = deadline.duration_since(clock::system_now()).unwrap_or_default();
    Instant::now() + if left.is_zero() { SHORT } else { left }
}

/// When a sweep has to be over: it works for 55 s at most, whatever the function's timeout is. With a sweep a minute no two of
/// them add their paces up.
pub(crate) fn sweep_deadline(deadline: Instant) -> Instant {
    const LONGEST: Duration = Duration::from_secs(75);
    deadline.min(Instant::now() + LONGEST)
}

/// True if enough time is left for one more piece of work.
pub(crate) fn time_is_left(deadline: Instant) -> bool {
    /// Enough for the longest call that is under way, and for a long sweep to stay below the share of the function's
    /// timeout (80 % of 75 s) at which the alarm `function-duration` reports a function that is about to be cut off.
    const MARGIN: Duration = Duration::from_secs(20);
    deadline.saturating_duration_since(Instant::now()) > MARGIN
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sweep_leaves_off_before_the_next_one_begins_or_the_function_is_cut_off() {
        let began = Instant::now();
        let long = sweep_deadline(began + Duration::from_mins(10));
        assert!(long <= Instant::now() + Duration::from_secs(75));
        let short = began + Duration::from_secs(30);
        assert_eq!(sweep_deadline(short), short);
    }
}
