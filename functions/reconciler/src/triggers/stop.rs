//! Stop: ends every open webhook and stops its execution, before the deployment is destroyed.
//!
//! An execution is stopped before its record is closed, so an interrupted command leaves what it has not done open, and a
//! repeated one finds it. What has no execution yet is closed alone: a start of it that still waits finds it ended.

use std::collections::BTreeMap;
use std::future::ready;
use std::time::Instant;

use futures_util::stream::{self, StreamExt};
use serde_json::{Value, json};
use tracehook_core::record::{Closing, ExecutionId, ExecutionState};
use tracehook_core::{ExecutionToken, Record};
use tracehook_engine::Pace;
use tracehook_store::{OPEN_SHARDS, OpenEntry};
use tracehook_telemetry::webhook::Action;

use super::StopAll;
use crate::Reconciler;
use crate::deadline::{now, time_is_left};
use crate::error::ReconcileError;
use crate::moves::close::ended_by_write;
use crate::outcome::Outcome;

const TRIGGER: &str = "stop";
/// Records of one page of the index.
const PAGE: i32 = 100;
/// Records that are handled at the same time.
const AT_ONCE: usize = 8;

impl Reconciler {
    /// Stops what is open since before the command. `complete` is true when the whole index was read; what failed or was
    /// moved meanwhile is found by the next command.
    pub(crate) async fn stop_all(&self, command: StopAll, deadline: Instant) -> Result<Value, ReconcileError> {
        let before = now();
        let pace = Pace::new(command.rate_per_second);
        let mut outcomes = BTreeMap::<&str, u64>::new();
        let mut found = 0_u64;
        let complete = 'index: {
            for shard in OPEN_SHARDS {
                let mut after: Option<OpenEntry> = None;
                loop {
                    let (entries, more) = self.store.open_page(shard, before, after, PAGE).await?;
                    // What is not taken up is open: the next command finds it.
                    let mut all = stream::iter(&entries)
                        .take_while(|_| ready(time_is_left(deadline)))
                        .map(|entry| self.stop_or_tell(entry.token, command.dry_run, &pace, deadline))
                        .buffer_unordered(AT_ONCE);
                    while let Some(outcome) = all.next().await {
                        found += u64::from(outcome.is_open() || outcome == Outcome::Closed);
                        *outcomes.entry(outcome.as_str()).or_default() += 1;
                    }
                    if !time_is_left(deadline) {
                        break 'index false;
                    }
                    if !more {
                        break;
                    }
                    after = entries.last().copied();
                }
            }
            true
        };
        tracing::info!(action = TRIGGER, dry_run = command.dry_run, found, complete, outcomes = ?outcomes, "stopped");
        Ok(
            json!({"action": TRIGGER, "dryRun": command.dry_run, "found": found, "outcomes": outcomes,
            "complete": complete}),
        )
    }

    /// One record that cannot be stopped now does not hold up the others.
    async fn stop_or_tell(&self, token: ExecutionToken, dry_run: bool, pace: &Pace, deadline: Instant) -> Outcome {
        let done = self.stop_open(token, dry_run, pace, deadline).await;
        done.unwrap_or_else(|error| {
            tracing::error!(action = TRIGGER, outcome = Outcome::Error.as_str(), %token, %error, "reconciled");
            Outcome::Error
        })
    }

    async fn stop_open(
        &self,
        token: ExecutionToken,
        dry_run: bool,
        pace: &Pace,
        deadline: Instant,
    ) -> Result<Outcome, ReconcileError> {
        let Some(record) = self.store.state(&token, now()).await? else {
            return Ok(Outcome::RecordMissing);
        };
        if record.status.is_terminal() {
            return Ok(Outcome::Ended);
        }
        if dry_run {
            return Ok(Outcome::Running);
        }
        pace.turn().await;
        if !time_is_left(deadline) {
            return Ok(Outcome::Later);
        }
        // What waits for its next try is there and does nothing: only of the others the engine has to say whether they have
        // ended meanwhile, and how.
        let waits = record.wait().is_some_and(|wait| wait.next_try_at > now());
        let arn = match &record.execution_arn {
            Some(arn) if waits => arn.clone(),
            known => match (self.engine.execution_of(&record).await?, known) {
                (Some(execution), _) if execution.state == ExecutionState::Running => execution.arn,
                (Some(execution), _) => {
                    return self
                        .follow_engine(TRIGGER, &record, execution.id(), execution.state)
                        .await;
                }
                (None, Some(arn)) => return self.close_lost(TRIGGER, &record, arn).await,
                (None, None) => {
                    return self.close_unstarted(&record).await;
                }
            },
        };
        self.engine.stop(&arn, "every execution is stopped").await?;
        let id = ExecutionId {
            name: &record.execution_name,
            arn: &arn,
            started_at: None,
        };
        self.close_stopped(TRIGGER, &record, id).await
    }

    /// Closes a record whose execution the engine does not know.
    async fn close_unstarted(&self, record: &Record) -> Result<Outcome, ReconcileError> {
        let stopped = record.closed(&Closing::stopped(), now());
        let span = Action::begin("close", TRIGGER, record);
        let written = span.run(self.store.replace(record, &stopped)).await;
        ended_by_write(span, TRIGGER, Outcome::Closed, &stopped, written)
    }
}
