//! Outcomes of the reconciler's actions: one word each, for metrics, logs, spans and answers.

/// The outcome of one action, or of reading one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The record was closed by this action.
    Closed,
    /// The record has ended already.
    Ended,
    /// The record does not exist, or not any more.
    RecordMissing,
    /// The record is too young for anything to be done.
    Later,
    /// The execution of the open attempt was started.
    Started,
    /// The start failed; the sweep repeats it.
    StartDeferred,
    /// The record is open for so long that a person has to look.
    Stuck,
    /// Record and engine agree.
    Agrees,
    /// Both have ended, one well and one badly.
    Contradicts,
    /// The report belongs to another attempt or execution.
    OtherExecution,
    /// The message belongs to an attempt before the current one.
    OtherAttempt,
    /// The execution has a name that this deployment does not give.
    Foreign,
    /// The write was refused: the record has ended, or belongs to another execution.
    Refused,
    /// Somebody else moved the record first.
    Moved,
    /// An attempt is running.
    Running,
    /// The record was closed because no attempt is left.
    AttemptsUsedUp,
    /// A dropped event of the engine was handled.
    StatusChange,
    /// A dropped sweep: the next one comes by itself.
    Sweep,
    /// A dropped command: the operator has to repeat it.
    RedriveDropped,
    /// The message is of no known form.
    Unreadable,
    /// The next attempt is open.
    Redriven {
        /// True if its start was accepted.
        started: bool,
    },
    /// The start of an open attempt was repeated.
    StartedAgain {
        /// True if it was accepted.
        started: bool,
    },
    /// The webhook is completed; its effects must not be repeated.
    Completed,
    /// The payload has expired.
    PayloadExpired,
    /// No webhook has the token, or not any more.
    TokenUnknown,
    /// Something failed that may succeed when it is repeated.
    Error,
}

impl Outcome {
    /// The outcome's word, which is stable.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Ended => "ended",
            Self::RecordMissing => "record_missing",
            Self::Later => "later",
            Self::Started => "started",
            Self::StartDeferred => "start_deferred",
            Self::Stuck => "stuck",
            Self::Agrees => "agrees",
            Self::Contradicts => "contradicts",
            Self::OtherExecution => "other_execution",
            Self::OtherAttempt => "other_attempt",
            Self::Foreign => "foreign",
            Self::Refused => "refused",
            Self::Moved => "moved",
            Self::Running => "running",
            Self::AttemptsUsedUp => "attempts_used_up",
            Self::StatusChange => "status_change",
            Self::Sweep => "sweep",
            Self::RedriveDropped => "redrive_dropped",
            Self::Unreadable => "unreadable",
            Self::Redriven { .. } => "redriven",
            Self::StartedAgain { .. } => "started_again",
            Self::Completed => "completed",
            Self::PayloadExpired => "payload_expired",
            Self::TokenUnknown => "token_unknown",
            Self::Error => "error",
        }
    }

    /// True if a sweep counts the record as open after this outcome.
    pub(crate) const fn is_open(self) -> bool {
        !matches!(self, Self::Closed | Self::Ended | Self::RecordMissing)
    }
}
