//! The outcome of starting a record's durable execution.

/// The outcome of one start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// The engine accepted the start.
    Started,
    /// An execution of this name exists already: an earlier start was accepted.
    AlreadyRunning,
    /// The start failed for a cause that may pass: throttling, a server error, or no answer.
    Deferred {
        /// The error's code, or `no answer`.
        code: String,
    },
    /// The engine refused the start, and will refuse it again until somebody changes the deployment.
    Refused {
        /// The error's code.
        code: String,
    },
}

impl Start {
    /// True if the execution exists now.
    #[must_use]
    pub const fn is_running(&self) -> bool {
        matches!(self, Self::Started | Self::AlreadyRunning)
    }
}
