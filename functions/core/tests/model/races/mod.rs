//! Every order of events around the record of one webhook.

mod actions;
mod attempt;
mod execution;
mod records;
mod world;

use std::collections::HashSet;
use std::sync::LazyLock;

use tracehook_core::Status;
use tracehook_core::record::{Advance, ExecutionId, ExecutionState, Refusal, StepName, Verdict};

use crate::search::Reached;
use actions::Action;
use records::{ATTEMPTS, GENERATIONS, Records, born};
use world::{Presence, World};

static RECORDS: LazyLock<Records> = LazyLock::new(Records::new);

/// Searched once for all tests.
static REACHED: LazyLock<Reached<World>> = LazyLock::new(|| Reached::search("races", World::received(1), &RECORDS));

impl crate::search::World for World {
    type Action = Action;
    type Setting = Records;

    fn steps(self, records: &Records) -> Vec<(Action, Self)> {
        actions::steps(self, records)
    }

    fn comes_by_itself(action: Action) -> bool {
        matches!(
            action,
            Action::Start(_) | Action::Step(_) | Action::EngineEnds(..) | Action::Reconcile(_)
        )
    }

    fn check(self, action: Action, after: Self, _: &Records) -> Result<(), String> {
        let right = |holds: bool, wrong: &str| if holds { Ok(()) } else { Err(wrong.to_owned()) };
        if after.generation != self.generation {
            right(self.presence != Presence::Live, "a record that counts was overwritten")?;
            return right(
                after == Self::received(self.generation + 1),
                "a record begins with something",
            );
        }
        if after.attempt == self.attempt {
            let kept = after.status == self.status;
            right(kept || !self.status.is_terminal(), "a lost terminal state")?;
            right(kept || after.status > self.status, "a backward move")?;
            right(
                kept || by(action) == Some(self.attempt),
                "moved by the word of another attempt",
            )?;
        } else {
            right(after.attempt == self.attempt + 1, "attempts were left out")?;
            right(after.status == Status::Received, "an attempt begins with something")?;
            let takes_over = matches!(action, Action::Writes(_) | Action::RedriveWaiting);
            right(self.status.is_terminal() || takes_over, "an open attempt was followed")?;
        }
        right(
            !after.has_strayed,
            "a handler ran for an attempt that is not the record's",
        )?;
        right(after.admitted >= self.admitted, "two live attempts")
    }
}

/// The attempt whose execution an action speaks for.
const fn by(action: Action) -> Option<usize> {
    match action {
        Action::Step(attempt)
        | Action::LateWrite(attempt, _)
        | Action::Reconcile(attempt)
        | Action::StopReads(attempt)
        | Action::Writes(attempt) => Some(attempt),
        _ => None,
    }
}

#[test]
fn no_order_of_events_moves_back_loses_an_end_or_lets_two_attempts_work() {
    let worlds = REACHED.worlds();
    assert!(worlds.len() > 10_000, "the model does not explore: {}", worlds.len());
    for generation in 1..=GENERATIONS {
        for attempt in 1..=ATTEMPTS {
            for status in [Status::Completed, Status::Failed, Status::TimedOut, Status::Stopped] {
                let ends =
                    |world: &World| (world.generation, world.attempt, world.status) == (generation, attempt, status);
                assert!(worlds.iter().any(ends), "{generation} {attempt} {status}");
            }
        }
    }
}

#[test]
fn no_state_is_false() {
    REACHED.check(|world| {
        let own = world.executions[world.attempt - 1];
        let succeeded = own.state() == Some(ExecutionState::Succeeded);
        match world.status {
            Status::Completed if !own.has_done_its_work() => Err("completed without work".to_owned()),
            Status::Failed | Status::TimedOut | Status::Stopped if succeeded => {
                Err("ended badly over a success".to_owned())
            }
            _ => Ok(()),
        }
    });
}

/// The engine, the processor and the sweep suffice, without luck and without an operator.
#[test]
fn from_every_state_the_webhook_can_still_end() {
    REACHED.check_ends(|world| world.status.is_terminal());
}

/// A write or a report of an earlier attempt's or record's execution, and the report of an execution that has the attempt's name and began
/// before it, come in every state.
#[test]
fn nothing_of_an_earlier_attempt_or_record_moves_a_record() {
    let records = &*RECORDS;
    let key = |world: &World| (world.generation, world.attempt, world.status, world.knows_arn);
    let reached: HashSet<_> = REACHED.worlds().iter().map(key).collect();
    assert!(reached.len() > 30, "{}", reached.len());
    for (generation, attempt, status, knows_arn) in reached {
        let record = records.record(generation, attempt, status, knows_arn);
        for state in ExecutionState::ALL {
            let namesake = ExecutionId {
                name: &record.execution_name,
                arn: "arn:of:an:older:one",
                started_at: Some(born(generation).minus(std::time::Duration::from_secs(10))),
            };
            assert_eq!(
                record.judge_engine(namesake, state),
                Verdict::OtherExecution,
                "{record:?}"
            );
        }
        let earlier = (1..=generation).flat_map(|of| (1..=ATTEMPTS).map(move |attempt| (of, attempt)));
        for (of, its_attempt) in earlier.filter(|earlier| *earlier < (generation, attempt)) {
            let old = records.name(of, its_attempt);
            for state in ExecutionState::ALL {
                assert_eq!(
                    record.judge_engine(old.id(), state),
                    Verdict::OtherExecution,
                    "{record:?}"
                );
            }
            for to in Status::ALL {
                let advance = Advance {
                    to,
                    step: StepName::Process,
                    steps: Vec::new(),
                    error: None,
                    execution_arn: old.arn.clone(),
                    at: record.last_updated,
                };
                assert_eq!(advance.judge(record, &old.name), Refusal::Superseded, "{record:?}");
            }
        }
    }
}
