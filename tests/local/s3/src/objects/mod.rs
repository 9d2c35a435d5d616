//! Objects, in a directory or in memory.

mod directory;
mod memory;

use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use axum::body::Bytes;

use directory::Directory;
use memory::Memory;

/// The name of an object.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Name {
    pub(crate) bucket: String,
    pub(crate) key: String,
}

/// An object as it is now.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub(crate) body: Bytes,
    pub(crate) modified: SystemTime,
}

/// The objects of all buckets. Its methods block.
#[derive(Debug)]
pub(crate) enum Objects {
    Directory(Directory),
    Memory(Memory),
}

impl Objects {
    pub(crate) fn open(directory: Option<&Path>, buckets: &[&str]) -> anyhow::Result<Self> {
        Ok(match directory {
            Some(directory) => Self::Directory(Directory::open(directory, buckets)?),
            None => Self::Memory(Memory::default()),
        })
    }

    pub(crate) fn put(&self, name: &Name, body: &Bytes, now: SystemTime) -> io::Result<()> {
        match self {
            Self::Directory(directory) => directory.put(name, body, now),
            Self::Memory(memory) => {
                memory.put(name, body, now);
                Ok(())
            }
        }
    }

    pub(crate) fn get(&self, name: &Name) -> io::Result<Option<Object>> {
        match self {
            Self::Directory(directory) => directory.get(name),
            Self::Memory(memory) => Ok(memory.get(name)),
        }
    }

    pub(crate) fn delete(&self, name: &Name) -> io::Result<()> {
        match self {
            Self::Directory(directory) => directory.delete(name),
            Self::Memory(memory) => {
                memory.delete(name);
                Ok(())
            }
        }
    }

    /// Deletes what is older than that, and returns how much it was.
    pub(crate) fn expire(&self, now: SystemTime, age: Duration) -> usize {
        let is_old = |modified: SystemTime| now.duration_since(modified).is_ok_and(|is| is > age);
        match self {
            // What cannot be deleted now is deleted the next time.
            Self::Directory(directory) => directory.delete_where(is_old).unwrap_or_default(),
            Self::Memory(memory) => memory.delete_where(is_old),
        }
    }
}
