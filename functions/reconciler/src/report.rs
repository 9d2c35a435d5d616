//! Log lines and spans of single actions, in one form for all triggers.

use tracehook_core::Record;
use tracehook_telemetry::webhook::Action;

use crate::error::ReconcileError;
use crate::outcome::Outcome;

/// Logs one action; every line has the same fields.
pub(crate) fn log(action: &'static str, outcome: Outcome, record: &Record) {
    tracing::info!(
        action,
        outcome = outcome.as_str(),
        token = %record.token,
        source = %record.source,
        attempt = record.attempt,
        status = %record.status,
        trace_id = %record.traceparent.trace_id,
        "reconciled"
    );
}

/// Runs one action in its span, which ends with the outcome.
pub(crate) async fn in_span(
    span: Action,
    work: impl Future<Output = Result<Outcome, ReconcileError>>,
) -> Result<Outcome, ReconcileError> {
    let done = span.run(work).await;
    match &done {
        Ok(outcome @ (Outcome::Moved | Outcome::RecordMissing)) => span.in_vain(outcome.as_str()),
        Ok(outcome) => span.ended(outcome.as_str()),
        Err(error) => span.failed(Outcome::Error.as_str(), &error.to_string()),
    }
    done
}
