//! Redrive: a webhook that ended badly, or that waits for its next try, gets a new attempt with a new execution, under the
//! same token and trace.
//!
//! The next attempt is opened under the condition that the record is as it was read, then started. An interruption in
//! between leaves a `received` record, which a repeated command or the sweep starts. The execution of an attempt that waited is
//! stopped last. It has lost the record before: whether it is stopped or wakes up, it runs no handler and closes nothing.

use std::time::Instant;

use serde_json::{Value, json};
use tracehook_core::record::Redrivable;
use tracehook_core::{Record, Timestamp};
use tracehook_store::{PayloadExpiry, Replaced};
use tracehook_telemetry::metrics;
use tracehook_telemetry::webhook::{self, Action};

use super::Redrive;
use crate::Reconciler;
use crate::deadline::now;
use crate::error::ReconcileError;
use crate::outcome::Outcome;
use crate::report::log;

const TRIGGER: &str = "redrive";

impl Reconciler {
    pub(crate) async fn redrive(&self, redrive: Redrive, deadline: Instant) -> Result<Value, ReconcileError> {
        let token = match redrive {
            Redrive::Failed(failed) => return self.redrive_failed(failed, deadline).await,
            Redrive::Token(token) => token,
        };
        let Some(record) = self.store.state(&token, now()).await? else {
            metrics::redrive(Outcome::TokenUnknown.as_str());
            return Ok(json!({"action": TRIGGER, "token": token, "outcome": Outcome::TokenUnknown.as_str()}));
        };
        let (outcome, record) = self.redrive_one(record).await?;
        let (Outcome::Redriven { started } | Outcome::StartedAgain { started }) = outcome else {
            return Ok(json!({"action": TRIGGER, "token": token, "outcome": outcome.as_str()}));
        };
        Ok(json!({
            "action": TRIGGER,
            "token": token,
            "outcome": outcome.as_str(),
            "attempt": record.attempt,
            "executionName": record.execution_name,
            "traceId": record.traceparent.trace_id,
            "started": started,
        }))
    }

    /// Redrives a record as it was read, and returns it as it is now.
    pub(crate) async fn redrive_one(&self, record: Record) -> Result<(Outcome, Record), ReconcileError> {
        let done = match record.redrivable(now()) {
            Redrivable::Running => Ok((Outcome::Running, record)),
            Redrivable::Completed => Ok((Outcome::Completed, record)),
            Redrivable::NotStarted => Ok((self.start_open(&record).await, record)),
            Redrivable::Yes | Redrivable::Waiting => self.open_next(record).await,
        };
        match &done {
            Ok((outcome, record)) => {
                metrics::redrive(outcome.as_str());
                log(TRIGGER, *outcome, record);
            }
            Err(_) => metrics::redrive(Outcome::Error.as_str()),
        }
        done
    }

    async fn start_open(&self, record: &Record) -> Outcome {
        let span = Action::begin("start", TRIGGER, record);
        let started = span.run(self.start(record)).await.is_running();
        let outcome = if started {
            Outcome::Started
        } else {
            Outcome::StartDeferred
        };
        span.ended(outcome.as_str());
        Outcome::StartedAgain { started }
    }

    async fn open_next(&self, record: Record) -> Result<(Outcome, Record), ReconcileError> {
        let at = now();
        let life = self.config.starts.life;
        let waiting = record.wait().is_some();
        let ended = if waiting { record.taken_over(at) } else { record.clone() };
        let next = ended.next_attempt(&self.config.starts.prefix, at, life.state_expiry(at));
        let span = Action::begin("redrive", TRIGGER, &next);
        let opened = span.run(async {
            if !self.has_payload(&record, at).await? {
                return Ok::<_, ReconcileError>(Outcome::PayloadExpired);
            }
            Ok(match self.store.replace(&record, &next).await? {
                Replaced::Now => {
                    if waiting {
                        webhook::tell_ended(&ended);
                    }
                    let started = self.start(&next).await.is_running();
                    if waiting {
                        self.stop(&record).await;
                    }
                    Outcome::Redriven { started }
                }
                Replaced::Moved => Outcome::Moved,
                Replaced::Unknown => Outcome::TokenUnknown,
            })
        });
        match opened.await {
            Ok(outcome @ Outcome::Redriven { .. }) => {
                span.ended(outcome.as_str());
                Ok((outcome, next))
            }
            Ok(outcome) => {
                span.failed(outcome.as_str(), "the next attempt was not opened");
                Ok((outcome, record))
            }
            Err(error) => {
                span.failed(Outcome::Error.as_str(), &error.to_string());
                Err(error)
            }
        }
    }

    /// Stops the execution of an attempt that was taken over.
    async fn stop(&self, record: &Record) {
        if let Some(arn) = &record.execution_arn
            && let Err(error) = self.engine.stop(arn, "a redrive has opened the next attempt").await
        {
            tracing::warn!(action = TRIGGER, token = %record.token, %error, "not stopped: it ends at its next try");
        }
    }

    /// True if the payload is there, for as long as an attempt that is opened at `at` may need it.
    async fn has_payload(&self, record: &Record, at: Timestamp) -> Result<bool, ReconcileError> {
        let life = self.config.starts.life;
        Ok(match self.store.payload_expiry(record, at).await? {
            None => false,
            Some(expiry) if expiry.at >= life.payload_needed_until(at) => true,
            Some(PayloadExpiry { retention_days, .. }) => {
                self.store
                    .keep_payload(record, life.payload_expiry(at, retention_days))
                    .await?
            }
        })
    }
}
