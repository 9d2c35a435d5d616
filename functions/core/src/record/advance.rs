//! One move of a record, and the reason for a refusal.

use super::{Failure, Record, Status, StepName, StepRecord};
use crate::timestamp::Timestamp;

/// A move forward that a step requests. The store makes it under a condition: the status may become [`Advance::to`],
/// and the record belongs to the execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advance {
    /// The status to write.
    pub to: Status,
    /// The step that requests the move.
    pub step: StepName,
    /// Progress of steps to record.
    pub steps: Vec<(StepName, StepRecord)>,
    /// The cause of a failure, with [`Status::Failed`] alone.
    pub error: Option<Failure>,
    /// The ARN of the execution that requests the move.
    pub execution_arn: String,
    /// The time of the request.
    pub at: Timestamp,
}

/// Why a record refused an [`Advance`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// This execution has moved the record there or further already: a late or repeated step, which does nothing.
    Ahead,
    /// The record ended otherwise or belongs to another execution: this execution must not go on.
    Superseded,
    /// The record has not reached the status that the step expects: a step was skipped, which no order of events explains.
    Behind,
}

impl Advance {
    /// Judges a refused move by the record that refused it.
    #[must_use]
    pub fn judge(&self, record: &Record, execution_name: &str) -> Refusal {
        if record.execution_name != execution_name {
            return Refusal::Superseded;
        }
        match record.status {
            status if status == self.to => Refusal::Ahead,
            Status::Failed | Status::TimedOut | Status::Stopped => Refusal::Superseded,
            Status::Completed if self.to.is_terminal() => Refusal::Superseded,
            status if status > self.to => Refusal::Ahead,
            _ => Refusal::Behind,
        }
    }
}
