//! The host's clock: the machine's, ahead by what it was moved on, and wrong on purpose by a planned skew.
//!
//! Contract: it is moved forward only, and whoever sleeps by it wakes when the time that it sleeps for has come by a move.
//! A skew wakes nobody.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;

/// How far it was moved on, in milliseconds, for the whole process: a machine has one clock.
static LEAD_MS: AtomicI64 = AtomicI64::new(0);

/// How wrong it is beyond that, in milliseconds.
static SKEW_MS: AtomicI64 = AtomicI64::new(0);

/// Rung when it is moved on.
static MOVES: LazyLock<watch::Sender<()>> = LazyLock::new(watch::Sender::default);

/// Now, in epoch milliseconds, as this host believes.
#[must_use]
pub fn now_ms() -> i64 {
    true_ms().saturating_add(SKEW_MS.load(Ordering::Relaxed))
}

/// Now, in epoch milliseconds, as every process of the service has it.
#[must_use]
pub fn true_ms() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now_ms = i64::try_from(now.as_millis()).unwrap_or(i64::MAX);
    now_ms.saturating_add(lead_ms())
}

/// The same in the system's type.
#[must_use]
pub fn true_time() -> SystemTime {
    let lead = Duration::from_millis(lead_ms().unsigned_abs());
    let now = SystemTime::now();
    now.checked_add(lead).unwrap_or(now)
}

/// How far it was moved on, in milliseconds.
#[must_use]
pub fn lead_ms() -> i64 {
    LEAD_MS.load(Ordering::Acquire)
}

/// Moves it to where it is ahead by so many milliseconds, unless it is already, and wakes whoever sleeps by it.
pub fn move_to_lead_ms(lead_ms: i64) {
    LEAD_MS.fetch_max(lead_ms, Ordering::AcqRel);
    MOVES.send_replace(());
}

/// A time as RFC 3339 in UTC with milliseconds.
#[must_use]
pub fn rfc3339(time_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(time_ms).map_or_else(|_| String::new(), |time| format!("{time:.3}"))
}

/// Sleeps until that time, epoch milliseconds, by the host's clock: what was stored before a restart must mean the same
/// after it.
pub async fn sleep_until(time_ms: i64) {
    wait(time_ms, now_ms).await;
}

/// Sleeps for that time, whatever the skew. However far the clock is moved on, one sleep ends once.
pub async fn sleep(time: Duration) {
    let time_ms = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
    wait(true_ms().saturating_add(time_ms), true_ms).await;
}

async fn wait(time_ms: i64, now_ms: fn() -> i64) {
    /// Long sleeps look at the clock now and then, so that a suspended machine does not oversleep by much.
    const LONGEST: Duration = Duration::from_mins(10);
    let mut moves = MOVES.subscribe();
    loop {
        let left_ms = u64::try_from(time_ms.saturating_sub(now_ms())).unwrap_or(0);
        if left_ms == 0 {
            return;
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(left_ms).min(LONGEST)) => {}
            // The sender is never dropped.
            _ = moves.changed() => {}
        }
    }
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

    #[tokio::test]
    async fn a_move_ends_the_sleeps_whose_time_has_come_and_no_other() {
        const HOUR: Duration = Duration::from_hours(1);
        let (began, lead) = (true_ms(), lead_ms());
        let (short, long) = (tokio::spawn(sleep(HOUR)), tokio::spawn(sleep(HOUR * 50)));
        tokio::task::yield_now().await;
        move_to_lead_ms(lead + 3 * 3_600_000);
        let woken = tokio::time::timeout(Duration::from_secs(30), short).await;
        woken.expect("the sleeper is woken").unwrap();
        assert!(!long.is_finished());
        assert!(true_ms() - began >= 3 * 3_600_000 && now_ms() >= true_ms());

        move_to_lead_ms(lead);
        assert_eq!(lead_ms(), lead + 3 * 3_600_000, "it never goes back");
        move_to_lead_ms(lead + 51 * 3_600_000);
        let woken = tokio::time::timeout(Duration::from_secs(30), long).await;
        woken.expect("the sleeper is woken").unwrap();
        assert!(true_time().duration_since(SystemTime::now()).unwrap() > HOUR * 50);
    }
}
