//! The names that the table is created with: its keys, its index, and the attribute of its time to live.

pub use crate::names::{ITEM, OPEN_INDEX, OPEN_SHARD, OPEN_SINCE, TOKEN, TTL};
