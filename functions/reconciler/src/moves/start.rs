//! Starts the execution of a record's open attempt.

use tracehook_core::Record;
use tracehook_core::record::Start;
use tracehook_engine::EngineError;
use tracehook_telemetry::webhook::{self, Action};

use crate::Reconciler;
use crate::error::ReconcileError;
use crate::outcome::Outcome;
use crate::report::{in_span, log};

impl Reconciler {
    /// Starts the execution, and records the outcome. The sweep repeats a start that failed.
    pub(crate) async fn start(&self, record: &Record) -> Start {
        let start = self.engine.start(record).await;
        webhook::started(record, &start);
        start
    }

    /// Starts the execution again, as an action with its own span.
    pub(crate) async fn start_again(&self, trigger: &'static str, record: &Record) -> Result<Outcome, ReconcileError> {
        let start = async {
            EngineError::unless_running(self.start(record).await)?;
            log(trigger, Outcome::Started, record);
            Ok(Outcome::Started)
        };
        in_span(Action::begin("start", trigger, record), start).await
    }
}
