//! The durable execution service: starts and stops executions, and reads their state.
//!
//! Contract: one attempt of a webhook has one execution name and one input, so a repeated start changes nothing.

pub mod actions;
mod error;
mod pace;
mod start;
mod state;
mod stop;

use aws_sdk_lambda::Client;

pub use error::EngineError;
pub use pace::Pace;
pub use state::Execution;

/// Reads of executions in a second, unless [`Engine::paced`] sets another rate: the account's limit for lists.
const READS_PER_SECOND: u32 = 15;

/// The executions of one durable function.
#[derive(Debug)]
pub struct Engine {
    client: Client,
    function: String,
    reads: Pace,
}

impl Engine {
    /// The executions of `function`: its name or ARN, with the version or alias that new executions run on.
    #[must_use]
    pub fn new(client: Client, function: impl Into<String>) -> Self {
        Self {
            client,
            function: function.into(),
            reads: Pace::new(READS_PER_SECOND),
        }
    }

    /// The same engine with `reads_per_second` reads of executions at most.
    #[must_use]
    pub fn paced(self, reads_per_second: u32) -> Self {
        Self {
            reads: Pace::new(reads_per_second),
            ..self
        }
    }
}
