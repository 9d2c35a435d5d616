//! The record of a webhook in `DynamoDB`: two items under one partition key, and an object in S3 for a payload that is too
//! large for its item. The payload is written before the state, and the state is moved forward only under conditions.
//!
//! Every call asks for its consumed capacity, and reads what must not be stale consistently.

pub mod actions;
mod advance;
mod attempts;
mod close;
mod configuration;
mod conflict;
mod create;
mod error;
mod failed;
#[cfg(test)]
mod fuzz;
mod item;
pub mod keys;
mod late_start;
mod names;
mod objects;
mod open;
mod payload;
mod read;
mod replace;
mod shard;
mod update;
mod value;
mod wait;

use std::collections::BTreeMap;

use aws_sdk_dynamodb::Client;
use bytes::Bytes;
use tracehook_core::body::{BodyForm, Coding};

pub use advance::Advanced;
pub use close::Closed;
pub use create::Created;
pub use error::StoreError;
pub use failed::{FailedFilter, InvalidCursor, ScanCursor};
pub use objects::Objects;
pub use open::OpenEntry;
pub use read::PayloadExpiry;
pub use replace::Replaced;
pub use shard::{OPEN_SHARDS, open_shard};
pub use value::CorruptItem;

/// The bytes of a webhook.
#[derive(Clone, PartialEq, Eq)]
pub struct Payload {
    /// As they were signed.
    pub body: Bytes,
    /// The producer's `Content-Type`.
    pub content_type: Option<String>,
    /// How the bytes are coded; absent where they are JSON as they are.
    pub coding: Option<Coding>,
    /// Where in the bytes the document is.
    pub form: BodyForm,
    /// The headers that its source keeps, by their names in lower case.
    pub headers: BTreeMap<String, String>,
    /// For how many days it is kept, where its source says it.
    pub retention_days: Option<u32>,
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
    objects: Option<Objects>,
    inline_bytes: usize,
}

impl Store {
    /// The store in `table`, which holds every payload itself.
    #[must_use]
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self {
            client,
            table: table.into(),
            objects: None,
            inline_bytes: usize::MAX,
        }
    }

    /// This store with a bucket, which holds the payloads that are objects.
    #[must_use]
    pub fn with_objects(self, objects: Option<Objects>) -> Self {
        Self { objects, ..self }
    }

    /// This store, in which new payloads of more than so many bytes are objects, where there is a bucket.
    #[must_use]
    pub fn with_inline_bytes(self, inline_bytes: usize) -> Self {
        Self { inline_bytes, ..self }
    }
}
