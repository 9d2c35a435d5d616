//! Decisions about a record that differs from the engine's report, or that nobody has moved for long.
//!
//! Contract: a record is closed only on the engine's report, for exactly the execution that the engine names, never on the
//! word of one that began before the record's attempt, and never when it has ended already.

use std::time::Duration;

use super::{Failure, LateStart, Record, Status};
use crate::timestamp::Timestamp;

/// The state of a durable execution, as the engine reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExecutionState {
    /// It goes on.
    Running,
    /// Its function returned a result.
    Succeeded,
    /// Its function returned an error, or could not be run.
    Failed,
    /// It took longer than it may.
    TimedOut,
    /// Somebody stopped it.
    Stopped,
}

impl ExecutionState {
    /// Every state.
    pub const ALL: [Self; 5] = [
        Self::Running,
        Self::Succeeded,
        Self::Failed,
        Self::TimedOut,
        Self::Stopped,
    ];

    /// The state as the API and the events write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::TimedOut => "TIMED_OUT",
            Self::Stopped => "STOPPED",
        }
    }

    /// The state of that name; none for one that this version does not know.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// The end of a record whose execution is in this state; none while it runs.
    #[must_use]
    pub fn closing(self) -> Option<Closing> {
        let (status, code, message) = match self {
            Self::Running => return None,
            Self::Succeeded => {
                return Some(Closing {
                    status: Status::Completed,
                    error: None,
                });
            }
            Self::Failed => (Status::Failed, "execution_failed", "the durable execution failed"),
            Self::TimedOut => (
                Status::TimedOut,
                "execution_timed_out",
                "the durable execution took longer than it may",
            ),
            Self::Stopped => (
                Status::Stopped,
                "execution_stopped",
                "the durable execution was stopped",
            ),
        };
        Some(Closing {
            status,
            error: Some(failure(code, message)),
        })
    }
}

/// A durable execution, as the engine names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExecutionId<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its ARN.
    pub arn: &'a str,
    /// When it began; absent where the engine does not tell.
    pub started_at: Option<Timestamp>,
}

/// The end of a record that the reconciler writes in place of the processor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// A terminal status.
    pub status: Status,
    /// The cause, unless the status is `completed`.
    pub error: Option<Failure>,
}

impl Closing {
    /// The end of a record whose execution the engine does not know any more.
    #[must_use]
    pub fn lost() -> Self {
        let error = failure(
            "execution_lost",
            "the durable execution is not known to the engine any more",
        );
        Self {
            status: Status::Failed,
            error: Some(error),
        }
    }
}

/// The failure of an attempt whose start was accepted and then given up.
///
/// `condition` is the service's code, for example `EventAgeExceeded`; only known codes are shown.
#[must_use]
pub fn start_dropped(condition: &str) -> Failure {
    let message = match condition {
        "EventAgeExceeded" => "the start waited too long and was dropped (EventAgeExceeded)",
        "RetriesExhausted" => "the start failed too often and was dropped (RetriesExhausted)",
        _ => "the start was dropped",
    };
    failure("start_dropped", message)
}

fn failure(code: &str, message: &str) -> Failure {
    Failure {
        code: code.to_owned(),
        message: message.to_owned(),
    }
}

/// The meaning of the engine's report for a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The report belongs to another attempt, or to another execution of the same name.
    OtherExecution,
    /// Record and engine agree, or the processor is about to write the end.
    Agrees,
    /// The record is open and its execution is not.
    Close(Closing),
    /// Both have ended, one well and one badly. The record stays: a person has to look.
    Contradicts,
}

/// The most by which the clock of the function that opened an attempt may be ahead of the engine's.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(2);

impl Record {
    /// Judges the engine's report of an execution.
    #[must_use]
    pub fn judge_engine(&self, execution: ExecutionId<'_>, state: ExecutionState) -> Verdict {
        let other_arn = self
            .execution_arn
            .as_deref()
            .is_some_and(|known| known != execution.arn);
        if self.execution_name != execution.name || other_arn || self.is_older(execution) {
            return Verdict::OtherExecution;
        }
        match state.closing() {
            None => Verdict::Agrees,
            Some(closing) if !self.status.is_terminal() => Verdict::Close(closing),
            Some(closing) => {
                let well = |status| status == Status::Completed;
                if well(self.status) == well(closing.status) {
                    Verdict::Agrees
                } else {
                    Verdict::Contradicts
                }
            }
        }
    }

    /// True if the execution began before the current attempt was opened. The engine may tell whole seconds.
    fn is_older(&self, execution: ExecutionId<'_>) -> bool {
        let opened = self.attempt_started_at.minus(CLOCK_TOLERANCE);
        execution
            .started_at
            .is_some_and(|began| began.epoch_seconds() < opened.epoch_seconds())
    }

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::tests::record;
    use crate::record::{StepName, StepRecord, StepStatus, Wait};

    const ID: ExecutionId<'_> = ExecutionId {
        name: "t-1",
        arn: "arn-1",
        started_at: None,
    };
    const AGES: Ages = Ages {
        received: Duration::from_mins(1),
        started: Duration::from_mins(5),
        stuck: Duration::from_hours(2),
    };

    fn at(status: Status) -> Record {
        Record {
            status,
            execution_name: ID.name.into(),
            execution_arn: Some(ID.arn.into()),
            ..record()
        }
    }

    #[test]
    fn an_open_record_is_closed_as_its_execution_ended_and_a_closed_one_stays() {
        for status in Status::ALL {
            for state in ExecutionState::ALL {
                let verdict = at(status).judge_engine(ID, state);
                match state.closing() {
                    None => assert_eq!(verdict, Verdict::Agrees),
                    Some(closing) if !status.is_terminal() => {
                        assert_eq!(closing.error.is_none(), closing.status == Status::Completed);
                        assert_eq!(verdict, Verdict::Close(closing));
                    }
                    Some(_) => {
                        let same = (status == Status::Completed) == (state == ExecutionState::Succeeded);
                        let expected = if same { Verdict::Agrees } else { Verdict::Contradicts };
                        assert_eq!(verdict, expected, "{status} {state:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn another_attempt_and_another_execution_of_the_same_name_say_nothing_about_a_record() {
        for other in [ExecutionId { name: "t-2", ..ID }, ExecutionId { arn: "arn-2", ..ID }] {
            for state in ExecutionState::ALL {
                assert_eq!(
                    at(Status::Processing).judge_engine(other, state),
                    Verdict::OtherExecution
                );
            }
        }
        let unknown = Record {
            execution_arn: None,
            ..at(Status::Received)
        };
        let verdict = unknown.judge_engine(ExecutionId { arn: "arn-9", ..ID }, ExecutionState::Stopped);
        assert!(
            matches!(verdict, Verdict::Close(_)),
            "the name is enough while the ARN is not known"
        );
    }

    #[test]
    fn an_execution_that_began_before_the_attempt_says_nothing_about_it() {
        let opened = record().attempt_started_at;
        for (before_ms, expected) in [
            (60_000, false),
            (3_000, false),
            (1_999, true),
            (0, true),
            (-60_000, true),
        ] {
            let began = Timestamp::from_epoch_ms(opened.epoch_ms() - before_ms);
            for arn in [None, Some(ID.arn.to_owned())] {
                let record = Record {
                    execution_arn: arn,
                    ..at(Status::Received)
                };
                let id = ExecutionId {
                    started_at: Some(began),
                    ..ID
                };
                for state in ExecutionState::ALL
                    .into_iter()
                    .filter(|state| state.closing().is_some())
                {
                    let closes = matches!(record.judge_engine(id, state), Verdict::Close(_));
                    assert_eq!(closes, expected, "{before_ms} ms before, {state:?}");
                }
            }
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
                error: failure("c", "m"),
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

    #[test]
    fn execution_states_survive_their_text() {
        for state in ExecutionState::ALL {
            assert_eq!(ExecutionState::parse(state.as_str()), Some(state));
        }
        assert_eq!(ExecutionState::parse("PAUSED"), None);
    }
}
