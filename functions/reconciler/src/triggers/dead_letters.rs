//! Messages of the dead-letter queue: asynchronous invocations that the service accepted and that came to nothing.
//!
//! The processor's dead-letter queue gets the input of an execution as it is, for a start that was dropped and for an
//! execution that ended badly alike; the engine tells which. A dropped start ends its attempt with the cause and, while
//! attempts remain, opens and starts the next one; an execution that ran is never repeated. An event that the reconciler
//! failed to handle is handled now. Source of the other forms: Lambda's destinations for asynchronous invocations, and the
//! dead-letter queue of an `EventBridge` target, which gets the event as it is.

use serde::Deserialize;
use serde_json::{Value, json};
use tracehook_core::record::{ExecutionInput, Redrivable, start_dropped};
use tracehook_core::{Record, Timestamp};
use tracehook_store::Replaced;
use tracehook_telemetry::metrics;
use tracehook_telemetry::webhook::{self, Action};

use super::{Message, Trigger};
use crate::Reconciler;
use crate::config::MAX_START_AGE;
use crate::deadline::now;
use crate::error::ReconcileError;
use crate::moves::close::ended_by_write;
use crate::outcome::Outcome;
use crate::report::{in_span, log};

const TRIGGER: &str = "dead_letter";

/// The record that a destination gets of an invocation that Lambda gave up.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DeadLetter {
    /// When it was given up.
    timestamp: String,
    request_context: RequestContext,
    request_payload: Value,
}

#[derive(Deserialize)]
struct RequestContext {
    #[serde(default)]
    condition: String,
}

impl Reconciler {
    /// Handles every message by itself, and returns the failed ones, which the queue delivers again.
    pub(crate) async fn dead_letters(&self, messages: Vec<Message>) -> Value {
        let mut again = Vec::new();
        for message in messages {
            match self.dead_letter(&message).await {
                Ok(outcome) => {
                    metrics::dead_letter(outcome.as_str());
                    tracing::info!(
                        action = TRIGGER,
                        outcome = outcome.as_str(),
                        message_id = message.id,
                        "handled"
                    );
                }
                Err(error) => {
                    metrics::dead_letter(Outcome::Error.as_str());
                    tracing::error!(action = TRIGGER, outcome = Outcome::Error.as_str(), message_id = message.id, %error,
                        "handled");
                    again.push(json!({"itemIdentifier": message.id}));
                }
            }
        }
        json!({"batchItemFailures": again})
    }

    async fn dead_letter(&self, message: &Message) -> Result<Outcome, ReconcileError> {
        // A message that cannot be read stays unreadable when it is delivered again; the sweep finds its webhook.
        let Ok(body) = serde_json::from_str::<Value>(&message.body) else {
            return Ok(Outcome::Unreadable);
        };
        if let Ok(start) = ExecutionInput::deserialize(&body) {
            return self.start_in_vain(&start, message.sent_at()).await;
        }
        let Ok(letter) = DeadLetter::deserialize(&body) else {
            return self.dropped_event(body).await;
        };
        let Ok(given_up_at) = letter.timestamp.parse() else {
            return Ok(Outcome::Unreadable);
        };
        match ExecutionInput::deserialize(&letter.request_payload) {
            Ok(start) => {
                self.dropped_start(&start, &letter.request_context.condition, given_up_at)
                    .await
            }
            Err(_) => self.dropped_event(letter.request_payload).await,
        }
    }

    async fn dropped_event(&self, event: Value) -> Result<Outcome, ReconcileError> {
        match Trigger::read(event) {
            Ok(Trigger::StatusChange(change)) => {
                self.status_change(&change).await?;
                Ok(Outcome::StatusChange)
            }
            // The next one comes by itself.
            Ok(Trigger::Sweep) => Ok(Outcome::Sweep),
            // Nobody waits for it any more: the operator has to repeat it.
            Ok(Trigger::Redrive(_) | Trigger::Stop(_)) => Ok(Outcome::RedriveDropped),
            Ok(Trigger::DeadLetters(_)) | Err(_) => Ok(Outcome::Unreadable),
        }
    }

    /// Handles a start that was dropped, or whose execution ended badly.
    async fn start_in_vain(
        &self,
        start: &ExecutionInput,
        sent_at: Option<Timestamp>,
    ) -> Result<Outcome, ReconcileError> {
        let Some(record) = self.store.state(&start.execution_token, now()).await? else {
            return Ok(Outcome::RecordMissing);
        };
        if record.status.is_terminal() {
            return Ok(Outcome::Ended);
        }
        if let Some(execution) = self.engine.execution_of(&record).await? {
            return self
                .follow_engine(TRIGGER, &record, execution.id(), execution.state)
                .await;
        }
        if record.redrivable(now()) != Redrivable::NotStarted {
            return Ok(Outcome::Running);
        }
        // The message names no attempt. An earlier one may leave several, as the sweep repeats starts that wait: they come
        // before a start of this attempt is old enough to be dropped, and what this one needs then is the sweep.
        let too_old = |sent_at: Timestamp| sent_at.since(record.attempt_started_at) >= MAX_START_AGE;
        if record.attempt > 1 && !sent_at.is_some_and(too_old) {
            return Ok(Outcome::OtherAttempt);
        }
        self.end_dropped(&record, "").await
    }

    async fn dropped_start(
        &self,
        start: &ExecutionInput,
        condition: &str,
        given_up_at: Timestamp,
    ) -> Result<Outcome, ReconcileError> {
        let token = start.execution_token;
        let Some(record) = self.store.state(&token, now()).await? else {
            return Ok(Outcome::RecordMissing);
        };
        // A message that was delivered twice, or late, belongs to an earlier attempt.
        if record.attempt_started_at > given_up_at {
            return Ok(Outcome::OtherAttempt);
        }
        match record.redrivable(now()) {
            Redrivable::NotStarted => {}
            Redrivable::Waiting | Redrivable::Running => return Ok(Outcome::Running),
            Redrivable::Completed | Redrivable::Yes => return Ok(Outcome::Ended),
        }
        // One start was dropped; another one of the same name may have been accepted.
        if let Some(execution) = self.engine.execution_of(&record).await? {
            return self
                .follow_engine(TRIGGER, &record, execution.id(), execution.state)
                .await;
        }
        self.end_dropped(&record, condition).await
    }

    /// Ends an attempt whose start was dropped and opens the next one, if there is one.
    async fn end_dropped(&self, record: &Record, condition: &str) -> Result<Outcome, ReconcileError> {
        let at = now();
        let failed = record.failed(start_dropped(condition), at);
        if record.attempt >= self.config.max_attempts {
            return self.give_up(record, &failed).await;
        }
        let next = failed.next_attempt(&self.config.starts.prefix, at, self.config.starts.life.state_expiry(at));
        let open_next = async {
            match self.store.replace(record, &next).await? {
                Replaced::Now => {
                    log(TRIGGER, Outcome::Started, &next);
                    webhook::tell_ended(&failed);
                    // The sweep repeats a start that fails here; delivering the message again would not help.
                    self.start(&next).await;
                    Ok(Outcome::Started)
                }
                Replaced::Moved => Ok(Outcome::Moved),
                Replaced::Unknown => Ok(Outcome::RecordMissing),
            }
        };
        in_span(Action::begin("redrive", TRIGGER, &next), open_next).await
    }

    /// Ends the record with the cause, because no attempt is left.
    async fn give_up(&self, record: &Record, failed: &Record) -> Result<Outcome, ReconcileError> {
        let span = Action::begin("close", TRIGGER, record);
        let written = span.run(self.store.replace(record, failed)).await;
        ended_by_write(span, TRIGGER, Outcome::AttemptsUsedUp, failed, written)
    }
}
