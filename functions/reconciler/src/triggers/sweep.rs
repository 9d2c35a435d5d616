//! The schedule's work: starts open records past their age, compares them with the engine, closes or flags them.
//!
//! A sweep reads a bounded number of records, oldest first in each shard. It moves the cursor behind a page before it handles
//! the page: sweeps that run at the same time share the records of a round, and the next one goes on where they stopped. A
//! sweep whose time is used up takes up no further record, however long a pace or the engine makes a page: it moves the
//! cursor back behind the last one that it took, unless another sweep has gone on from there. What such a page still holds, a
//! record that cannot be handled now, and one whose sweep is cut off are left for the next round and never stop the rest.

use std::collections::BTreeMap;
use std::time::Instant;

use futures_util::stream::{FuturesUnordered, StreamExt};
use serde_json::{Value, json};
use tracehook_core::record::{Ages, Due};
use tracehook_core::{ExecutionToken, Record, Timestamp};
use tracehook_store::{OPEN_SHARDS, OpenEntry, open_shard};
use tracehook_telemetry::metrics::{self, Swept};

use crate::Reconciler;
use crate::deadline::{now, sweep_deadline, time_is_left};
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

/// A sweep under way.
struct Sweep {
    began: Timestamp,
    deadline: Instant,
    /// The cursor as this sweep knows it.
    cursor: Option<OpenEntry>,
    /// Records that were taken up.
    seen: usize,
    counts: Counts,
}

impl Sweep {
    /// Counts what became of a record.
    fn add(&mut self, (outcome, record): (Outcome, Option<Record>), ages: &Ages) {
        self.counts.add(outcome, record.as_ref(), self.began, ages);
    }
}

impl Reconciler {
    pub(crate) async fn sweep(&self, deadline: Instant) -> Result<Value, ReconcileError> {
        let mut sweep = Sweep {
            began: now(),
            deadline: sweep_deadline(deadline),
            cursor: self.store.sweep_cursor().await?,
            seen: 0,
            counts: Counts::default(),
        };
        let resumed = sweep.cursor.is_some();
        let complete = self.process_pages(&mut sweep).await?;
        let Sweep { seen, counts, .. } = sweep;
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

    /// Handles page after page; true if the round is over.
    async fn process_pages(&self, sweep: &mut Sweep) -> Result<bool, ReconcileError> {
        let before = sweep.began.minus(self.config.ages.received);
        let mut place = Place::at(sweep.cursor);
        while let Some(shard) = place.shard {
            let (page, more) = self.store.open_page(shard, before, place.after, PAGE).await?;
            let last = page.last().copied();
            if last.is_some() && !self.move_cursor(sweep, last).await? {
                // Another sweep has this page. It has ended the round, or this one goes on behind it.
                if sweep.cursor.is_none() || !time_is_left(sweep.deadline) {
                    return Ok(false);
                }
                place = Place::at(sweep.cursor);
                continue;
            }
            let whole = self.process_page(sweep, &page).await?;
            if !whole || sweep.seen >= self.config.sweep_records || !time_is_left(sweep.deadline) {
                return Ok(false);
            }
            place = if more { Place::at(last) } else { Place::behind(shard) };
        }
        // The round is over, unless another sweep still has a part of it.
        Ok(sweep.cursor.is_none() || self.move_cursor(sweep, None).await?)
    }

    /// Handles the records of a page in their order while time is left, at least one; true if these were all.
    async fn process_page(&self, sweep: &mut Sweep, page: &[OpenEntry]) -> Result<bool, ReconcileError> {
        let mut rest = page.iter();
        let mut under_way = FuturesUnordered::new();
        let mut moved = Ok(false);
        while let Some(entry) = rest.next() {
            under_way.push(self.inspect(entry.token, sweep.began));
            sweep.seen += 1;
            if under_way.len() == AT_ONCE
                && let Some(done) = under_way.next().await
            {
                sweep.add(done, &self.config.ages);
            }
            if rest.len() > 0 && !time_is_left(sweep.deadline) {
                // Before the last ones have ended: the next sweep begins where this one took nothing more.
                moved = self.move_cursor(sweep, Some(*entry)).await;
                break;
            }
        }
        while let Some(done) = under_way.next().await {
            sweep.add(done, &self.config.ages);
        }
        moved.map(|_| rest.len() == 0)
    }

    /// Moves the cursor to `to` and takes what lies before it; false, with the cursor as it is, when another sweep has moved it.
    async fn move_cursor(&self, sweep: &mut Sweep, to: Option<OpenEntry>) -> Result<bool, ReconcileError> {
        let moved = self
            .store
            .move_sweep_cursor(sweep.cursor, to, now().plus_days(CURSOR_DAYS))
            .await?;
        sweep.cursor = if moved { to } else { self.store.sweep_cursor().await? };
        Ok(moved)
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
