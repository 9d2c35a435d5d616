//! The names that table and bucket are created with: keys, the index, the attribute of the time to live, and what keys of
//! objects begin with.

pub use crate::names::{ITEM, OBJECT_PREFIX, OPEN_INDEX, OPEN_SHARD, OPEN_SINCE, TOKEN, TTL};
