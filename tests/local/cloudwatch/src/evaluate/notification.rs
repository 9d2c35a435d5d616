//! Who is told what, and what is held back.
//!
//! Source: "Composite alarm action suppression" of the CloudWatch user guide: an alarm waits for its suppressor before it
//! speaks, says nothing while the suppressor is in alarm, nor for the extension after it, and speaks then if it still has
//! something to say.

use super::State;
use crate::Severity;
use crate::data::Suppressor;

/// Somebody was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// When, epoch milliseconds.
    pub at_ms: i64,
    /// The alarm.
    pub name: String,
    /// Who.
    pub severity: Severity,
    /// What: [`State::Alarm`] or [`State::Ok`].
    pub state: State,
}

/// What one alarm has told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Voice {
    told: State,
    /// When the suppressor was in alarm last.
    held_ms: Option<i64>,
}

impl Voice {
    pub(super) const fn new() -> Self {
        Self {
            told: State::Ok,
            held_ms: None,
        }
    }

    /// What is to be told now, if anything is.
    pub(super) fn next(
        &mut self,
        state: State,
        since_ms: i64,
        suppressor: Option<(&Suppressor, State)>,
        now_ms: i64,
    ) -> Option<State> {
        if let Some((rule, speaks)) = suppressor {
            if speaks == State::Alarm {
                self.held_ms = Some(now_ms);
                return None;
            }
            let extended = |held_ms: i64| now_ms - held_ms < i64::from(rule.extension_seconds) * 1000;
            let waits = state == State::Alarm && now_ms - since_ms < i64::from(rule.wait_seconds) * 1000;
            if waits || self.held_ms.is_some_and(extended) {
                return None;
            }
        }
        if state == State::InsufficientData || state == self.told {
            return None;
        }
        self.told = state;
        Some(state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suppressed_alarm_waits_keeps_silent_and_speaks_when_it_still_holds() {
        let rule = Suppressor {
            alarm: "s".to_owned(),
            wait_seconds: 120,
            extension_seconds: 300,
        };
        let (ok, alarm) = (State::Ok, State::Alarm);
        // Minutes, own state, since when, the suppressor's state, what is told.
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
            let mut voice = Voice::new();
            for (minute, state, since, suppressor, told) in story {
                let next = voice.next(*state, since * 60_000, Some((&rule, *suppressor)), minute * 60_000);
                assert_eq!(next, *told, "minute {minute}");
            }
        }
    }
}
