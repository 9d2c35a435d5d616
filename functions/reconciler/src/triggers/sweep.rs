//! The schedule's work: starts open records past their age, compares them with the engine, closes or flags them.
//!
//! A sweep reads a bounded number of records, oldest first in each shard. It moves the cursor behind a page before it handles
//! the page: sweeps that run at the same time share the records of a round, and the next one goes on where they stopped. A
//! record that cannot be handled now, or whose sweep is cut off, is left for the next round and never stops the rest.

use std::collections::BTreeMap;
use std::time::Instant;

use futures_util::stream::{self, StreamExt};
use serde_json::{Value, json};
use tracehook_core::record::{Ages, Due};
use tracehook_core::{ExecutionToken, Record, Timestamp};
use tracehook_store::{OPEN_SHARDS, OpenEntry, open_shard};
use tracehook_telemetry::metrics::{self, Swept};

use crate::Reconciler;
use crate::deadline::{now, time_is_left};
use crate::error::ReconcileError;
use crate::outcome::Outcome;

const TRIGGER: &str = "sweep";
/// Records of one page of the index.
const PAGE: i32 = 100;
/// Records that are handled at the same time.
const AT_ONCE: usize = 8;
/// Days for which a place in the index is remembered.
const CURSOR_DAYS: u32 = 1;

/// Where a sweep reads on.
struct Place {
    /// None at the end of the round.
    shard: Option<&'static str>,
    after: Option<OpenEntry>,
}

impl Place {
    /// Behind an entry; the beginning without one.
    fn at(after: Option<OpenEntry>) -> Self {
        let first = after.map_or_else(String::new, |entry| open_shard(&entry.token));
        Self {
            shard: OPEN_SHARDS.into_iter().find(|shard| *shard >= first.as_str()),
            after,
        }
    }

    /// The beginning of the next shard.
    fn behind(shard: &str) -> Self {
        Self {
            shard: OPEN_SHARDS.into_iter().find(|next| *next > shard),
            after: None,
        }
    }
}

/// The outcomes of a sweep, counted, and the state of the records that it read.
#[derive(Debug, Default)]
struct Counts {
    outcomes: BTreeMap<&'static str, u64>,
    found: Swept,
}

impl Counts {
    /// Adds one record's outcome; `record` is absent when it could not be read.
    fn add(&mut self, outcome: Outcome, record: Option<&Record>, began: Timestamp, ages: &Ages) {
        *self.outcomes.entry(outcome.as_str()).or_default() += 1;
        self.found.errors += u64::from(outcome == Outcome::Error);
        if let Some(record) = record.filter(|_| outcome.is_open()) {
            self.found.open += 1;
            self.found.not_started += u64::from(record.is_unstarted(began, ages));
            self.found.open_too_long += u64::from(record.is_stuck(began, ages));
            self.found.oldest = self.found.oldest.max(began.since(record.attempt_started_at));
        }
    }
}

impl Reconciler {
    pub(crate) async fn sweep(&self, deadline: Instant) -> Result<Value, ReconcileError> {
        let began = now();
        let before = began.minus(self.config.ages.received);
        let mut cursor = self.store.sweep_cursor().await?;
        let resumed = cursor.is_some();
        let (mut place, mut counts, mut seen) = (Place::at(cursor), Counts::default(), 0);
        let complete = loop {
            let Some(shard) = place.shard else {
                // The round is over, unless another sweep still has a part of it.
                break cursor.is_none() || self.move_cursor(&mut cursor, None).await?;
            };
            let (entries, more) = self.store.open_page(shard, before, place.after, PAGE).await?;
            let last = entries.last().copied();
            // What is behind the last page of a shard is the next shard: only in a shard of several pages do sweeps that run at
            // the same time take different ones.
            if more && !self.move_cursor(&mut cursor, last).await? {
                let Some(taken) = cursor else { break false };
                place = Place::at(Some(taken));
                if time_is_left(deadline) {
                    continue;
                }
                break false;
            }
            self.process_page(&entries, began, &mut counts).await;
            seen += entries.len();
            place = if more { Place::at(last) } else { Place::behind(shard) };
            if seen >= self.config.sweep_records || !time_is_left(deadline) {
                // A sweep that stops at the end of a shard leaves its last record as the place.
                if !more && last.is_some() {
                    self.move_cursor(&mut cursor, last).await?;
                }
                break false;
            }
        };
        let Counts { outcomes, mut found } = counts;
        found.complete = complete;
        metrics::swept(&found);
        tracing::info!(action = TRIGGER, seen, resumed, complete, counts = ?outcomes, open = found.open,
            not_started = found.not_started, open_too_long = found.open_too_long,
            oldest_seconds = found.oldest.as_secs(), "swept");
        Ok(
            json!({"action": TRIGGER, "seen": seen, "resumed": resumed, "complete": complete, "outcomes": outcomes,
            "open": found.open, "notStarted": found.not_started, "openTooLong": found.open_too_long,
            "oldestSeconds": found.oldest.as_secs()}),
        )
    }

    /// Moves the cursor to `to` and takes what lies before it; false, with the cursor as it is, when another sweep has moved it.
    async fn move_cursor(&self, cursor: &mut Option<OpenEntry>, to: Option<OpenEntry>) -> Result<bool, ReconcileError> {
        let moved = self
            .store
            .move_sweep_cursor(*cursor, to, now().plus_days(CURSOR_DAYS))
            .await?;
        *cursor = if moved { to } else { self.store.sweep_cursor().await? };
        Ok(moved)
    }

    async fn process_page(&self, entries: &[OpenEntry], began: Timestamp, counts: &mut Counts) {
        let mut all = stream::iter(entries)
            .map(|entry| self.inspect(entry.token, began))
            .buffer_unordered(AT_ONCE);
        while let Some((outcome, record)) = all.next().await {
            counts.add(outcome, record.as_ref(), began, &self.config.ages);
        }
    }

    /// Handles one record; returns it as it was read, if it could be read.
    async fn inspect(&self, token: ExecutionToken, began: Timestamp) -> (Outcome, Option<Record>) {
        let record = match self.store.state(&token, now()).await {
            Ok(Some(record)) => record,
            Ok(None) => return (Outcome::RecordMissing, None),
            Err(error) => return (not_handled(&token, &error.into()), None),
        };
        let done = self.advance_open_record(&record, began).await;
        (done.unwrap_or_else(|error| not_handled(&token, &error)), Some(record))
    }

    async fn advance_open_record(&self, record: &Record, began: Timestamp) -> Result<Outcome, ReconcileError> {
        let outcome = match record.due(began, &self.config.ages) {
            Due::Ended => return Ok(Outcome::Ended),
            Due::Later => Outcome::Later,
            Due::Start => self.start_again(TRIGGER, record).await?,
            Due::AskEngine => self.compare(record).await?,
        };
        if outcome.is_open() && record.is_stuck(began, &self.config.ages) {
            tracing::error!(action = TRIGGER, outcome = Outcome::Stuck.as_str(), token = %record.token,
                status = %record.status, attempt = record.attempt, "open for too long");
            return Ok(Outcome::Stuck);
        }
        Ok(outcome)
    }

    async fn compare(&self, record: &Record) -> Result<Outcome, ReconcileError> {
        match (self.engine.execution_of(record).await?, &record.execution_arn) {
            (Some(execution), _) => {
                self.follow_engine(TRIGGER, record, execution.id(), execution.state)
                    .await
            }
            // Never seen running: it is started, however long ago that was due.
            (None, None) => self.start_again(TRIGGER, record).await,
            (None, Some(arn)) => self.close_lost(TRIGGER, record, arn).await,
        }
    }
}

fn not_handled(token: &ExecutionToken, error: &ReconcileError) -> Outcome {
    tracing::error!(action = TRIGGER, outcome = Outcome::Error.as_str(), %token, %error, "reconciled");
    Outcome::Error
}
