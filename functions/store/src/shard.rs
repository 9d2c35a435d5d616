//! The partitions of the sparse index of open webhooks.

use tracehook_core::ExecutionToken;

/// Every partition: the first hex digit of a token.
pub const OPEN_SHARDS: [&str; 16] = [
    "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "a", "b", "c", "d", "e", "f",
];

/// The partition of a webhook: one of [`OPEN_SHARDS`], so that no partition takes every write.
#[must_use]
pub fn open_shard(token: &ExecutionToken) -> String {
    token.to_string().chars().take(1).collect()
}
