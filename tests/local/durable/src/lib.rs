//! The durable execution service as a pure state machine: no I/O, no clock, no randomness.
//!
//! Contract: every change goes through [`Execution`], takes the time as `now_ms` (Unix epoch, milliseconds) and is
//! all-or-nothing for the caller that works on a clone and keeps it only once the [`Changes`] are stored.
//! Facts are from the durable execution service documentation, the service model and the official emulator.

pub mod answer;
mod apply;
mod checkpoint;
pub mod envelope;
pub mod error_object;
pub mod execution;
pub mod fault;
pub mod history;
mod invocation;
pub mod operation;
mod paging;
pub mod policy;
pub mod read;
#[cfg(test)]
mod tests;
mod timers;
pub mod update;
mod validate;

pub use answer::Answer;
pub use checkpoint::CheckpointAnswer;
pub use error_object::ErrorObject;
pub use execution::{Changes, Execution, ExecutionStatus, NewExecution};
pub use fault::Fault;
pub use history::Event;
pub use invocation::Plan;
pub use operation::{Details, Operation, OperationStatus, OperationType, TimeForm};
pub use paging::Page;
pub use policy::{FailureKind, RetryPolicy};
pub use update::{CheckpointRequest, OperationUpdate};
