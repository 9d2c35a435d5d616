//! What a record knows of the starts of its attempt while the attempt does not run.

use crate::timestamp::Timestamp;

/// A start that did not bring its attempt to run. A start that the service accepted leaves nothing: no write is spent on the
/// good way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LateStart {
    /// The last start failed: the next sweep repeats it.
    Deferred,
    /// A sweep has repeated the start, and the service has accepted it. It may wait in the service's queue.
    Repeated {
        /// When.
        at: Timestamp,
    },
}
