//! The record of a webhook in `DynamoDB`: two items under one partition key. The payload is written
//! before the state, and the state is moved forward only under conditions.
//!
//! Every call asks for its consumed capacity, and reads what must not be stale consistently.

pub mod actions;
mod advance;
mod attempts;
mod close;
mod create;
mod error;
mod failed;
mod item;
pub mod keys;
mod late_start;
mod names;
mod open;
mod read;
mod replace;
mod shard;
mod update;
mod value;
mod wait;

use aws_sdk_dynamodb::Client;

pub use advance::Advanced;
pub use close::Closed;
pub use create::Created;
pub use error::StoreError;
pub use failed::{FailedFilter, InvalidCursor, ScanCursor};
pub use open::OpenEntry;
pub use replace::Replaced;
pub use shard::{OPEN_SHARDS, open_shard};
pub use value::CorruptItem;

/// The bytes of a webhook.
#[derive(Clone, PartialEq, Eq)]
pub struct Payload {
    /// As they were signed.
    pub body: Vec<u8>,
    /// The producer's `Content-Type`.
    pub content_type: Option<String>,
}

impl std::fmt::Debug for Payload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Payload({} bytes)", self.body.len())
    }
}

/// The table of one deployment.
#[derive(Debug, Clone)]
pub struct Store {
    client: Client,
    table: String,
}

impl Store {
    /// The store in `table`.
    #[must_use]
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self {
            client,
            table: table.into(),
        }
    }
}
