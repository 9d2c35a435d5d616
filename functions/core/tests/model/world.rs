//! One webhook and every actor that works on it.

use tracehook_core::record::{
    Advance, ExecutionId, ExecutionPrefix, ExecutionState, New, Record, Redrivable, Refusal, Status, StepName, Verdict,
    execution_name, start_dropped,
};
use tracehook_core::trace::{SpanId, TraceId, TraceParent};
use tracehook_core::{ExecutionToken, SourceName, Timestamp, WebhookSummary};

/// Explored attempts: every race is between one and the next. A search over three takes minutes.
pub(crate) const ATTEMPTS: usize = 2;

/// The number of steps of an execution.
const STEPS: usize = StepName::ALL.len();

/// The durable execution of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Execution {
    /// The engine does not know it.
    Unknown,
    /// It has done `done` steps; `failing` once a step was given up.
    Running { done: usize, failing: bool },
    /// It ended after `done` steps.
    Closed {
        state: ExecutionState,
        done: usize,
        failing: bool,
    },
}

impl Execution {
    const fn progress(self) -> Option<(usize, bool)> {
        match self {
            Self::Unknown => None,
            Self::Running { done, failing } | Self::Closed { done, failing, .. } => Some((done, failing)),
        }
    }

    /// True once its handler has returned: the `process` step is done.
    pub(crate) const fn has_done_its_work(self) -> bool {
        matches!(self.progress(), Some((done, _)) if done > StepName::Process as usize)
    }

    const fn state(self) -> Option<ExecutionState> {
        match self {
            Self::Unknown => None,
            Self::Running { .. } => Some(ExecutionState::Running),
            Self::Closed { state, .. } => Some(state),
        }
    }
}

/// An event; the number is its attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// A start reaches the engine: the validator's, the sweep's, a redrive's, or a repetition of one.
    Start(usize),
    /// A running execution does its next step, or repeats the last one after a crash.
    Step(usize),
    /// A running execution gives a step up, and later closes its record.
    GiveUp(usize),
    /// A write of an execution that was issued once arrives again, at any time.
    LateWrite(usize, Status),
    /// The engine ends an execution by itself.
    EngineEnds(usize, ExecutionState),
    /// The engine's event or the sweep's comparison closes the record.
    Reconcile(usize),
    /// A dropped start is read, and the engine did not know the execution.
    DeadLetterReads(usize),
    /// The reconciler writes its decision about a dropped start.
    DeadLetterReplaces(usize),
    /// An operator redrives.
    Redrive,
    /// An operator redrives an attempt that waits for its next try. Any running attempt may wait.
    RedriveWaiting,
}

impl Action {
    /// True for actions that need neither a fault nor a person.
    pub(crate) const fn comes_by_itself(self) -> bool {
        matches!(
            self,
            Self::Start(_) | Self::Step(_) | Self::EngineEnds(..) | Self::Reconcile(_)
        )
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct World {
    pub status: Status,
    pub attempt: usize,
    /// True once the record has its execution's ARN.
    knows_arn: bool,
    pub executions: [Execution; ATTEMPTS],
    /// Dead letters that were read and not yet acted upon, by attempt.
    decided: [bool; ATTEMPTS],
    /// The last attempt whose handler ran.
    pub admitted: usize,
}

impl World {
    /// A webhook that is stored and nothing more.
    pub(crate) const fn received() -> Self {
        Self {
            status: Status::Received,
            attempt: 1,
            knows_arn: false,
            executions: [Execution::Unknown; ATTEMPTS],
            decided: [false; ATTEMPTS],
            admitted: 0,
        }
    }

    /// Every possible action with the world after it.
    pub(crate) fn steps(self) -> Vec<(Action, Self)> {
        let mut steps = Vec::new();
        // No actor works on an attempt that is not open yet.
        for attempt in 1..=self.attempt {
            steps.push((Action::Start(attempt), self.start(attempt)));
            steps.push((Action::Step(attempt), self.step(attempt)));
            steps.push((Action::GiveUp(attempt), self.give_up(attempt)));
            steps.push((Action::Reconcile(attempt), self.reconcile(attempt)));
            steps.push((Action::DeadLetterReads(attempt), self.dead_letter_reads(attempt)));
            steps.push((Action::DeadLetterReplaces(attempt), self.dead_letter_replaces(attempt)));
            for state in [
                ExecutionState::Failed,
                ExecutionState::TimedOut,
                ExecutionState::Stopped,
            ] {
                steps.push((Action::EngineEnds(attempt, state), self.engine_ends(attempt, state)));
            }
            for status in self.issued(attempt) {
                steps.push((Action::LateWrite(attempt, status), self.late_write(attempt, status)));
            }
        }
        steps.push((Action::Redrive, self.redrive()));
        steps.push((Action::RedriveWaiting, self.redrive_waiting()));
        steps.retain(|(_, after)| *after != self);
        steps
    }

    fn with(mut self, attempt: usize, execution: Execution) -> Self {
        self.executions[attempt - 1] = execution;
        self
    }

    fn start(self, attempt: usize) -> Self {
        match self.executions[attempt - 1] {
            // A second start under one name has no effect.
            Execution::Unknown => self.with(
                attempt,
                Execution::Running {
                    done: 0,
                    failing: false,
                },
            ),
            _ => self,
        }
    }

    /// The store's condition for a step's write, and the step's reaction to a refusal.
    fn advance(self, attempt: usize, to: Status) -> (Self, Refusal) {
        let record = self.record();
        if record.execution_name == name(attempt) && record.status.may_become(to) {
            return (
                Self {
                    status: to,
                    knows_arn: true,
                    ..self
                },
                Refusal::Ahead,
            );
        }
        let advance = Advance {
            to,
            step: StepName::Process,
            steps: Vec::new(),
            error: None,
            execution_arn: arn(attempt),
            at: TIME,
        };
        (self, advance.judge(&record, &name(attempt)))
    }

    fn step(self, attempt: usize) -> Self {
        let Execution::Running { done, failing } = self.executions[attempt - 1] else {
            return self;
        };
        let ended = |world: Self, state| world.with(attempt, Execution::Closed { state, done, failing });
        if failing {
            // The step that closes the record; the execution ends FAILED in any case.
            return ended(self.advance(attempt, Status::Failed).0, ExecutionState::Failed);
        }
        let Some(to) = StepName::ALL.get(done).map(|step| step.status()) else {
            return ended(self, ExecutionState::Succeeded);
        };
        match self.advance(attempt, to) {
            (after, Refusal::Ahead) => after.admit(attempt, to).with(
                attempt,
                Execution::Running {
                    done: done + 1,
                    failing,
                },
            ),
            (after, Refusal::Superseded | Refusal::Behind) => {
                after.with(attempt, Execution::Running { done, failing: true })
            }
        }
    }

    /// The handler runs after the write of its step.
    fn admit(mut self, attempt: usize, to: Status) -> Self {
        if to == Status::Processing {
            self.admitted = attempt;
        }
        self
    }

    fn late_write(self, attempt: usize, to: Status) -> Self {
        match self.advance(attempt, to) {
            (after, Refusal::Ahead) => after.admit(attempt, to),
            (after, _) => after,
        }
    }

    fn give_up(self, attempt: usize) -> Self {
        match self.executions[attempt - 1] {
            Execution::Running { done, failing: false } if done < STEPS => {
                self.with(attempt, Execution::Running { done, failing: true })
            }
            _ => self,
        }
    }

    /// Writes that an execution may have issued by now, and that may still be on their way. The next one is among them:
    /// a sandbox that the engine has given up goes on for a while.
    fn issued(self, attempt: usize) -> Vec<Status> {
        let Some((done, failing)) = self.executions[attempt - 1].progress() else {
            return Vec::new();
        };
        // `completed` is written by the step after the handler's, and only with its result.
        let mut issued: Vec<_> = StepName::ALL.iter().take(done + 1).map(|step| step.status()).collect();
        if failing {
            issued.push(Status::Failed);
        }
        issued
    }

    fn engine_ends(self, attempt: usize, state: ExecutionState) -> Self {
        match self.executions[attempt - 1] {
            Execution::Running { done, failing } => self.with(attempt, Execution::Closed { state, done, failing }),
            _ => self,
        }
    }

    /// An event that comes at any time and any number of times, and the sweep's comparison: the same decision and the
    /// same write.
    fn reconcile(self, attempt: usize) -> Self {
        let Some(state) = self.executions[attempt - 1].state() else {
            return self;
        };
        let (name, arn) = (name(attempt), arn(attempt));
        let id = ExecutionId {
            name: &name,
            arn: &arn,
            started_at: None,
        };
        match self.record().judge_engine(id, state) {
            Verdict::Close(closing) => Self {
                status: closing.status,
                knows_arn: true,
                ..self
            },
            Verdict::Agrees | Verdict::Contradicts | Verdict::OtherExecution => self,
        }
    }

    fn dead_letter_reads(mut self, attempt: usize) -> Self {
        let unknown = self.executions[attempt - 1] == Execution::Unknown;
        if self.attempt == attempt && unknown && self.record().redrivable(TIME) == Redrivable::NotStarted {
            self.decided[attempt - 1] = true;
        }
        self
    }

    /// The record must be as it was read; the engine may have heard of a start in the meantime.
    fn dead_letter_replaces(mut self, attempt: usize) -> Self {
        if !std::mem::take(&mut self.decided[attempt - 1]) {
            return self;
        }
        let record = self.record();
        if record.execution_name != name(attempt) || record.status != Status::Received {
            return self;
        }
        let failed = record.failed(start_dropped("RetriesExhausted"), TIME);
        if attempt == ATTEMPTS {
            return Self {
                status: failed.status,
                ..self
            };
        }
        self.opened(&failed)
    }

    fn redrive(self) -> Self {
        let record = self.record();
        if record.redrivable(TIME) == Redrivable::Yes && self.attempt < ATTEMPTS {
            self.opened(&record)
        } else {
            self
        }
    }

    /// The record is as it was read, so no try has begun since. The old execution may be stopped, or wake up later.
    fn redrive_waiting(self) -> Self {
        let runs = matches!(self.executions[self.attempt - 1], Execution::Running { .. });
        if self.status.is_terminal() || !runs || !self.knows_arn || self.attempt == ATTEMPTS {
            return self;
        }
        self.opened(&self.record().taken_over(TIME))
    }

    fn opened(self, ended: &Record) -> Self {
        let next = ended.next_attempt(&prefix(), TIME, TIME);
        Self {
            status: next.status,
            attempt: usize::try_from(next.attempt).unwrap(),
            knows_arn: next.execution_arn.is_some(),
            ..self
        }
    }

    /// The record as the functions of the domain take it.
    fn record(self) -> Record {
        let source: SourceName = "github".parse().unwrap();
        let first = Record::received(New {
            token: TOKEN,
            delivery_id: None,
            summary: WebhookSummary::new(&source, None, None, &[]),
            source,
            payload_sha256: [0; 32],
            payload_bytes: 2,
            prefix: &prefix(),
            traceparent: TraceParent {
                trace_id: TraceId::derive(TIME, &TOKEN),
                span_id: SpanId::from_random([1; 8]),
                sampled: true,
            },
            received_at: TIME,
            deduplication_days: 0,
        });
        Record {
            status: self.status,
            execution_name: name(self.attempt),
            execution_arn: self.knows_arn.then(|| arn(self.attempt)),
            attempt: u32::try_from(self.attempt).unwrap(),
            ..first
        }
    }
}

const TIME: Timestamp = Timestamp::from_epoch_ms(1_700_000_000_000);
const TOKEN: ExecutionToken = ExecutionToken::from_random([7; 16]);

fn prefix() -> ExecutionPrefix {
    "t".parse().unwrap()
}

fn name(attempt: usize) -> String {
    execution_name(&prefix(), &TOKEN, TIME, u32::try_from(attempt).unwrap())
}

fn arn(attempt: usize) -> String {
    format!("arn:aws:lambda:r:0:function:p:1/durable-execution/{}/id", name(attempt))
}
