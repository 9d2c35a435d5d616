//! The record of a webhook: the state that the store keeps beside the payload and that the status answer shows.

mod advance;
mod attempt;
mod due;
mod execution;
mod known;
mod late_start;
mod received;
mod reconcile;
mod start;
mod status;
mod step;

pub use advance::{Advance, Refusal};
pub use attempt::Attempt;
pub use due::{Ages, Due, Redrivable};
pub use execution::{
    ExecutionInput, ExecutionPrefix, InvalidExecutionPrefix, execution_name, name_in_arn, token_in_name,
};
pub use known::Known;
pub use late_start::LateStart;
pub use received::New;
pub use reconcile::{Closing, ExecutionId, ExecutionState, Verdict, start_dropped};
pub use start::Start;
pub use status::{Status, UnknownStatus};
pub use step::{StepName, StepRecord, StepStatus, Steps, UnknownStep, Wait};

use serde::Serialize;

use crate::source_name::SourceName;
use crate::summary::{Labels, WebhookSummary};
use crate::timestamp::Timestamp;
use crate::token::ExecutionToken;
use crate::trace::TraceParent;

/// The SHA-256 of a payload.
pub type PayloadDigest = [u8; 32];

/// The cause of an end other than `completed`. Both texts are public: the status answer shows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// A stable code, for example `handler_failed`.
    pub code: String,
    /// A sentence for a person. It never quotes the payload.
    pub message: String,
}

/// The state of one webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The token, which is the partition key.
    pub token: ExecutionToken,
    /// The source that received it.
    pub source: SourceName,
    /// The producer's id of the delivery.
    pub delivery_id: Option<String>,
    /// The status of the current attempt.
    pub status: Status,
    /// The step that moved it last, or waits for its next try; absent until the execution runs.
    pub current_step: Option<StepName>,
    /// The progress of each step.
    pub steps: Steps,
    /// Type, subject and keys, for a person.
    pub summary: WebhookSummary,
    /// What people look for, by its name; at most three.
    pub labels: Labels,
    /// The payload's digest, which is also the payload item's key.
    pub payload_sha256: PayloadDigest,
    /// The payload's size in bytes.
    pub payload_bytes: u64,
    /// The name of the durable execution of this attempt.
    pub execution_name: String,
    /// Its ARN, once it runs.
    pub execution_arn: Option<String>,
    /// 1, and one more with every redrive.
    pub attempt: u32,
    /// When this attempt was opened; the receive time for the first one.
    pub attempt_started_at: Timestamp,
    /// What is known of a start of this attempt that did not bring it to run.
    pub late_start: Option<LateStart>,
    /// The attempts that the producer has opened by sending a failed delivery again.
    pub redeliveries: u32,
    /// How often its identity came with another body.
    pub conflicts: u32,
    /// The attempts before this one, at most 5.
    pub past_attempts: Vec<Attempt>,
    /// The cause of a failed attempt.
    pub error: Option<Failure>,
    /// The trace and its root span.
    pub traceparent: TraceParent,
    /// The time of receipt, which never changes.
    pub created_at: Timestamp,
    /// The time of the last move.
    pub last_updated: Timestamp,
    /// The time from which on the record counts as gone. `DynamoDB` deletes it later, by days at times.
    pub expires_at: Timestamp,
}

impl Record {
    /// What the open attempt waits for: the last failure of its step, and the next try. None while it works, and once it has
    /// ended.
    #[must_use]
    pub fn wait(&self) -> Option<&Wait> {
        let waits = self.steps.values().find_map(|step| step.wait.as_ref());
        waits.filter(|_| !self.status.is_terminal())
    }

    /// True if the record counts as gone, deleted or not.
    #[must_use]
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.expires_at <= now
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{SpanId, TraceId};

    /// A webhook that was just received.
    pub(super) fn record() -> Record {
        let token = ExecutionToken::from_random([7; 16]);
        let source: SourceName = "github".parse().unwrap();
        let at = Timestamp::from_epoch_ms(1_700_000_000_000);
        Record::received(New {
            token,
            delivery_id: None,
            summary: WebhookSummary::new(&source, None, None, &[]),
            labels: Labels::new(),
            source,
            payload_sha256: [0; 32],
            payload_bytes: 2,
            prefix: &"t".parse().unwrap(),
            traceparent: TraceParent {
                trace_id: TraceId::derive(at, &token),
                span_id: SpanId::from_random([1; 8]),
                sampled: true,
            },
            received_at: at,
            deduplication_days: 35,
        })
    }
}
