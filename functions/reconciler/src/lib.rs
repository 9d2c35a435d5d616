//! The reconciler: closes records whose execution ended without them, repeats starts that never happened, and redrives.
//!
//! Contract: every action is idempotent and conditional, so any trigger may come twice, late, or while another works. A
//! record is closed on the engine's report only, and a transient failure fails the invocation, so that its caller
//! repeats it.

pub mod config;
mod deadline;
mod error;
mod moves;
mod outcome;
mod report;
mod triggers;

use std::time::SystemTime;

use serde_json::Value;
use tracehook_engine::{Engine, Pace};
use tracehook_runtime::aws::{self, SdkConfig};
use tracehook_store::Store;
use tracehook_telemetry::metrics;

use crate::config::Config;
use crate::deadline::sane_deadline;
pub use crate::error::ReconcileError;
pub use crate::triggers::InvalidTrigger;
use crate::triggers::Trigger;

/// The IAM actions of this function's calls.
pub const ACTIONS: &[&[&str]] = &[
    tracehook_store::actions::STATE,
    tracehook_store::actions::CLOSE,
    tracehook_store::actions::NOTE_START,
    tracehook_store::actions::REPLACE,
    tracehook_store::actions::KEEP_PAYLOAD,
    tracehook_store::actions::PAYLOAD_EXPIRY,
    tracehook_store::actions::OPEN_PAGE,
    tracehook_store::actions::SWEEP_CURSOR,
    tracehook_store::actions::FAILED_PAGE,
    tracehook_engine::actions::START,
    tracehook_engine::actions::READ,
    tracehook_engine::actions::STOP,
];

/// The function: its configuration, the table and the durable service.
#[derive(Debug)]
pub struct Reconciler {
    config: Config,
    store: Store,
    engine: Engine,
    /// The pace of starts.
    starts: Pace,
}

impl Reconciler {
    /// Builds the clients; nothing is called yet.
    #[must_use]
    pub fn new(config: Config, aws: &SdkConfig) -> Self {
        let store = aws::store(aws, &config.table).with_objects(aws::objects(aws, &config.bucket));
        let engine = aws::engine(aws, &config.starts);
        Self::with(config, store, engine)
    }

    /// The same with the given clients.
    #[must_use]
    pub fn with(config: Config, store: Store, engine: Engine) -> Self {
        let engine = engine.paced(config.engine_calls_per_second);
        let starts = Pace::new(config.starts_per_second);
        Self {
            config,
            store,
            engine,
            starts,
        }
    }

    /// Handles one event. Long work stops in time before `deadline` and returns the place to go on from.
    ///
    /// # Errors
    /// When the event is not understood, or something failed that may succeed when it is repeated.
    pub async fn handle(&self, event: Value, deadline: SystemTime) -> Result<Value, ReconcileError> {
        let deadline = sane_deadline(deadline);
        let handled = match Trigger::read(event) {
            Ok(Trigger::StatusChange(change)) => self.status_change(&change).await,
            Ok(Trigger::Sweep) => self.sweep(deadline).await.inspect_err(|_| metrics::sweep_failed()),
            Ok(Trigger::DeadLetters(messages)) => Ok(self.dead_letters(messages).await),
            Ok(Trigger::Redrive(redrive)) => self.redrive(redrive, deadline).await,
            Ok(Trigger::Stop(stop)) => self.stop_all(stop, deadline).await,
            Err(error) => Err(error.into()),
        };
        if let Err(error) = &handled {
            tracing::error!(%error, "not reconciled");
        }
        handled
    }
}
