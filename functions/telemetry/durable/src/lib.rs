//! Traces of AWS Lambda durable executions: one span per invocation, one per try of a step that really ran, none on
//! replay.
//!
//! The crate depends neither on the durable SDK nor on an application: the application hands in the values of the SDK's
//! context. An execution's trace begins elsewhere; its `traceparent` and each step's span id travel in the steps'
//! checkpointed results ([`Checkpointed`]), so that every later invocation, in whatever process, finds the same trace and
//! what was done before.
//!
//! - The span of an [`Invocation`] ends with it. A suspension is an outcome, not an error.
//! - The span of a try is opened in the step's own closure, which a replay never enters. It is under the execution's own span
//!   and linked to its invocation. The execution and its operations are told at once, when the execution has ended.
//! - What an invocation has done is exported when it has ended. What one has done that its process did not survive is told by the
//!   next one: the finished steps from their checkpoints, and the try that it finds unfinished. So no span is told
//!   twice, none is without its parent, and none ends after it.
//! - Ended spans wait in a bounded [`Buffer`] until the [`Exporter`] sends them. A span that begins before its trace is
//!   known starts in a provisional trace; [`Assignment`]s move it at export.
//!
//! The application hands in the exporter's configuration, the name of its instrumentation, and a callback for spans that
//! are dropped.

#![warn(missing_docs)]

mod assignment;
pub mod attributes;
pub mod aws;
mod buffer;
mod checkpointed;
mod drops;
mod execution;
mod export;
mod ids;
mod invocation;
mod operation;
mod pipeline;
mod sampler;
pub mod span;
mod step_try;
mod told;
mod traceparent;

pub use assignment::{Assignment, Properties};
pub use buffer::{Buffer, Take};
pub use checkpointed::{Checkpointed, Nothing};
pub use drops::{DropReason, OnDropped};
pub use execution::Execution;
pub use export::{Exporter, ExporterConfig};
pub use invocation::Invocation;
pub use operation::{Cause, Operation, Period, workflow_place};
pub use pipeline::{Instrumentation, Spans, is_library, layers, scope};
pub use sampler::Sampler;
pub use step_try::{TryFailure, TryNumber, current_try};
pub use told::{Unfinished, tell_execution};
pub use traceparent::{InvalidTraceParent, TraceParent};
