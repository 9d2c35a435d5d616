//! The work of an attempt's execution, and of the reconciler on it.

use tracehook_core::record::{
    Advance, Closing, ExecutionState, Redrivable, Refusal, Status, StepName, Verdict, start_dropped,
};

use super::execution::Execution;
use super::records::{ATTEMPTS, Name, Records};
use super::world::{Decision, World, next_attempt};

/// The work of an attempt's execution, and of the reconciler on it.
#[derive(Clone, Copy)]
pub(super) struct OfAttempt<'r> {
    pub(super) world: World,
    pub(super) attempt: usize,
    pub(super) records: &'r Records,
}

impl OfAttempt<'_> {
    pub(super) const fn execution(&self) -> Execution {
        self.world.executions[self.attempt - 1]
    }

    const fn after(&self, world: World) -> Self {
        Self { world, ..*self }
    }

    fn name(&self) -> &Name {
        self.records.name(self.world.generation, self.attempt)
    }

    pub(super) const fn with(&self, execution: Execution) -> World {
        let mut world = self.world;
        world.executions[self.attempt - 1] = execution;
        world
    }

    /// The store's condition for a step's write, and the step's reaction to a refusal.
    fn advance(&self, to: Status) -> (World, Refusal) {
        let Some(record) = self.world.stored(self.records) else {
            return (self.world, Refusal::Superseded);
        };
        let Name { name, arn } = self.name();
        if record.execution_name == *name && record.status.may_become(to) {
            let written = World {
                status: to,
                knows_arn: true,
                ..self.world
            };
            return (written, Refusal::Ahead);
        }
        let advance = Advance {
            to,
            step: StepName::Process,
            steps: Vec::new(),
            error: None,
            execution_arn: arn.clone(),
            at: self.world.now(),
        };
        (self.world, advance.judge(record, name))
    }

    pub(super) fn step(&self) -> World {
        let Execution::Running { done, failing } = self.execution() else {
            return self.world;
        };
        let ended = |world: World, state| self.after(world).with(self.execution().ended(state));
        if failing {
            // The step that closes the record; the execution ends FAILED in any case.
            return ended(self.advance(Status::Failed).0, ExecutionState::Failed);
        }
        let Some(to) = StepName::ALL.get(done).map(|step| step.status()) else {
            return ended(self.world, ExecutionState::Succeeded);
        };
        let (after, next) = match self.advance(to) {
            (after, Refusal::Ahead) => (
                self.admit(after, to),
                Execution::Running {
                    done: done + 1,
                    failing,
                },
            ),
            (after, Refusal::Superseded | Refusal::Behind) => (after, Execution::Running { done, failing: true }),
        };
        self.after(after).with(next)
    }

    /// The handler runs after the write of its step, with a key of the record's attempt.
    fn admit(&self, mut after: World, to: Status) -> World {
        if to == Status::Processing {
            after.has_strayed |= after.attempt != self.attempt;
            after.admitted = self.attempt;
        }
        after
    }

    pub(super) fn late_write(&self, to: Status) -> World {
        match self.advance(to) {
            (after, Refusal::Ahead) => self.admit(after, to),
            (after, _) => after,
        }
    }

    /// An event that comes at any time and any number of times, and the sweep's comparison: the same decision and the
    /// same write.
    pub(super) fn reconcile(&self) -> World {
        let Some((state, record)) = self.execution().state().zip(self.world.read(self.records)) else {
            return self.world;
        };
        match record.judge_engine(self.name().id(), state) {
            Verdict::Close(closing) => self.close(&closing),
            Verdict::Agrees | Verdict::Contradicts | Verdict::OtherExecution => self.world,
        }
    }

    /// The store's condition for a close.
    fn close(&self, closing: &Closing) -> World {
        let Some(record) = self.world.stored(self.records) else {
            return self.world;
        };
        let Name { name, arn } = self.name();
        let same_arn = record.execution_arn.as_ref().is_none_or(|known| known == arn);
        if record.execution_name != *name || !same_arn || record.status.is_terminal() {
            return self.world;
        }
        World {
            status: closing.status,
            knows_arn: true,
            ..self.world
        }
    }

    const fn decides(mut self, decision: Decision) -> World {
        self.world.decided[self.attempt - 1] = decision;
        self.world
    }

    pub(super) fn dead_letter_reads(&self) -> World {
        let Some(record) = self.world.read(self.records) else {
            return self.world;
        };
        let is_its_attempt = self.world.attempt == self.attempt && self.execution() == Execution::Unknown;
        if is_its_attempt && record.redrivable(self.world.now()) == Redrivable::NotStarted {
            return self.decides(Decision::Replace);
        }
        self.world
    }

    /// What waits for its next try is stopped without a question to the engine: it may have ended meanwhile.
    pub(super) fn stop_reads(&self) -> World {
        let Some(record) = self.world.read(self.records) else {
            return self.world;
        };
        if self.world.attempt != self.attempt || record.status.is_terminal() {
            return self.world;
        }
        match self.execution() {
            Execution::Unknown if self.world.knows_arn => self.close(&Closing::lost()),
            Execution::Unknown => self.decides(Decision::StopUnstarted),
            Execution::Running { .. } | Execution::Closed { .. } => {
                let stopped = self.with(self.execution().ended(ExecutionState::Stopped));
                self.after(stopped).decides(Decision::CloseStopped)
            }
        }
    }

    /// The reconciler's write, under the condition that the record is as it was read; the engine may have heard of a start in
    /// the meantime.
    pub(super) fn writes(&self) -> World {
        let decision = self.world.decided[self.attempt - 1];
        let after = self.decides(Decision::Nothing);
        let of = self.after(after);
        let Some(record) = after.stored(self.records) else {
            return after;
        };
        let is_as_read = record.execution_name == self.name().name && record.status == Status::Received;
        match decision {
            Decision::CloseStopped => of.close(&Closing::stopped()),
            Decision::StopUnstarted if is_as_read => World {
                status: record.closed(&Closing::stopped(), after.now()).status,
                ..after
            },
            Decision::Replace if is_as_read => {
                let failed = record.failed(start_dropped("RetriesExhausted"), after.now());
                if self.attempt == ATTEMPTS {
                    return World {
                        status: failed.status,
                        ..after
                    };
                }
                after.opened(&next_attempt(&failed, after.now(), self.records))
            }
            _ => after,
        }
    }
}
