//! The status of an execution.

use serde::{Deserialize, Serialize};

/// The status of an execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ExecutionStatus {
    /// Not closed.
    Running,
    /// The handler returned.
    Succeeded,
    /// The handler failed, or its invocations did.
    Failed,
    /// The execution timeout passed.
    TimedOut,
    /// A caller stopped it.
    Stopped,
}

impl ExecutionStatus {
    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::TimedOut => "TIMED_OUT",
            Self::Stopped => "STOPPED",
        }
    }

    /// The status of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [
            Self::Running,
            Self::Succeeded,
            Self::Failed,
            Self::TimedOut,
            Self::Stopped,
        ]
        .into_iter()
        .find(|status| status.as_str() == name)
    }
}
