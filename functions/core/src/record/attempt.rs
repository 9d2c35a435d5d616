//! The attempts of a webhook: the first one, and one more with every redrive and every redelivery of what has failed.

use std::time::Duration;

use serde::Serialize;

use super::{ExecutionPrefix, Failure, Record, Redrivable, Status, Steps, execution_name};
use crate::timestamp::Timestamp;
use crate::trace::TraceParent;

/// The most past attempts that a record keeps, which bounds its size; the oldest are dropped first.
pub(crate) const MAX_PAST_ATTEMPTS: usize = 5;

/// The longest message of an ended attempt, in characters; the attempt that counts has it in full.
const MAX_PAST_MESSAGE_CHARS: usize = 120;

/// The shortest time from the opening of an attempt to a redelivery that opens the next one.
const REDELIVERY_SPACING: Duration = Duration::from_mins(1);

/// One execution of a webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// Its number, from 1.
    pub number: u32,
    /// The name of its durable execution.
    pub execution_name: String,
    /// Its last status.
    pub status: Status,
    /// The cause of its failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
    /// The time at which it was opened.
    pub started_at: Timestamp,
    /// The time at which it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
}

impl Record {
    /// Every attempt that is known, the current one last.
    #[must_use]
    pub fn attempts(&self) -> Vec<Attempt> {
        let mut attempts = self.past_attempts.clone();
        attempts.push(self.current_attempt());
        attempts
    }

    /// The root span of this attempt: that of the webhook for the first one, and a span beside it for each later one.
    #[must_use]
    pub fn attempt_root(&self) -> TraceParent {
        self.traceparent.of_attempt(self.attempt)
    }

    /// The root span of the attempt before this one; none in the first attempt. The new attempt's spans are linked to it.
    #[must_use]
    pub fn previous_attempt(&self) -> Option<TraceParent> {
        let previous = self.past_attempts.last()?;
        Some(self.traceparent.of_attempt(previous.number))
    }

    /// This record as it was when the attempt of an execution had ended, if that is one of the past ones.
    #[must_use]
    pub fn as_of(&self, execution_name: &str) -> Option<Self> {
        let past = self.past_attempts.iter();
        let attempt = past.rev().find(|past| past.execution_name == execution_name)?;
        Some(Self {
            status: attempt.status,
            execution_name: attempt.execution_name.clone(),
            execution_arn: None,
            attempt: attempt.number,
            attempt_started_at: attempt.started_at,
            error: attempt.error.clone(),
            last_updated: attempt.ended_at.unwrap_or(self.attempt_started_at),
            ..self.clone()
        })
    }

    fn current_attempt(&self) -> Attempt {
        Attempt {
            number: self.attempt,
            execution_name: self.execution_name.clone(),
            status: self.status,
            error: self.error.clone(),
            started_at: self.attempt_started_at,
            ended_at: self.status.is_terminal().then_some(self.last_updated),
        }
    }

    /// This record with its next attempt opened at `at`: the same token, the same trace, a new execution name. The
    /// current attempt joins the past ones as it stands, so it has to be closed.
    #[must_use]
    pub fn next_attempt(&self, prefix: &ExecutionPrefix, at: Timestamp, expires_at: Timestamp) -> Self {
        let mut past = self.attempts();
        for attempt in &mut past {
            if let Some(error) = &mut attempt.error {
                error.message = error.message.chars().take(MAX_PAST_MESSAGE_CHARS).collect();
            }
        }
        past.drain(..past.len().saturating_sub(MAX_PAST_ATTEMPTS));
        let attempt = self.attempt.saturating_add(1);
        Self {
            status: Status::Received,
            current_step: None,
            steps: Steps::new(),
            execution_name: execution_name(prefix, &self.token, self.created_at, attempt),
            execution_arn: None,
            attempt,
            attempt_started_at: at,
            late_start: None,
            past_attempts: past,
            error: None,
            last_updated: at,
            expires_at: self.expires_at.max(expires_at),
            ..self.clone()
        }
    }

    /// This record with its next attempt opened at `at` because the producer has sent the delivery again; none if a redelivery
    /// opens no attempt: the webhook is open or completed, or its producer has opened `max_redeliveries` attempts, or one was
    /// opened less than a minute ago.
    #[must_use]
    pub fn redelivered(
        &self,
        prefix: &ExecutionPrefix,
        at: Timestamp,
        expires_at: Timestamp,
        max_redeliveries: u32,
    ) -> Option<Self> {
        let opens = self.redrivable(at) == Redrivable::Yes
            && self.redeliveries < max_redeliveries
            && at.since(self.attempt_started_at) >= REDELIVERY_SPACING;
        opens.then(|| Self {
            redeliveries: self.redeliveries.saturating_add(1),
            ..self.next_attempt(prefix, at, expires_at)
        })
    }

    /// This record with the body of a delivery that came under its identity, for an attempt that begins with it. The same body
    /// changes nothing: its type may come from a header that no signature covers, and the first one stays.
    #[must_use]
    pub fn with_body_of(&self, delivery: &Self) -> Self {
        if self.payload_sha256 == delivery.payload_sha256 {
            return self.clone();
        }
        Self {
            payload_sha256: delivery.payload_sha256,
            payload_bytes: delivery.payload_bytes,
            summary: delivery.summary.clone(),
            labels: delivery.labels.clone(),
            ..self.clone()
        }
    }

    /// This record with its waiting attempt ended at `at`, because a redrive puts the next one into its place.
    #[must_use]
    pub fn taken_over(&self, at: Timestamp) -> Self {
        let error = Failure {
            code: "taken_over".to_owned(),
            message: "a redrive has opened the next attempt while this one waited".to_owned(),
        };
        Self {
            status: Status::Stopped,
            error: Some(error),
            last_updated: at,
            ..self.clone()
        }
    }

    /// This record with its attempt ended as failed at `at`.
    #[must_use]
    pub fn failed(&self, failure: Failure, at: Timestamp) -> Self {
        Self {
            status: Status::Failed,
            error: Some(failure),
            last_updated: at,
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::tests::record;

    fn failure(message: &str) -> Failure {
        Failure {
            code: "c".into(),
            message: message.into(),
        }
    }

    #[test]
    fn the_next_attempt_keeps_the_token_and_the_trace_and_changes_the_execution() {
        let prefix: ExecutionPrefix = "t".parse().unwrap();
        let first = record().failed(failure("m"), Timestamp::from_epoch_ms(10));
        let second = first.next_attempt(&prefix, Timestamp::from_epoch_ms(20), Timestamp::from_epoch_ms(0));
        assert_eq!((second.token, second.traceparent), (first.token, first.traceparent));
        assert_eq!(
            (second.created_at, second.expires_at),
            (first.created_at, first.expires_at)
        );
        assert_eq!((second.attempt, second.status), (2, Status::Received));
        assert_eq!(second.execution_name, format!("t-{}-s44we8-2", first.token));
        assert_eq!(
            (first.attempt_root(), second.previous_attempt()),
            (first.traceparent, Some(first.traceparent))
        );
        assert_ne!(second.attempt_root().span_id, first.traceparent.span_id);
        let past = second.as_of(&first.execution_name).unwrap();
        assert_eq!(
            (past.attempt, past.status, past.last_updated, past.attempt_root()),
            (1, Status::Failed, Timestamp::from_epoch_ms(10), first.traceparent)
        );
        assert_eq!(second.as_of(&second.execution_name), None);
        assert_eq!(
            (&second.execution_arn, &second.error, second.current_step),
            (&None, &None, None)
        );
        let past = &second.past_attempts[0];
        assert_eq!(
            (past.number, past.status, past.ended_at),
            (1, Status::Failed, Some(Timestamp::from_epoch_ms(10)))
        );
        assert_eq!(past.execution_name, first.execution_name);
        assert_eq!(first.previous_attempt(), None);
    }

    #[test]
    fn a_redelivery_opens_an_attempt_of_what_has_ended_badly_three_times_and_once_a_minute() {
        let prefix: ExecutionPrefix = "t".parse().unwrap();
        let opened = record().attempt_started_at;
        let after = |seconds| opened.plus(Duration::from_secs(seconds));
        let redelivered = |record: &Record, at| record.redelivered(&prefix, at, record.expires_at, 3);
        for status in Status::ALL {
            let record = Record { status, ..record() };
            let opens = matches!(status, Status::Failed | Status::TimedOut | Status::Stopped);
            assert_eq!(redelivered(&record, after(60)).is_some(), opens, "{status}");
            assert_eq!(redelivered(&record, after(59)), None, "{status}");
        }
        let mut last = record();
        for attempt in 2..=4_u64 {
            let ended = last.failed(failure("m"), after(60 * attempt));
            // An operator's redrive spends no redelivery.
            let redriven = ended.next_attempt(&prefix, after(60 * attempt), ended.expires_at);
            assert_eq!(redriven.redeliveries, last.redeliveries);
            last = redelivered(&ended, after(60 * attempt)).unwrap();
            assert_eq!((u64::from(last.attempt), last.status), (attempt, Status::Received));
        }
        let spent = last.failed(failure("m"), after(3600));
        assert_eq!(redelivered(&spent, after(7200)), None);
    }

    #[test]
    fn past_attempts_are_bounded_in_number_and_size() {
        let prefix: ExecutionPrefix = "t".parse().unwrap();
        let mut last = record();
        for at in 0..20 {
            let at = Timestamp::from_epoch_ms(at);
            last = last.failed(failure(&"ü".repeat(500)), at).next_attempt(&prefix, at, at);
        }
        let numbers: Vec<u32> = last.attempts().iter().map(|attempt| attempt.number).collect();
        assert_eq!(numbers, [16, 17, 18, 19, 20, 21]);
        for attempt in &last.past_attempts {
            assert_eq!(
                attempt.error.as_ref().unwrap().message.chars().count(),
                MAX_PAST_MESSAGE_CHARS
            );
        }
    }
}
