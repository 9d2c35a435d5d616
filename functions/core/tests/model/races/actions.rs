//! Everything that can happen to one webhook.

use tracehook_core::record::{ExecutionState, Status};

use super::attempt::OfAttempt;
use super::records::Records;
use super::world::World;

/// An event; the number is its attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// A start reaches the engine: the validator's, the sweep's, a redrive's, or a repetition of one.
    Start(usize),
    /// A running execution does its next step, or repeats the last one after a crash.
    Step(usize),
    /// A running execution gives a step up, and later closes its record.
    GiveUp(usize),
    /// A write of an execution that was issued once arrives again, at any time, or is made with a stale token.
    LateWrite(usize, Status),
    /// The engine ends an execution by itself, or because somebody stops it.
    EngineEnds(usize, ExecutionState),
    /// The engine's event or the sweep's comparison closes the record.
    Reconcile(usize),
    /// A dropped start is read, and the engine did not know the execution.
    DeadLetterReads(usize),
    /// An operator stops everything: the record is read, and its execution is stopped, if there is one.
    StopReads(usize),
    /// The reconciler writes what it has decided.
    Writes(usize),
    /// An operator redrives.
    Redrive,
    /// An operator redrives an attempt that waits for its next try. Any running attempt may wait.
    RedriveWaiting,
    /// The producer sends the delivery again, a minute or days after the attempt was opened.
    Redelivery,
    /// The record expires, a month after its executions have ended.
    Expires,
    /// The table deletes a record that has expired.
    Deletes,
}

/// Every possible action with the world after it.
pub(crate) fn steps(world: World, records: &Records) -> Vec<(Action, World)> {
    let mut steps = Vec::new();
    // No actor works on an attempt that is not open yet.
    for attempt in 1..=world.attempt {
        let of = OfAttempt {
            world,
            attempt,
            records,
        };
        steps.push((Action::Start(attempt), of.with(of.execution().started())));
        steps.push((Action::Step(attempt), of.step()));
        steps.push((Action::GiveUp(attempt), of.with(of.execution().given_up())));
        steps.push((Action::Reconcile(attempt), of.reconcile()));
        steps.push((Action::DeadLetterReads(attempt), of.dead_letter_reads()));
        steps.push((Action::StopReads(attempt), of.stop_reads()));
        steps.push((Action::Writes(attempt), of.writes()));
        for state in [
            ExecutionState::Failed,
            ExecutionState::TimedOut,
            ExecutionState::Stopped,
        ] {
            steps.push((Action::EngineEnds(attempt, state), of.with(of.execution().ended(state))));
        }
        for status in of.execution().issued() {
            steps.push((Action::LateWrite(attempt, status), of.late_write(status)));
        }
    }
    steps.push((Action::Redrive, world.redrive(records)));
    steps.push((Action::RedriveWaiting, world.redrive_waiting(records)));
    steps.push((Action::Redelivery, world.redelivery(records)));
    steps.push((Action::Expires, world.expires()));
    steps.push((Action::Deletes, world.deletes()));
    steps.retain(|(_, after)| *after != world);
    steps
}
