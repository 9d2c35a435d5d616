//! The durable execution of an attempt.

use tracehook_core::Status;
use tracehook_core::record::{ExecutionState, StepName};

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

    pub(crate) const fn is_running(self) -> bool {
        matches!(self, Self::Running { .. })
    }

    pub(crate) const fn state(self) -> Option<ExecutionState> {
        match self {
            Self::Unknown => None,
            Self::Running { .. } => Some(ExecutionState::Running),
            Self::Closed { state, .. } => Some(state),
        }
    }

    /// A second start under one name has no effect.
    pub(crate) const fn started(self) -> Self {
        match self {
            Self::Unknown => Self::Running {
                done: 0,
                failing: false,
            },
            started => started,
        }
    }

    pub(crate) const fn ended(self, state: ExecutionState) -> Self {
        match self {
            Self::Running { done, failing } => Self::Closed { state, done, failing },
            ended => ended,
        }
    }

    pub(crate) const fn given_up(self) -> Self {
        match self {
            Self::Running { done, .. } if done < STEPS => Self::Running { done, failing: true },
            other => other,
        }
    }

    /// Writes that an execution may have issued by now, and that may still be on their way. The next one is among them:
    /// an invocation that the engine has given up goes on for a while, with a token that is stale. Its checkpoint is refused,
    /// so it comes to no further step.
    pub(crate) fn issued(self) -> Vec<Status> {
        let Some((done, failing)) = self.progress() else {
            return Vec::new();
        };
        // `completed` is written by the step after the handler's, and only with its result.
        let mut issued: Vec<_> = StepName::ALL.iter().take(done + 1).map(|step| step.status()).collect();
        if failing {
            issued.push(Status::Failed);
        }
        issued
    }
}
