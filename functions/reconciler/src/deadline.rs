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

/// True if enough time is left for one more piece of work.
pub(crate) fn time_is_left(deadline: Instant) -> bool {
    /// Enough for the longest call that is under way, and for a long sweep to stay below the share of the function's
    /// timeout (80 % of 75 s) at which the alarm `function-duration` reports a function that is about to be cut off. A sweep
    /// that has too much to do works for 55 s of each minute.
    const MARGIN: Duration = Duration::from_secs(20);
    deadline.saturating_duration_since(Instant::now()) > MARGIN
}
