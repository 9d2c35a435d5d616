//! The durable execution service as a pure state machine: no I/O, no clock, no randomness.
//!
//! Contract: every change goes through [`Execution`], takes the time as `now_ms` (Unix epoch, milliseconds) and is
//! all-or-nothing for the caller that works on a clone and keeps it only once the [`Changes`] are stored.
//! `attempt`, in fields and messages, is the service's word for a try.
//! Facts are from the durable execution service documentation, the service model and the official emulator. The README
//! beside this crate has the limits, and where it differs from the service.

mod apply;
mod checkpoint;
mod checkpoint_answer;
mod core;
mod envelope;
mod error_object;
mod execution;
mod fault;
mod fields;
mod history;
mod invocation;
mod operation;
mod output;
mod paging;
mod policy;
mod quota;
mod replay;
mod status;
mod summary;
#[cfg(test)]
mod tests;
mod timers;
mod update;
mod validate;

pub use crate::core::Core;
pub use checkpoint_answer::CheckpointAnswer;
pub use error_object::ErrorObject;
pub use execution::{Changes, Execution, NewExecution};
pub use fault::Fault;
pub use history::Event;
pub use invocation::NextAction;
pub use operation::{Details, Operation, OperationStatus, OperationType, TimeForm};
pub use output::InvocationOutput;
pub use paging::Page;
pub use policy::RetryPolicy;
pub use status::ExecutionStatus;
pub use summary::Summary;
pub use update::{CheckpointRequest, OperationUpdate};
