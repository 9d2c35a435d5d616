//! Decisions about a record that differs from the engine's report.
//!
//! Contract: a record is closed only on the engine's report, for exactly the execution that the engine names, never on the
//! word of one that began before the record's attempt, and never when it has ended already.

use std::time::Duration;

use super::{Failure, Record, Status};
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
            Self::Stopped => return Some(Closing::stopped()),
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
    /// The end of a record whose execution was stopped, or will never start.
    #[must_use]
    pub fn stopped() -> Self {
        Self {
            status: Status::Stopped,
            error: Some(failure("execution_stopped", "the durable execution was stopped")),
        }
    }

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
    /// This record as `closing` ends it at `at`.
    #[must_use]
    pub fn closed(&self, closing: &Closing, at: Timestamp) -> Self {
        Self {
            status: closing.status,
            error: closing.error.clone(),
            last_updated: at,
            ..self.clone()
        }
    }

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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::tests::record;

    const ID: ExecutionId<'_> = ExecutionId {
        name: "t-1",
        arn: "arn-1",
        started_at: None,
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
    fn execution_states_survive_their_text() {
        for state in ExecutionState::ALL {
            assert_eq!(ExecutionState::parse(state.as_str()), Some(state));
        }
        assert_eq!(ExecutionState::parse("PAUSED"), None);
    }
}
