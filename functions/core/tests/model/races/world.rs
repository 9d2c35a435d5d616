//! One webhook: its record, its executions, and what is decided about it.

use tracehook_core::Timestamp;
use tracehook_core::record::{Record, Redrivable, Status};

use super::execution::Execution;
use super::records::{ATTEMPTS, DAYS, GENERATIONS, Records, born};

/// What the reconciler is about to write about an attempt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(super) enum Decision {
    #[default]
    Nothing,
    /// The start was dropped: the attempt has failed, and the next one follows.
    Replace,
    /// There is no execution: the record is stopped as it was read.
    StopUnstarted,
    /// The execution was stopped: the record is closed.
    CloseStopped,
}

/// Whether the state is in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Presence {
    Live,
    /// It counts as gone.
    Expired,
    Deleted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct World {
    pub generation: usize,
    pub presence: Presence,
    pub status: Status,
    pub attempt: usize,
    /// True once the record has its execution's ARN.
    pub knows_arn: bool,
    /// The executions of the present record.
    pub executions: [Execution; ATTEMPTS],
    /// What was decided and not yet written, by attempt.
    pub(super) decided: [Decision; ATTEMPTS],
    /// The last attempt whose handler ran.
    pub admitted: usize,
    /// True once a handler ran for an attempt that was not the record's.
    pub has_strayed: bool,
}

impl World {
    /// A webhook that is stored and nothing more.
    pub(crate) const fn received(generation: usize) -> Self {
        Self {
            generation,
            presence: Presence::Live,
            status: Status::Received,
            attempt: 1,
            knows_arn: false,
            executions: [Execution::Unknown; ATTEMPTS],
            decided: [Decision::Nothing; ATTEMPTS],
            admitted: 0,
            has_strayed: false,
        }
    }

    /// The record that is in the table.
    pub(super) fn stored(self, records: &Records) -> Option<&Record> {
        (self.presence != Presence::Deleted)
            .then(|| records.record(self.generation, self.attempt, self.status, self.knows_arn))
    }

    /// The record as everybody reads it.
    pub(super) fn read(self, records: &Records) -> Option<&Record> {
        self.stored(records).filter(|record| !record.has_expired(self.now()))
    }

    pub(super) fn now(self) -> Timestamp {
        match self.presence {
            Presence::Live => born(self.generation).plus_days(1),
            Presence::Expired | Presence::Deleted => born(self.generation).plus_days(DAYS),
        }
    }

    pub(super) fn redrive(self, records: &Records) -> Self {
        let Some(record) = self.read(records) else { return self };
        if record.redrivable(self.now()) == Redrivable::Yes {
            self.opened(&next_attempt(record, self.now(), records))
        } else {
            self
        }
    }

    /// The record is as it was read, so no try has begun since. The old execution may be stopped, or wake up later.
    pub(super) fn redrive_waiting(self, records: &Records) -> Self {
        let Some(record) = self.read(records) else { return self };
        let runs = self.executions[self.attempt - 1].is_running();
        if self.status.is_terminal() || !runs || !self.knows_arn {
            return self;
        }
        self.opened(&next_attempt(&record.taken_over(self.now()), self.now(), records))
    }

    /// The same delivery once more: a duplicate, the next attempt of what has failed, or a webhook that nobody knows any more.
    pub(super) fn redelivery(self, records: &Records) -> Self {
        let now = self.now();
        match self.read(records) {
            Some(record) => match record.redelivered(&records.prefix, now, now.plus_days(DAYS), 3) {
                Some(next) => self.opened(&next),
                None => self,
            },
            None if self.generation < GENERATIONS => Self::received(self.generation + 1),
            None => self,
        }
    }

    /// The sweep has had a month to end it, and the engine a day for its executions.
    pub(super) fn expires(self) -> Self {
        let runs = self.executions.iter().any(|execution| execution.is_running());
        if self.presence == Presence::Live && self.status.is_terminal() && !runs {
            Self {
                presence: Presence::Expired,
                ..self
            }
        } else {
            self
        }
    }

    pub(super) const fn deletes(self) -> Self {
        match self.presence {
            Presence::Expired => Self {
                presence: Presence::Deleted,
                ..self
            },
            _ => self,
        }
    }

    /// The present record is replaced by its next attempt, if that is explored.
    pub(super) fn opened(self, next: &Record) -> Self {
        let attempt = usize::try_from(next.attempt).unwrap();
        if attempt > ATTEMPTS {
            return self;
        }
        Self {
            status: next.status,
            attempt,
            knows_arn: next.execution_arn.is_some(),
            ..self
        }
    }
}

pub(super) fn next_attempt(record: &Record, at: Timestamp, records: &Records) -> Record {
    record.next_attempt(&records.prefix, at, at.plus_days(DAYS))
}
