//! Stores a verified webhook, or finds the one that it repeats, and starts its execution.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header;
use tracehook_core::record::{LateStart, Status};
use tracehook_core::{Record, Rejection};
use tracehook_runtime::http::Exchange;
use tracehook_store::{Created, Payload, Replaced, StoreError};
use tracehook_telemetry::webhook;
use tracing::Instrument;

use crate::Validator;

/// The longest time from a request's arrival to the end of its writes; an impatient producer gives up after a second, a
/// patient one after ten.
const STORE_BUDGET: Duration = Duration::from_millis(2100);

/// The least of it that is left to the writes, however long the secrets took.
const LEAST_STORE_BUDGET: Duration = Duration::from_millis(500);

/// The longest that a producer waits for the start. Stored is enough to answer: a start that takes longer goes on after the
/// answer.
const START_WAIT: Duration = Duration::from_millis(300);

/// A webhook that is stored.
#[derive(Debug)]
pub(crate) struct Accepted {
    /// Its record as it is now.
    pub(crate) record: Record,
    /// What this delivery of it was.
    pub(crate) how: How,
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
        record: Record,
        body: &Bytes,
    ) -> Result<Accepted, Rejection> {
        let token = record.token;
        let left = STORE_BUDGET
            .saturating_sub(exchange.serving.elapsed())
            .max(LEAST_STORE_BUDGET);
        let store = async {
            match tokio::time::timeout(left, self.store_delivery(exchange, record, body)).await {
                Ok(stored) => stored,
                Err(_) => Err(StoreError::Unavailable("no answer in time".to_owned())),
            }
        };
        let stored = store.instrument(tracing::info_span!("store")).await.map_err(|error| {
            tracing::error!(%token, %error, "not stored");
            Rejection::StoreUnavailable
        })?;
        let accepted = stored.ok_or(Rejection::DeliveryConflict)?;
        let Accepted { record, how } = &accepted;
        match how {
            How::First => exchange.serving.accepted(record),
            How::Duplicate => exchange.serving.duplicate_of(record),
            How::Reopened => {
                exchange.serving.reopened(record);
                webhook::record_attempt_end(record);
            }
        }
        // A webhook that is still `received` may have been left unstarted; starting it again is harmless.
        if record.status == Status::Received {
            self.start(record).await;
        }
        Ok(accepted)
    }

    /// Stores the delivery, or finds what it repeats; none if its id was used with another body.
    async fn store_delivery(
        &self,
        exchange: &Exchange<'_>,
        record: Record,
        body: &Bytes,
    ) -> Result<Option<Accepted>, StoreError> {
        let expires_at = self.config.starts.life.payload_expiry(exchange.received_at);
        let old = match self.store.create(&record, payload(exchange, body), expires_at).await? {
            Created::New => {
                let how = How::First;
                return Ok(Some(Accepted { record, how }));
            }
            Created::Conflict => return Ok(None),
            Created::Duplicate(old) => *old,
        };
        let duplicate = |record| {
            let how = How::Duplicate;
            Ok(Some(Accepted { record, how }))
        };
        let Some(next) = self.next_attempt(exchange, &old) else {
            return duplicate(old);
        };
        let again = payload(exchange, body);
        match self.store.reopen(&old, &next, again, expires_at).await? {
            Replaced::Now => Ok(Some(Accepted {
                record: next,
                how: How::Reopened,
            })),
            // Another redelivery, or a redrive, came first.
            Replaced::Moved | Replaced::Unknown => match self.store.state(&old.token, exchange.received_at).await? {
                Some(current) => duplicate(current),
                None => Err(StoreError::Unavailable("the record has just expired".to_owned())),
            },
        }
    }

    /// The record with the attempt that a redelivery of it opens, if it opens one.
    fn next_attempt(&self, exchange: &Exchange<'_>, old: &Record) -> Option<Record> {
        let (starts, at) = (&self.config.starts, exchange.received_at);
        old.redelivered(
            &starts.prefix,
            at,
            starts.life.state_expiry(at),
            self.config.max_redeliveries,
        )
    }

    /// Starts the execution, and waits for it a little. A start that takes longer goes on after the answer was posted, and one
    /// that fails is left to the reconciler.
    async fn start(&self, record: &Record) {
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
        if tokio::time::timeout(START_WAIT, &mut started).await.is_err() {
            self.after_answer.wait_for(started);
        }
    }
}

/// The payload of a request with that body.
fn payload(exchange: &Exchange<'_>, body: &Bytes) -> Payload {
    let content_type = exchange.request.headers.get(header::CONTENT_TYPE);
    Payload {
        body: body.clone(),
        content_type: content_type.and_then(|value| value.to_str().ok()).map(str::to_owned),
    }
}
