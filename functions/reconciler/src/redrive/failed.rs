//! Redrive of everything of a source that ended badly in a time, at a rate.
//!
//! Interrupted and repeated it does nothing twice: what was redriven is open or has ended at a later time than `until`,
//! and is not found again. An answer that is not complete has the `cursor` and the `until` to go on with.

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde_json::{Value, json};
use tracehook_engine::Pace;
use tracehook_store::{FailedFilter, ScanCursor};

use crate::redrive::Outcome;
use crate::trigger::RedriveFailed;
use crate::{ReconcileError, Reconciler, now, time_is_left};

/// Tokens that the answer names.
const NAMED: usize = 100;

impl Reconciler {
    pub(crate) async fn redrive_failed(
        &self,
        command: RedriveFailed,
        deadline: SystemTime,
    ) -> Result<Value, ReconcileError> {
        let until = command.until.unwrap_or_else(now);
        let filter = FailedFilter {
            source: command.source,
            since: command.since,
            until,
        };
        let pace = Pace::new(command.rate_per_second);
        let mut cursor = command.cursor;
        let (mut matched, mut tokens) = (0_u64, Vec::new());
        let mut outcomes = BTreeMap::<&str, u64>::new();
        let complete = 'scan: loop {
            let (records, next) = self.store.failed_page(&filter, cursor.as_ref(), None).await?;
            for record in records {
                let behind = ScanCursor::behind(&record);
                matched += 1;
                if tokens.len() < NAMED {
                    tokens.push(record.token);
                }
                if !command.dry_run {
                    pace.turn().await;
                    let outcome = match self.redrive_one(record).await {
                        Ok((outcome @ Outcome::Redriven { started: false }, _)) => {
                            *outcomes.entry("start_deferred").or_default() += 1;
                            outcome.as_str()
                        }
                        Ok((outcome, _)) => outcome.as_str(),
                        // One record that cannot be written now does not stop the others; the command is repeated.
                        Err(error) => {
                            tracing::error!(action = "redrive", outcome = "error", %error, "reconciled");
                            "error"
                        }
                    };
                    *outcomes.entry(outcome).or_default() += 1;
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
            "dryRun": command.dry_run,
            "matched": matched,
            "outcomes": outcomes,
            "tokens": tokens,
            "complete": complete,
            "cursor": cursor.filter(|_| !complete).map(|cursor| cursor.to_string()),
        }))
    }
}
