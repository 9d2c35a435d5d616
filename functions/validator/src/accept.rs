//! Stores a verified webhook, or finds the one that it repeats, and starts its execution.

use std::sync::Arc;

use tracehook_core::record::{LateStart, Status};
use tracehook_core::source::Conflict;
use tracehook_core::{Record, Rejection};
use tracehook_runtime::http::Exchange;
use tracehook_store::{Created, Payload, Replaced, StoreError};
use tracehook_telemetry::{metrics, webhook};
use tracing::Instrument;

use crate::Validator;
use crate::budget::Budget;
use crate::delivery::Identified;

/// A webhook that is stored.
#[derive(Debug)]
pub(crate) struct Accepted {
    /// Its record as it is now.
    pub(crate) record: Record,
    /// What this delivery of it was.
    pub(crate) how: How,
    /// True if its identity was used before, with another body.
    pub(crate) is_conflict: bool,
}

impl Accepted {
    const fn first(record: Record) -> Self {
        Self::repeated(record, How::First)
    }

    const fn repeated(record: Record, how: How) -> Self {
        Self {
            record,
            how,
            is_conflict: false,
        }
    }
}

/// What a delivery was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// The first one.
    First,
    /// One that changes nothing.
    Duplicate,
    /// One that has opened the next attempt of a webhook that had failed.
    Reopened,
}

impl Validator {
    pub(crate) async fn store_and_start(
        &self,
        exchange: &Exchange<'_>,
        webhook: Identified,
        payload: Payload,
        budget: Budget,
    ) -> Result<Accepted, Rejection> {
        let token = webhook.record.token;
        let store = async {
            let stored = self.store_delivery(exchange, webhook, payload);
            match tokio::time::timeout_at(budget.writes_end(), stored).await {
                Ok(stored) => stored,
                Err(_) => Err(StoreError::Unavailable("no answer in time".to_owned())),
            }
        };
        let accepted = store.instrument(tracing::info_span!("store")).await.map_err(|error| {
            tracing::error!(%token, %error, "not stored");
            Rejection::StoreUnavailable
        })?;
        let Accepted { record, how, .. } = &accepted;
        match how {
            How::First => exchange.serving.accepted(record),
            How::Duplicate => exchange.serving.duplicate_of(record),
            How::Reopened => exchange.serving.reopened(record),
        }
        // A webhook that is still `received` may have been left unstarted; starting it again is harmless.
        if record.status == Status::Received {
            self.start(record, budget).await;
        }
        Ok(accepted)
    }

    /// Stores the delivery, or finds what it repeats.
    async fn store_delivery(
        &self,
        exchange: &Exchange<'_>,
        webhook: Identified,
        payload: Payload,
    ) -> Result<Accepted, StoreError> {
        let life = &self.config.starts.life;
        let expires_at = life.payload_expiry(exchange.received_at, payload.retention_days);
        let Identified { record, conflict } = webhook;
        let first = match self.store.create(&record, payload.clone(), expires_at).await? {
            Created::New => return Ok(Accepted::first(record)),
            Created::Duplicate(old) => return self.repeat(exchange, *old, &record, payload).await,
            Created::Conflict(first) => *first,
        };
        let accepted = match conflict {
            Conflict::Repeats => self.repeat(exchange, first.clone(), &record, payload).await?,
            Conflict::Ignored => Accepted::repeated(first.clone(), How::Duplicate),
            Conflict::Apart(apart) => match self.store.create(&apart, payload.clone(), expires_at).await? {
                Created::New => Accepted::first(apart),
                Created::Duplicate(old) => {
                    let repeated = self.repeat(exchange, *old, &apart, payload).await?;
                    return Ok(Accepted {
                        is_conflict: true,
                        ..repeated
                    });
                }
                // Its token has the digest of its body.
                Created::Conflict(_) => return Err(StoreError::Unavailable("two bodies under one token".to_owned())),
            },
        };
        self.note_conflict(exchange, &first);
        Ok(Accepted {
            is_conflict: true,
            ..accepted
        })
    }

    /// Answers a delivery of a webhook that came before; one that has failed gets its next attempt.
    async fn repeat(
        &self,
        exchange: &Exchange<'_>,
        old: Record,
        delivery: &Record,
        payload: Payload,
    ) -> Result<Accepted, StoreError> {
        let (starts, at) = (&self.config.starts, exchange.received_at);
        let expires_at = starts.life.state_expiry(at);
        let next = old.redelivered(&starts.prefix, at, expires_at, self.config.max_redeliveries);
        let Some(next) = next.map(|next| next.with_body_of(delivery)) else {
            return Ok(Accepted::repeated(old, How::Duplicate));
        };
        let payload_expires_at = starts.life.payload_expiry(at, payload.retention_days);
        let needed_until = starts.life.payload_needed_until(at);
        match self
            .store
            .reopen(&old, &next, payload, payload_expires_at, needed_until)
            .await?
        {
            Replaced::Now => Ok(Accepted::repeated(next, How::Reopened)),
            // Another redelivery, or a redrive, came first.
            Replaced::Moved | Replaced::Unknown => match self.store.state(&old.token, at).await? {
                Some(current) => Ok(Accepted::repeated(current, How::Duplicate)),
                None => Err(StoreError::Unavailable("the record has just expired".to_owned())),
            },
        }
    }

    /// Counts on the record of the first that its identity came with another body, after the answer.
    fn note_conflict(&self, exchange: &Exchange<'_>, first: &Record) {
        metrics::webhook_conflict(&first.source);
        tracing::warn!(first = %first.token, "this delivery id was used with another body");
        let (store, token) = (self.store.clone(), first.token);
        let note = async move {
            if let Err(error) = store.note_conflict(&token).await {
                tracing::warn!(%token, %error, "the conflict is not noted");
            }
        };
        self.after_answer
            .wait_for(tokio::spawn(exchange.serving.after_answer(note)));
    }

    /// Starts the execution, and waits for it a little. A start that takes longer goes on after the answer was posted, and one
    /// that fails is left to the reconciler.
    async fn start(&self, record: &Record, budget: Budget) {
        let (engine, store, record) = (Arc::clone(&self.engine), self.store.clone(), record.clone());
        let start = async move {
            let start = engine.start(&record).await;
            webhook::started(&record, &start);
            if !start.is_running()
                && let Err(error) = store.note_start(&record, LateStart::Deferred).await
            {
                tracing::warn!(%error, "the deferred start is not noted: the sweep finds it later");
            }
        };
        let span = tracing::info_span!("start");
        let mut started = tokio::spawn(start.instrument(span).in_current_span());
        if tokio::time::timeout_at(budget.start_wait_ends(), &mut started)
            .await
            .is_err()
        {
            self.after_answer.wait_for(started);
        }
    }
}
