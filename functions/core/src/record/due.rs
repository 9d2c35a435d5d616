//! Decisions about a record that nobody has moved for long, and about a redrive.

use std::time::Duration;

use super::{LateStart, Record, Status};
use crate::timestamp::Timestamp;

/// Ages at which an open record is handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ages {
    /// `received` with a start that failed: then it is started again.
    pub received: Duration,
    /// Not moved: then it is started again if it was never seen running, else compared with its execution.
    pub started: Duration,
    /// Open at all: then it is flagged.
    pub stuck: Duration,
}

/// The work of a sweep on one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// It has ended; the index lags behind.
    Ended,
    /// It is young enough.
    Later,
    /// Its start failed, or did not move it for long.
    Start,
    /// A start did not help, or the record does not move.
    AskEngine,
}

/// The judgement of a redrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redrivable {
    /// It ended and was not completed.
    Yes,
    /// It is done; doing it again would do its effects again.
    Completed,
    /// An attempt is open and waits for its start, which may be repeated.
    NotStarted,
    /// An attempt waits for its next try: another one may take its place before that.
    Waiting,
    /// An attempt is running.
    Running,
}

impl Record {
    /// Judges how long an open record has not been moved.
    ///
    /// A start by name may be repeated at any time, and reads of the engine are few: what was never seen running is started
    /// first, and asked about only when that did not move it. A start that the service has accepted may wait in its queue, so
    /// it is not repeated sooner than it is judged.
    #[must_use]
    pub fn due(&self, now: Timestamp, ages: &Ages) -> Due {
        let idle = now.since(self.last_updated);
        match (self.status, self.late_start) {
            (status, _) if status.is_terminal() => Due::Ended,
            (Status::Received, Some(LateStart::Deferred)) if self.execution_arn.is_none() && idle >= ages.received => {
                Due::Start
            }
            (Status::Received, None) if self.execution_arn.is_none() && idle >= ages.started => Due::Start,
            (Status::Received, Some(LateStart::Repeated { at })) if now.since(at) < ages.started => Due::Later,
            _ if self
                .wait()
                .is_some_and(|wait| now < wait.next_try_at.plus(ages.started)) =>
            {
                Due::Later
            }
            _ if idle < ages.started => Due::Later,
            _ => Due::AskEngine,
        }
    }

    /// True if the current attempt is open for so long that a person has to look.
    #[must_use]
    pub fn is_stuck(&self, now: Timestamp, ages: &Ages) -> bool {
        !self.status.is_terminal() && now.since(self.attempt_started_at) >= ages.stuck
    }

    /// True if the current attempt should run by now and nobody has seen it run: starting it again did not help yet.
    #[must_use]
    pub fn is_unstarted(&self, now: Timestamp, ages: &Ages) -> bool {
        self.status == Status::Received && now.since(self.last_updated) >= ages.started
    }

    /// Judges a redrive at `now`, which would open the next attempt.
    #[must_use]
    pub fn redrivable(&self, now: Timestamp) -> Redrivable {
        match self.status {
            _ if self.wait().is_some_and(|wait| wait.next_try_at > now) => Redrivable::Waiting,
            Status::Failed | Status::TimedOut | Status::Stopped => Redrivable::Yes,
            Status::Completed => Redrivable::Completed,
            Status::Received => Redrivable::NotStarted,
            Status::Validated | Status::Processing => Redrivable::Running,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::tests::record;
    use crate::record::{Failure, StepName, StepRecord, StepStatus, Wait};

    const AGES: Ages = Ages {
        received: Duration::from_mins(1),
        started: Duration::from_mins(5),
        stuck: Duration::from_hours(2),
    };

    fn at(status: Status) -> Record {
        Record {
            status,
            execution_name: "t-1".into(),
            execution_arn: Some("arn-1".into()),
            ..record()
        }
    }

    #[test]
    fn what_is_due_follows_from_status_age_and_starts() {
        let repeated = |seconds: i64| {
            let at = Timestamp::from_epoch_ms(record().last_updated.epoch_ms() + seconds * 1000);
            Some(LateStart::Repeated { at })
        };
        for (status, late_start, idle_seconds, expected) in [
            (Status::Received, None, 299, Due::Later),
            (Status::Received, None, 300, Due::Start),
            (Status::Received, None, 36_000, Due::Start),
            (Status::Received, Some(LateStart::Deferred), 59, Due::Later),
            (Status::Received, Some(LateStart::Deferred), 60, Due::Start),
            (Status::Received, Some(LateStart::Deferred), 36_000, Due::Start),
            (Status::Received, repeated(300), 599, Due::Later),
            (Status::Received, repeated(300), 600, Due::AskEngine),
            (Status::Received, repeated(3), 300, Due::Later),
            (Status::Validated, None, 299, Due::Later),
            (Status::Validated, Some(LateStart::Deferred), 299, Due::Later),
            (Status::Validated, Some(LateStart::Deferred), 300, Due::AskEngine),
            (Status::Processing, repeated(1), 300, Due::AskEngine),
            (Status::Completed, None, 9999, Due::Ended),
            (Status::Failed, Some(LateStart::Deferred), 9999, Due::Ended),
        ] {
            let record = Record {
                status,
                late_start,
                execution_arn: None,
                ..record()
            };
            let now = Timestamp::from_epoch_ms(record.last_updated.epoch_ms() + idle_seconds * 1000);
            let due = record.due(now, &AGES);
            assert_eq!(due, expected, "{status} {late_start:?} after {idle_seconds} s");
        }
        let waiting = Record {
            steps: [(
                StepName::Process,
                waits_until(record().last_updated.plus(Duration::from_hours(1))),
            )]
            .into(),
            ..at(Status::Processing)
        };
        for (idle_seconds, expected) in [(300, Due::Later), (3899, Due::Later), (3900, Due::AskEngine)] {
            let now = waiting.last_updated.plus(Duration::from_secs(idle_seconds));
            assert_eq!(waiting.due(now, &AGES), expected, "waiting, after {idle_seconds} s");
        }
        let late = |seconds: i64| Timestamp::from_epoch_ms(record().attempt_started_at.epoch_ms() + seconds * 1000);
        assert!(!at(Status::Processing).is_stuck(late(7199), &AGES));
        assert!(at(Status::Processing).is_stuck(late(7200), &AGES));
        assert!(!at(Status::Completed).is_stuck(late(7200), &AGES));
        assert!(!at(Status::Received).is_unstarted(late(299), &AGES));
        assert!(at(Status::Received).is_unstarted(late(300), &AGES));
        assert!(!at(Status::Validated).is_unstarted(late(300), &AGES));
    }

    fn waits_until(next_try_at: Timestamp) -> StepRecord {
        StepRecord {
            status: StepStatus::Waiting,
            tries: 2,
            interrupted: 0,
            started_at: record().created_at,
            completed_at: None,
            wait: Some(Wait {
                error: Failure {
                    code: "c".to_owned(),
                    message: "m".to_owned(),
                },
                next_try_at,
            }),
        }
    }

    #[test]
    fn a_redrive_takes_what_failed_and_what_waits_for_its_next_try() {
        let now = record().created_at;
        for status in Status::ALL {
            for (next_try_ms, is_ahead) in [(1, true), (0, false), (-1, false)] {
                let next_try_at = Timestamp::from_epoch_ms(now.epoch_ms() + next_try_ms);
                let waiting = Record {
                    steps: [(StepName::Process, waits_until(next_try_at))].into(),
                    ..at(status)
                };
                let judged = waiting.redrivable(now);
                if status.is_terminal() || !is_ahead {
                    assert_eq!(judged, at(status).redrivable(now), "{status} {next_try_ms}");
                    assert_ne!(judged, Redrivable::Waiting);
                } else {
                    assert_eq!(judged, Redrivable::Waiting, "{status}");
                }
            }
        }
    }
}
