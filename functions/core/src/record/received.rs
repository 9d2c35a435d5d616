//! The first record of a webhook, made when its request has been verified.

use super::{ExecutionPrefix, PayloadDigest, Record, Status, Steps, execution_name};
use crate::source_name::SourceName;
use crate::summary::{Labels, WebhookSummary};
use crate::timestamp::Timestamp;
use crate::token::ExecutionToken;
use crate::trace::TraceParent;

/// The facts that a first record is made of.
#[derive(Debug, Clone)]
pub struct New<'a> {
    /// Derived from the delivery id where there is one, else random.
    pub token: ExecutionToken,
    /// The source that the path named.
    pub source: SourceName,
    /// The producer's id of the delivery, already checked.
    pub delivery_id: Option<String>,
    /// Type, subject and keys, for a person.
    pub summary: WebhookSummary,
    /// What people look for, by its name.
    pub labels: Labels,
    /// The digest of the raw body.
    pub payload_sha256: PayloadDigest,
    /// The size of the raw body, in bytes.
    pub payload_bytes: u64,
    /// The prefix of this deployment's execution names.
    pub prefix: &'a ExecutionPrefix,
    /// The trace and its root span.
    pub traceparent: TraceParent,
    /// The time of receipt, by which the record is created, updated and expires.
    pub received_at: Timestamp,
    /// Days after receipt for which the record is kept, and a delivery of the same id is a duplicate.
    pub deduplication_days: u32,
}

impl Record {
    /// The record of a webhook that was just received: its first attempt, not started yet.
    #[must_use]
    pub fn received(new: New<'_>) -> Self {
        Self {
            token: new.token,
            source: new.source,
            delivery_id: new.delivery_id,
            status: Status::Received,
            current_step: None,
            steps: Steps::new(),
            summary: new.summary,
            labels: new.labels,
            payload_sha256: new.payload_sha256,
            payload_bytes: new.payload_bytes,
            execution_name: execution_name(new.prefix, &new.token, new.received_at, 1),
            execution_arn: None,
            attempt: 1,
            attempt_started_at: new.received_at,
            late_start: None,
            redeliveries: 0,
            conflicts: 0,
            past_attempts: Vec::new(),
            error: None,
            traceparent: new.traceparent,
            created_at: new.received_at,
            last_updated: new.received_at,
            expires_at: new.received_at.plus_days(new.deduplication_days),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::record::tests::record;

    #[test]
    fn a_first_record_is_open_unstarted_and_is_kept_for_its_deduplication_days() {
        let record = record();
        assert_eq!(record.execution_name, format!("t-{}-s44we8-1", record.token));
        assert_eq!((record.attempt, record.execution_arn.is_some()), (1, false));
        assert!(!record.status.is_terminal() && record.steps.is_empty() && record.past_attempts.is_empty());
        assert_eq!(
            (record.attempt_started_at, record.last_updated),
            (record.created_at, record.created_at)
        );
        assert_eq!(record.expires_at, record.created_at.plus_days(35));
    }
}
