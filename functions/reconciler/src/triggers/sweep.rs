//! The schedule's work: starts open records past their age, compares them with the engine, closes or flags them.
//!
//! A sweep reads a bounded number of records, oldest first in each shard, and remembers where it stopped after every
//! page; the next one goes on there. A record that cannot be handled now is left for the next round and never stops the
//! rest.

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
        let mut place = self.store.sweep_cursor().await?;
        let (resumed, first) = match &place {
            Some(entry) => (true, open_shard(&entry.token)),
            None => (false, String::new()),
        };
        let (mut counts, mut seen) = (Counts::default(), 0);
        let mut complete = true;
        'shards: for shard in OPEN_SHARDS.into_iter().filter(|shard| *shard >= first.as_str()) {
            let mut after = place.take_if(|entry| open_shard(&entry.token) == shard);
            loop {
                let (entries, more) = self.store.open_page(shard, before, after, PAGE).await?;
                self.process_page(&entries, began, &mut counts).await;
                seen += entries.len();
                after = entries.last().copied().or(after);
                let out_of_bounds = seen >= self.config.sweep_records || !time_is_left(deadline);
                if out_of_bounds && let Some(entry) = after {
                    self.remember(Some(entry)).await?;
                    complete = false;
                    break 'shards;
                }
                if !more {
                    break;
                }
                self.remember(after).await?;
            }
        }
        // An undisturbed sweep that fits into its bounds leaves no place behind, and so has none to forget.
        if complete && (resumed || seen >= usize::try_from(PAGE).unwrap_or_default()) {
            self.remember(None).await?;
        }
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

    async fn remember(&self, place: Option<OpenEntry>) -> Result<(), ReconcileError> {
        Ok(self.store.set_sweep_cursor(place, now().plus_days(CURSOR_DAYS)).await?)
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
