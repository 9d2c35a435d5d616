//! The statuses of a webhook and the moves between them.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// `received → validated → processing → completed`, or one of `failed`, `timed_out`, `stopped` from any of the first
/// three. Terminal statuses are final until a redrive opens the next attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Stored and answered with 202.
    Received,
    /// The `validate` step has found the payload sound.
    Validated,
    /// The `process` step has begun.
    Processing,
    /// Everything is done.
    Completed,
    /// A step failed for good.
    Failed,
    /// The execution ran longer than it may.
    TimedOut,
    /// An operator stopped the execution.
    Stopped,
}

/// The text names no status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such status")]
pub struct UnknownStatus;

impl Status {
    /// Every status.
    pub const ALL: [Self; 7] = [
        Self::Received,
        Self::Validated,
        Self::Processing,
        Self::Completed,
        Self::Failed,
        Self::TimedOut,
        Self::Stopped,
    ];

    /// The status as text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Validated => "validated",
            Self::Processing => "processing",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::TimedOut => "timed_out",
            Self::Stopped => "stopped",
        }
    }

    /// True if nothing follows but a redrive.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::TimedOut | Self::Stopped)
    }

    /// True if a webhook at `self` may be written as `next`. A status that a step writes may be written again by the
    /// same step, because an interrupted step runs again; a terminal one may not.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        match next {
            Self::Received => matches!(self, Self::Received),
            Self::Validated => matches!(self, Self::Received | Self::Validated),
            Self::Processing => matches!(self, Self::Validated | Self::Processing),
            Self::Completed => matches!(self, Self::Processing),
            Self::Failed | Self::TimedOut | Self::Stopped => !self.is_terminal(),
        }
    }

    /// The statuses from which this one may be written.
    pub fn predecessors(self) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |status| status.may_become(self))
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Status {
    type Err = UnknownStatus;

    fn from_str(text: &str) -> Result<Self, UnknownStatus> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or(UnknownStatus)
    }
}

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_allowed_moves_are_these_and_no_others() {
        use Status::*;
        let allowed = [
            (Received, Received),
            (Received, Validated),
            (Validated, Validated),
            (Validated, Processing),
            (Processing, Processing),
            (Processing, Completed),
            (Received, Failed),
            (Received, TimedOut),
            (Received, Stopped),
            (Validated, Failed),
            (Validated, TimedOut),
            (Validated, Stopped),
            (Processing, Failed),
            (Processing, TimedOut),
            (Processing, Stopped),
        ];
        for from in Status::ALL {
            for to in Status::ALL {
                assert_eq!(from.may_become(to), allowed.contains(&(from, to)), "{from} -> {to}");
            }
        }
    }

    #[test]
    fn statuses_survive_their_text() {
        for status in Status::ALL {
            assert_eq!(status.as_str().parse(), Ok(status));
        }
        assert_eq!("Completed".parse::<Status>(), Err(UnknownStatus));
    }
}
