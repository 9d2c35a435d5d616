//! The bodies of the durable steps, one file each. A body may run more than once; it moves the record under a condition.

mod finalize;
mod process;
mod validate;

pub(crate) use process::Processed;
pub(crate) use validate::Validated;
