//! The spans of durable executions: one per invocation, one per attempt of a step that really ran, none on replay.
//!
//! Knows nothing of webhooks, stores or the durable SDK: it is told what the SDK's context says. An execution's trace
//! begins elsewhere; its `traceparent` and each step's span id travel in the steps' checkpointed results
//! ([`Checkpointed`]), so that every later invocation, in whatever process, finds the same trace and the step before.
//!
//! - The span of an invocation ends with it. A suspension is an outcome, not an error.
//! - The span of an attempt is opened in the step's own closure, which a replay never enters. It is a child of the
//!   execution's parent, because not every backend draws links, and is linked to its invocation and to the step before.
//! - When an attempt has ended, its span is exported in the background, so that a crash later in the same invocation
//!   does not take it along.

mod attempt;
mod checkpointed;
mod execution;
mod invocation;

pub use attempt::{Failure, current_attempt};
pub use checkpointed::{Checkpointed, Nothing};
pub use execution::Execution;
pub use invocation::Invocation;
pub(crate) use invocation::is_cold_start;
