//! Logs and counts the start of a webhook's execution, for every function that starts one.

use tracehook_core::Record;
use tracehook_core::record::Start;

use crate::metrics;

/// Records the outcome of a start: one metric, and a log line where the execution does not run.
pub fn started(record: &Record, start: &Start) {
    metrics::start(&record.source, start);
    match start {
        Start::Started | Start::AlreadyRunning => {}
        Start::Deferred { code } => {
            tracing::warn!(token = %record.token, attempt = record.attempt, code, "start deferred");
        }
        Start::Refused { code } => {
            tracing::error!(token = %record.token, attempt = record.attempt, code, "start refused");
        }
    }
}
