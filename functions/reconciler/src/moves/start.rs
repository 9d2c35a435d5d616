//! Starts the execution of a record's open attempt.

use tracehook_core::Record;
use tracehook_core::record::{LateStart, Start};
use tracehook_engine::EngineError;
use tracehook_telemetry::webhook::{self, Action};

use crate::Reconciler;
use crate::deadline::now;
use crate::error::ReconcileError;
use crate::outcome::Outcome;
use crate::report::{in_span, log};

impl Reconciler {
    /// Starts the execution, and records the outcome. The sweep repeats a start that failed: at once if that can be noted,
    /// else once the record is old enough.
    pub(crate) async fn start(&self, record: &Record) -> Start {
        self.starts.turn().await;
        let start = self.engine.start(record).await;
        webhook::started(record, &start);
        if !start.is_running() {
            self.note(record, LateStart::Deferred).await;
        }
        start
    }

    /// Starts the execution again, as an action with its own span.
    pub(crate) async fn start_again(&self, trigger: &'static str, record: &Record) -> Result<Outcome, ReconcileError> {
        let start = async {
            EngineError::unless_running(self.start(record).await)?;
            self.note(record, LateStart::Repeated { at: now() }).await;
            log(trigger, Outcome::Started, record);
            Ok(Outcome::Started)
        };
        in_span(Action::begin("start", trigger, record), start).await
    }

    async fn note(&self, record: &Record, start: LateStart) {
        if record.late_start != Some(start)
            && let Err(error) = self.store.note_start(record, start).await
        {
            tracing::warn!(token = %record.token, %error, "the start is not noted");
        }
    }
}
