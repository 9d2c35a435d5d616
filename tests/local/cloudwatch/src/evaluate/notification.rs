//! Notifications of alarms, and their suppression.
//!
//! Source: "Composite alarm action suppression" of the `CloudWatch` user guide: an alarm waits for its suppressor before it
//! notifies, sends nothing while the suppressor is in alarm or in the extension after it, and notifies then if its state
//! still differs from the last notification.

use super::State;
use crate::{Severity, Suppressor};

/// A message about the new state of an alarm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// The time of the notification, epoch milliseconds.
    pub at_ms: i64,
    /// The name of the alarm.
    pub name: String,
    /// The recipients.
    pub severity: Severity,
    /// [`State::Alarm`] or [`State::Ok`].
    pub state: State,
}

/// The notifications of one alarm so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Notifier {
    notified: State,
    /// The last time at which the suppressor was in alarm.
    suppressed_ms: Option<i64>,
}

impl Notifier {
    pub(super) const fn new() -> Self {
        Self {
            notified: State::Ok,
            suppressed_ms: None,
        }
    }

    /// The state to notify now, if there is one.
    pub(super) fn next(
        &mut self,
        state: State,
        since_ms: i64,
        suppressor: Option<(&Suppressor, State)>,
        now_ms: i64,
    ) -> Option<State> {
        if let Some((rule, suppressor_state)) = suppressor {
            if suppressor_state == State::Alarm {
                self.suppressed_ms = Some(now_ms);
                return None;
            }
            let extended = |suppressed_ms: i64| now_ms - suppressed_ms < i64::from(rule.extension_seconds) * 1000;
            let waits = state == State::Alarm && now_ms - since_ms < i64::from(rule.wait_seconds) * 1000;
            if waits || self.suppressed_ms.is_some_and(extended) {
                return None;
            }
        }
        if state == State::InsufficientData || state == self.notified {
            return None;
        }
        self.notified = state;
        Some(state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suppressed_alarm_waits_and_notifies_later_when_it_still_holds() {
        let rule = Suppressor {
            alarm: "s".to_owned(),
            wait_seconds: 120,
            extension_seconds: 300,
        };
        let (ok, alarm) = (State::Ok, State::Alarm);
        // Minutes, own state, since when, the suppressor's state, the notification.
        let quiet_suppressor = [
            (0, alarm, 0, ok, None),
            (1, alarm, 0, ok, None),
            (2, alarm, 0, ok, Some(alarm)),
            (3, ok, 3, ok, Some(ok)),
        ];
        let speaking_suppressor = [
            (0, alarm, 0, ok, None),
            (1, alarm, 0, alarm, None),
            (9, alarm, 0, alarm, None),
            (10, alarm, 0, ok, None),
            (14, alarm, 0, ok, Some(alarm)),
        ];
        let ended_in_time = [
            (0, alarm, 0, alarm, None),
            (5, ok, 5, alarm, None),
            (30, ok, 5, ok, None),
        ];
        for story in [&quiet_suppressor[..], &speaking_suppressor, &ended_in_time] {
            let mut notifier = Notifier::new();
            for (minute, state, since, suppressor, told) in story {
                let next = notifier.next(*state, since * 60_000, Some((&rule, *suppressor)), minute * 60_000);
                assert_eq!(next, *told, "minute {minute}");
            }
        }
    }
}
