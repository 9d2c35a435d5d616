//! Redrive of all webhooks of a source that ended badly, or failed and wait for their next try, within a time, at a limited
//! rate.
//!
//! A repeated command redrives nothing twice: a redriven record is open or has ended later than `until`, and is not
//! found again. An incomplete answer has the `cursor` and the `until` to go on with.

use std::collections::BTreeMap;
use std::time::Instant;

use serde_json::{Value, json};
use tracehook_core::Record;
use tracehook_engine::Pace;
use tracehook_store::{FailedFilter, ScanCursor};

use super::RedriveFailed;
use crate::Reconciler;
use crate::deadline::{now, time_is_left};
use crate::error::ReconcileError;
use crate::outcome::Outcome;

/// The most tokens that an answer lists.
const NAMED: usize = 100;

impl Reconciler {
    pub(crate) async fn redrive_failed(
        &self,
        command: RedriveFailed,
        deadline: Instant,
    ) -> Result<Value, ReconcileError> {
        let until = command.until.unwrap_or_else(now);
        let filter = FailedFilter {
            source: command.source,
            since: command.since,
            until,
            waiting: command.waiting,
        };
        let pace = Pace::new(command.rate_per_second);
        let mut cursor = command.cursor;
        let (mut matched, mut tokens) = (0_u64, Vec::new());
        let mut outcomes = BTreeMap::<&str, u64>::new();
        let mut count = |outcome: Outcome| *outcomes.entry(outcome.as_str()).or_default() += 1;
        let complete = 'scan: loop {
            let (records, next) = self.store.failed_page(&filter, cursor.as_ref(), None).await?;
            for record in records {
                let behind = ScanCursor::behind(&record);
                if !is_meant(&record, command.waiting, command.code.as_deref()) {
                    continue;
                }
                matched += 1;
                if tokens.len() < NAMED {
                    tokens.push(record.token);
                }
                if !command.dry_run {
                    pace.turn().await;
                    let outcome = match self.redrive_one(record).await {
                        Ok((outcome, _)) => outcome,
                        // One record that cannot be written now does not stop the others; the command is repeated.
                        Err(error) => {
                            tracing::error!(action = "redrive", outcome = Outcome::Error.as_str(), %error, "reconciled");
                            Outcome::Error
                        }
                    };
                    count(outcome);
                    if outcome == (Outcome::Redriven { started: false }) {
                        count(Outcome::StartDeferred);
                    }
                }
                cursor = Some(behind);
                if !time_is_left(deadline) {
                    break 'scan false;
                }
            }
            cursor = next;
            if cursor.is_none() {
                break true;
            }
            if !time_is_left(deadline) {
                break false;
            }
        };
        tracing::info!(action = "redrive", source = %filter.source, dry_run = command.dry_run, matched, complete,
            outcomes = ?outcomes, "redriven");
        Ok(json!({
            "action": "redrive",
            "source": filter.source.as_str(),
            "since": filter.since,
            "until": until,
            "waiting": command.waiting,
            "code": command.code,
            "dryRun": command.dry_run,
            "matched": matched,
            "outcomes": outcomes,
            "tokens": tokens,
            "complete": complete,
            "cursor": cursor.filter(|_| !complete).map(|cursor| cursor.to_string()),
        }))
    }
}

/// True if the command is about a record that the scan has found.
fn is_meant(record: &Record, waiting: bool, code: Option<&str>) -> bool {
    let error = match record.wait() {
        Some(wait) if waiting => Some(&wait.error),
        None if !waiting => record.error.as_ref(),
        _ => return false,
    };
    code.is_none_or(|code| error.is_some_and(|error| error.code == code))
}
