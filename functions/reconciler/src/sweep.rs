//! The schedule's work: open records past their age are started, compared with the engine, closed or flagged.
//!
//! A sweep looks at a bounded number of records, oldest first in each shard, and remembers where it stopped after every
//! page; the next one goes on there. What cannot be handled now is left for the next round and never stops the rest.

use std::collections::BTreeMap;
use std::time::SystemTime;

use futures_util::stream::{self, StreamExt};
use serde_json::{Value, json};
use tracehook_core::record::{Ages, Closing, Due, ExecutionId};
use tracehook_core::{ExecutionToken, Record, Timestamp};
use tracehook_engine::EngineError;
use tracehook_store::{Closed, OPEN_SHARDS, OpenEntry, open_shard};
use tracehook_telemetry::metrics::{self, Swept};
use tracehook_telemetry::webhook::Action;

use crate::{ReconcileError, Reconciler, act, log, now, time_is_left};

/// Records of one page of the index.
const PAGE: i32 = 100;
/// Records that are looked after at the same time.
const AT_ONCE: usize = 8;
/// How long a place in the index is remembered.
const CURSOR_DAYS: u32 = 1;

/// What a sweep did: how often each outcome, and what it found.
#[derive(Debug, Default)]
struct Counts {
    outcomes: BTreeMap<&'static str, u64>,
    found: Swept,
}

/// What a sweep saw of one record: the outcome, and the record if it is open still.
struct Seen {
    outcome: &'static str,
    open: Option<Record>,
}

impl Seen {
    const fn gone(outcome: &'static str) -> Self {
        Self { outcome, open: None }
    }
}

impl Counts {
    fn add(&mut self, seen: &Seen, began: Timestamp, ages: &Ages) {
        *self.outcomes.entry(seen.outcome).or_default() += 1;
        self.found.errors += u64::from(seen.outcome == "error");
        if let Some(record) = &seen.open {
            self.found.open += 1;
            self.found.not_started += u64::from(record.is_unstarted(began, ages));
            self.found.open_too_long += u64::from(record.is_stuck(began, ages));
            self.found.oldest = self.found.oldest.max(began.since(record.attempt_started_at));
        }
    }
}

impl Reconciler {
    pub(crate) async fn sweep(&self, deadline: SystemTime) -> Result<Value, ReconcileError> {
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
                self.look_after(&entries, began, &mut counts).await;
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
        tracing::info!(action = "sweep", seen, resumed, complete, counts = ?outcomes, open = found.open,
            not_started = found.not_started, open_too_long = found.open_too_long,
            oldest_seconds = found.oldest.as_secs(), "swept");
        Ok(
            json!({"action": "sweep", "seen": seen, "resumed": resumed, "complete": complete, "outcomes": outcomes,
            "open": found.open, "notStarted": found.not_started, "openTooLong": found.open_too_long,
            "oldestSeconds": found.oldest.as_secs()}),
        )
    }

    async fn remember(&self, place: Option<OpenEntry>) -> Result<(), ReconcileError> {
        Ok(self.store.set_sweep_cursor(place, now().plus_days(CURSOR_DAYS)).await?)
    }

    async fn look_after(&self, entries: &[OpenEntry], began: Timestamp, counts: &mut Counts) {
        let mut all = stream::iter(entries)
            .map(|entry| self.look_at(entry.token, began))
            .buffer_unordered(AT_ONCE);
        while let Some(seen) = all.next().await {
            counts.add(&seen, began, &self.config.ages);
        }
    }

    async fn look_at(&self, token: ExecutionToken, began: Timestamp) -> Seen {
        let record = match self.store.state(&token).await {
            Ok(Some(record)) => record,
            Ok(None) => return Seen::gone("record_missing"),
            Err(error) => return Seen::gone(not_handled(&token, &error.into())),
        };
        match self.bring_on(&record, began).await {
            Ok(outcome @ ("closed" | "ended" | "record_missing")) => Seen::gone(outcome),
            Ok(outcome) => Seen {
                outcome,
                open: Some(record),
            },
            // It is as open as it was.
            Err(error) => Seen {
                outcome: not_handled(&token, &error),
                open: Some(record),
            },
        }
    }

    async fn bring_on(&self, record: &Record, began: Timestamp) -> Result<&'static str, ReconcileError> {
        let outcome = match record.due(began, &self.config.ages) {
            Due::Ended => return Ok("ended"),
            Due::Later => "later",
            Due::Start => self.start_again(record).await?,
            Due::AskEngine => self.compare(record).await?,
        };
        if record.is_stuck(began, &self.config.ages) && !matches!(outcome, "closed" | "ended" | "record_missing") {
            tracing::error!(action = "sweep", outcome = "stuck", token = %record.token, status = %record.status,
                attempt = record.attempt, "open for too long");
            return Ok("stuck");
        }
        Ok(outcome)
    }

    pub(crate) async fn start_again(&self, record: &Record) -> Result<&'static str, ReconcileError> {
        let start = async {
            EngineError::unless_running(self.start(record).await)?;
            log("sweep", "started", record);
            Ok("started")
        };
        act(Action::begin("start", "sweep", record), start).await
    }

    async fn compare(&self, record: &Record) -> Result<&'static str, ReconcileError> {
        match (self.engine.execution_of(record).await?, &record.execution_arn) {
            (Some(execution), _) => self.apply("sweep", record, execution.id(), execution.state).await,
            // Never seen running: it is started, however long ago that was to happen.
            (None, None) => self.start_again(record).await,
            (None, Some(arn)) => self.close_lost(record, arn).await,
        }
    }

    /// The execution did run, and is gone: nobody else will ever end this record.
    async fn close_lost(&self, record: &Record, arn: &str) -> Result<&'static str, ReconcileError> {
        let id = ExecutionId {
            name: &record.execution_name,
            arn,
        };
        let outcome = match self.close("sweep", record, id, &Closing::lost()).await? {
            Closed::Now => return Ok("closed"),
            Closed::Refused(_) => "ended",
            Closed::Unknown => "record_missing",
        };
        log("sweep", outcome, record);
        Ok(outcome)
    }
}

fn not_handled(token: &ExecutionToken, error: &ReconcileError) -> &'static str {
    tracing::error!(action = "sweep", outcome = "error", %token, %error, "reconciled");
    "error"
}
