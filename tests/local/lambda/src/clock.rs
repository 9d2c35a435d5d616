//! The host's clock.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// The lead of the clock in milliseconds, for the whole process: a machine has one clock.
static SKEW_MS: AtomicI64 = AtomicI64::new(0);

/// Now, in epoch milliseconds.
#[must_use]
pub fn now_ms() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now_ms = i64::try_from(now.as_millis()).unwrap_or(i64::MAX);
    now_ms.saturating_add(SKEW_MS.load(Ordering::Relaxed))
}

/// A time as RFC 3339 in UTC with milliseconds.
#[must_use]
pub fn rfc3339(time_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(time_ms).map_or_else(|_| String::new(), |time| format!("{time:.3}"))
}

/// Sets the clock wrong, or right with 0.
pub(crate) fn set_skew_ms(skew_ms: i64) {
    SKEW_MS.store(skew_ms, Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rfc_3339_with_milliseconds() {
        assert_eq!(rfc3339(1_700_000_000_123), "2023-11-14T22:13:20.123Z");
    }
}
