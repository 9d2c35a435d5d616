//! One move of a record, and what it met.

use super::{Failure, Record, Status, StepName, StepRecord};
use crate::timestamp::Timestamp;

/// A move forward that a step asks for. The store makes it under a condition: the status may become [`Advance::to`],
/// and the execution is the record's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advance {
    /// The status to write.
    pub to: Status,
    /// The step that asks.
    pub step: StepName,
    /// What is now known of steps.
    pub steps: Vec<(StepName, StepRecord)>,
    /// Why it failed, with a status that says so.
    pub error: Option<Failure>,
    /// The ARN of the execution that asks.
    pub execution_arn: String,
    /// When it asks.
    pub at: Timestamp,
}

/// Where a record stands that did not take an [`Advance`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// This execution has already brought it there or further: a late or repeated step, and nothing is to be done.
    Ahead,
    /// It ended otherwise, or another execution owns it: this execution must not go on.
    Superseded,
    /// It is not yet where the step expects it: a step was skipped, which no order of events explains.
    Behind,
}

impl Advance {
    /// Judges a refused move by the record that refused it.
    #[must_use]
    pub fn judge(&self, record: &Record, execution_name: &str) -> Standing {
        if record.execution_name != execution_name {
            return Standing::Superseded;
        }
        match record.status {
            status if status == self.to => Standing::Ahead,
            Status::Failed | Status::TimedOut | Status::Stopped => Standing::Superseded,
            Status::Completed if self.to.is_terminal() => Standing::Superseded,
            status if status > self.to => Standing::Ahead,
            _ => Standing::Behind,
        }
    }
}
