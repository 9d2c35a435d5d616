//! Messages of the dead-letter queue: asynchronous invocations that the service accepted and then gave up.
//!
//! A dropped start of the processor ends its attempt with the cause and, while attempts remain, opens and starts the
//! next one. An event that the reconciler did not take is handled now. Source of the forms: Lambda's destinations for
//! asynchronous invocations, and the dead-letter queue of an EventBridge target, which gets the event as it is.

use serde::Deserialize;
use serde_json::{Value, json};
use tracehook_core::record::{ExecutionInput, Redrivable, start_dropped};
use tracehook_core::{Record, Timestamp};
use tracehook_store::Replaced;
use tracehook_telemetry::metrics;
use tracehook_telemetry::webhook::{self, Action};

use crate::trigger::{Message, Trigger};
use crate::{ReconcileError, Reconciler, act, log, now};

/// What Lambda tells of an invocation that it gave up.
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
    /// Handles every message by itself, and tells the queue which ones it has to hand over again.
    pub(crate) async fn dead_letters(&self, messages: Vec<Message>) -> Value {
        let mut again = Vec::new();
        for message in messages {
            match self.dead_letter(&message.body).await {
                Ok(outcome) => {
                    metrics::dead_letter(outcome);
                    tracing::info!(
                        action = "dead_letter",
                        outcome,
                        message_id = message.message_id,
                        "handled"
                    );
                }
                Err(error) => {
                    metrics::dead_letter("error");
                    tracing::error!(action = "dead_letter", outcome = "error", message_id = message.message_id, %error,
                        "handled");
                    again.push(json!({"itemIdentifier": message.message_id}));
                }
            }
        }
        json!({"batchItemFailures": again})
    }

    async fn dead_letter(&self, body: &str) -> Result<&'static str, ReconcileError> {
        // What cannot be read does not become readable when it is handed over again. Which webhook it was about the
        // sweep finds out.
        let Ok(body) = serde_json::from_str::<Value>(body) else {
            return Ok("unreadable");
        };
        let Ok(letter) = DeadLetter::deserialize(&body) else {
            return self.dropped_event(body).await;
        };
        let Ok(given_up_at) = letter.timestamp.parse() else {
            return Ok("unreadable");
        };
        match ExecutionInput::deserialize(&letter.request_payload) {
            Ok(start) => {
                self.dropped_start(&start, &letter.request_context.condition, given_up_at)
                    .await
            }
            Err(_) => self.dropped_event(letter.request_payload).await,
        }
    }

    async fn dropped_event(&self, event: Value) -> Result<&'static str, ReconcileError> {
        match Trigger::read(event) {
            Ok(Trigger::StatusChange(change)) => {
                self.status_change(&change).await?;
                Ok("status_change")
            }
            // The next one comes by itself.
            Ok(Trigger::Sweep) => Ok("sweep"),
            // Nobody waits for it any more: the operator has to say it again.
            Ok(Trigger::Redrive(_)) => Ok("redrive_dropped"),
            Ok(Trigger::DeadLetters(_)) | Err(_) => Ok("unreadable"),
        }
    }

    async fn dropped_start(
        &self,
        start: &ExecutionInput,
        condition: &str,
        given_up_at: Timestamp,
    ) -> Result<&'static str, ReconcileError> {
        let token = start.execution_token;
        let Some(record) = self.store.state(&token).await? else {
            return Ok("record_missing");
        };
        // A message that was handed over twice, or late, is about an attempt before this one.
        if record.attempt_started_at > given_up_at {
            return Ok("other_attempt");
        }
        match record.redrivable() {
            Redrivable::NotStarted => {}
            Redrivable::Running => return Ok("running"),
            Redrivable::Completed | Redrivable::Yes => return Ok("ended"),
        }
        // One start was dropped; another one of the same name may have come through.
        if let Some(execution) = self.engine.execution_of(&record).await? {
            return self
                .apply("dead_letter", &record, execution.id(), execution.state)
                .await;
        }
        let at = now();
        let failed = record.failed(start_dropped(condition), at);
        if record.attempt >= self.config.max_attempts {
            return self.give_up(&record, &failed).await;
        }
        let next = failed.next_attempt(
            &self.config.starts.prefix,
            at,
            at.plus_days(self.config.starts.retention_days),
        );
        let open_next = async {
            match self.store.replace(&record, &next).await? {
                Replaced::Now => {
                    log("dead_letter", "started", &next);
                    webhook::record_attempt_end(&next);
                    // What fails here the sweep makes up for: handing the message over again would not help.
                    self.start(&next).await;
                    Ok("started")
                }
                Replaced::Moved => Ok("moved"),
                Replaced::Unknown => Ok("record_missing"),
            }
        };
        act(Action::begin("redrive", "dead_letter", &next), open_next).await
    }

    /// The attempts are used up: the record says why.
    async fn give_up(&self, record: &Record, failed: &Record) -> Result<&'static str, ReconcileError> {
        let close = async {
            match self.store.replace(record, failed).await? {
                Replaced::Now => {
                    log("dead_letter", "attempts_used_up", failed);
                    metrics::record_closed(failed.status);
                    webhook::record_end(failed);
                    Ok("attempts_used_up")
                }
                Replaced::Moved => Ok("moved"),
                Replaced::Unknown => Ok("record_missing"),
            }
        };
        act(Action::begin("close", "dead_letter", record), close).await
    }
}
