//! The clock of the reconciler, and the end of its invocation.

use std::time::{Duration, SystemTime};

use tracehook_core::Timestamp;

pub(crate) fn now() -> Timestamp {
    Timestamp::from(SystemTime::now())
}

/// The deadline, or 30 s from now if it has passed before the event arrived: then the clock of the host or of this
/// process is wrong, and a reconciler that trusted it would never do anything.
pub(crate) fn sane_deadline(deadline: SystemTime) -> SystemTime {
    /// Shorter than any timeout that the function is deployed with.
    const SHORT: Duration = Duration::from_secs(30);
    let now = SystemTime::now();
    if deadline > now { deadline } else { now + SHORT }
}

/// True if enough time is left for one more piece of work.
pub(crate) fn time_is_left(deadline: SystemTime) -> bool {
    /// Enough for the longest call that is under way, and for a long sweep to stay below the share of the function's
    /// timeout (80 % of 55 s) at which the alarm `function-duration` reports a function that is about to be cut off.
    const MARGIN: Duration = Duration::from_secs(15);
    deadline
        .duration_since(SystemTime::now())
        .is_ok_and(|left| left > MARGIN)
}
