//! The names that table and bucket are created with: keys, the index, the attribute of the time to live, what keys of objects
//! begin with, and the item of the configuration document.

pub use crate::names::{
    CONFIGURATION, DEPLOYED_PREFIX, DOCUMENT, ITEM, OBJECT_PREFIX, OPEN_INDEX, OPEN_SHARD, OPEN_SINCE, TOKEN, TTL,
};
