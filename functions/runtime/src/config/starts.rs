//! The executions that a function starts, and the records that it opens for them.

use tracehook_core::env::Env;
use tracehook_core::record::ExecutionPrefix;

/// The executions that a function starts, and the records that it opens for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Starts {
    /// `PROCESSOR_FUNCTION`: name or ARN of the durable function, with its version or alias.
    pub processor: String,
    /// `EXECUTION_NAME_PREFIX`.
    pub prefix: ExecutionPrefix,
    /// `RETENTION_DAYS`: how long a record is kept from its start or its redrive on.
    pub retention_days: u32,
}

impl Starts {
    /// Reads the variables of this group. `None` when one is bad.
    pub fn read<F: Fn(&str) -> Option<String>>(env: &mut Env<F>) -> Option<Self> {
        let processor = env.required("PROCESSOR_FUNCTION");
        let prefix = env.required("EXECUTION_NAME_PREFIX");
        let retention_days = env.within("RETENTION_DAYS", 1..=3650, 7);
        Some(Self {
            processor: processor?,
            prefix: prefix?,
            retention_days: retention_days?,
        })
    }
}
