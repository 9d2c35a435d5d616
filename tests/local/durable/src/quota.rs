//! The number of operations and bytes of one execution.
//!
//! The numbers are the service's documented quotas. Unconfirmed is what it counts and how it refuses: here an operation
//! counts with its first update and a step again with every retry, as the service charges for them, bytes are those of
//! input, payloads and errors, and a checkpoint that goes beyond is refused as a whole.

use crate::update::Action;
use crate::{Core, ErrorObject, Fault, OperationUpdate};

const MAX_OPERATIONS: u32 = 3_000;
const MAX_WRITTEN_BYTES: u64 = 100 * 1024 * 1024;

impl Core {
    /// Counts an update before it is applied; `is_new` says that it is the operation's first.
    ///
    /// # Errors
    /// [`Fault::InvalidParameter`] when the execution would go beyond a quota.
    pub(crate) fn count(&mut self, update: &OperationUpdate, is_new: bool) -> Result<(), Fault> {
        let retried = update.parsed_action()? == Action::Retry;
        let operations = self.operations.saturating_add(u32::from(is_new) + u32::from(retried));
        let written_bytes = self.written_bytes.saturating_add(bytes(update));
        if operations > MAX_OPERATIONS {
            return Err(Fault::invalid(format!(
                "An execution has at most {MAX_OPERATIONS} operations."
            )));
        }
        if written_bytes > MAX_WRITTEN_BYTES {
            return Err(Fault::invalid(format!(
                "An execution writes at most {MAX_WRITTEN_BYTES} bytes."
            )));
        }
        self.operations = operations;
        self.written_bytes = written_bytes;
        Ok(())
    }
}

fn bytes(update: &OperationUpdate) -> u64 {
    let payload = update.payload.as_ref().map_or(0, String::len);
    let error = update.error.as_ref().map_or(0, ErrorObject::size_bytes);
    u64::try_from(payload + error).unwrap_or(u64::MAX)
}
