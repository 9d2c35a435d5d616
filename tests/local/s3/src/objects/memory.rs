//! Objects in memory.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use axum::body::Bytes;

use super::{Name, Object};

#[derive(Debug, Default)]
pub(crate) struct Memory(Mutex<HashMap<Name, Object>>);

impl Memory {
    pub(super) fn put(&self, name: &Name, body: &Bytes, now: SystemTime) {
        let object = Object {
            body: body.clone(),
            modified: now,
        };
        self.objects().insert(name.clone(), object);
    }

    pub(super) fn get(&self, name: &Name) -> Option<Object> {
        self.objects().get(name).cloned()
    }

    pub(super) fn delete(&self, name: &Name) {
        self.objects().remove(name);
    }

    pub(super) fn delete_where(&self, is_old: impl Fn(SystemTime) -> bool) -> usize {
        let mut objects = self.objects();
        let before = objects.len();
        objects.retain(|_, object| !is_old(object.modified));
        before - objects.len()
    }

    fn objects(&self) -> MutexGuard<'_, HashMap<Name, Object>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
