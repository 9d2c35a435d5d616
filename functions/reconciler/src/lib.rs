//! Ends what others could not: records whose execution ended without them, starts that never happened, and redrives.
//!
//! Contract: every action is idempotent and conditional, so any trigger may come twice, late, or while another works. A
//! record is closed on the engine's word only, and each failure that may pass is reported to whoever invoked the
//! function, so that it is repeated.

pub mod config;
mod dead_letter;
mod redrive;
mod status_change;
mod sweep;
mod trigger;

use std::time::SystemTime;

use lambda_runtime::Diagnostic;
use serde_json::Value;
use tracehook_core::record::Start;
use tracehook_core::{Record, Timestamp};
use tracehook_engine::{Engine, EngineError};
use tracehook_runtime::aws::{self, SdkConfig};
use tracehook_store::{Store, StoreError};
use tracehook_telemetry::metrics;
use tracehook_telemetry::webhook::{self, Action};

use crate::config::Config;
pub use crate::trigger::InvalidTrigger;
use crate::trigger::Trigger;

/// The IAM actions of this function's calls.
pub const ACTIONS: &[&[&str]] = &[
    tracehook_store::actions::STATE,
    tracehook_store::actions::CLOSE,
    tracehook_store::actions::REPLACE,
    tracehook_store::actions::KEEP_PAYLOAD,
    tracehook_store::actions::OPEN_PAGE,
    tracehook_store::actions::SWEEP_CURSOR,
    tracehook_store::actions::FAILED_PAGE,
    tracehook_engine::actions::START,
    tracehook_engine::actions::READ,
];

/// Why an invocation fails. The one who invoked repeats it, or hears it.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    /// The event is not one that is known.
    #[error(transparent)]
    Trigger(#[from] InvalidTrigger),
    /// The table did not do what was asked.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The durable service did not.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl From<ReconcileError> for Diagnostic {
    fn from(error: ReconcileError) -> Self {
        let error_type = match error {
            ReconcileError::Trigger(_) => "EventNotUnderstood",
            ReconcileError::Store(_) => "StoreUnavailable",
            ReconcileError::Engine(_) => "EngineUnavailable",
        };
        Self {
            error_type: error_type.to_owned(),
            error_message: error.to_string(),
        }
    }
}

/// The function: its configuration, the table and the durable service.
#[derive(Debug)]
pub struct Reconciler {
    config: Config,
    store: Store,
    engine: Engine,
}

impl Reconciler {
    /// Builds the clients; nothing is called yet.
    #[must_use]
    pub fn new(config: Config, aws: &SdkConfig) -> Self {
        let (store, engine) = (aws::store(aws, &config.table), aws::engine(aws, &config.starts));
        Self::with(config, store, engine)
    }

    /// The same with the given clients.
    #[must_use]
    pub fn with(config: Config, store: Store, engine: Engine) -> Self {
        let engine = engine.paced(config.engine_calls_per_second);
        Self { config, store, engine }
    }

    /// Handles one event. What takes long stops in time before `deadline` and says where.
    ///
    /// # Errors
    /// When the event is not understood, or something failed that may succeed when it is repeated.
    pub async fn handle(&self, event: Value, deadline: SystemTime) -> Result<Value, ReconcileError> {
        let deadline = believed(deadline);
        let handled = match Trigger::read(event) {
            Ok(Trigger::StatusChange(change)) => self.status_change(&change).await,
            Ok(Trigger::Sweep) => self.sweep(deadline).await.inspect_err(|_| metrics::sweep_failed()),
            Ok(Trigger::DeadLetters(messages)) => Ok(self.dead_letters(messages).await),
            Ok(Trigger::Redrive(redrive)) => self.redrive(redrive, deadline).await,
            Err(error) => Err(error.into()),
        };
        if let Err(error) = &handled {
            tracing::error!(%error, "not reconciled");
        }
        handled
    }

    /// Starts the execution of an open attempt, and records the outcome. The sweep repeats what does not run.
    async fn start(&self, record: &Record) -> Start {
        let start = self.engine.start(record).await;
        webhook::started(record, &start);
        start
    }
}

/// Does one action in its span, which ends with the outcome.
async fn act(
    span: Action,
    work: impl Future<Output = Result<&'static str, ReconcileError>>,
) -> Result<&'static str, ReconcileError> {
    let done = span.run(work).await;
    match &done {
        Ok(outcome) => span.ended(outcome),
        Err(error) => span.failed("error", &error.to_string()),
    }
    done
}

/// One line per action, always with the same fields.
fn log(action: &'static str, outcome: &'static str, record: &Record) {
    tracing::info!(
        action,
        outcome,
        token = %record.token,
        source = %record.source,
        attempt = record.attempt,
        status = %record.status,
        trace_id = %record.traceparent.trace_id,
        "reconciled"
    );
}

fn now() -> Timestamp {
    Timestamp::from(SystemTime::now())
}

/// The deadline, or, where it has passed before the event has come, a short time from now: the clock of the host or of
/// this process is wrong, and a reconciler that therefore did nothing would lose what it is there for.
fn believed(deadline: SystemTime) -> SystemTime {
    /// Shorter than any timeout that the function is deployed with.
    const SHORT: std::time::Duration = std::time::Duration::from_secs(30);
    let now = SystemTime::now();
    if deadline > now { deadline } else { now + SHORT }
}

/// Whether there is still time for one more piece of work.
fn time_is_left(deadline: SystemTime) -> bool {
    /// Enough for the longest call that is under way, and for a long sweep to stay below the share of the function's
    /// timeout (80 % of 55 s) at which the alarm `function-duration` sees a function that is about to be cut off.
    const MARGIN: std::time::Duration = std::time::Duration::from_secs(15);
    deadline
        .duration_since(SystemTime::now())
        .is_ok_and(|left| left > MARGIN)
}
