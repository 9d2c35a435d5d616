//! The names of the variables that a configuration reads, recorded from the reading itself.

use std::cell::RefCell;
use std::collections::BTreeSet;

/// The variables that `read` asks its reader for, in an environment where none is set.
///
/// ```
/// # use tracehook_core::env::Env;
/// let names = tracehook_runtime::config::variables(|get| {
///     Env::new(get).or("RETENTION_DAYS", 7);
/// });
/// assert!(names.contains("RETENTION_DAYS"));
/// ```
pub fn variables<T>(read: impl FnOnce(&dyn Fn(&str) -> Option<String>) -> T) -> BTreeSet<String> {
    let names = RefCell::new(BTreeSet::new());
    read(&|name| {
        names.borrow_mut().insert(name.to_owned());
        None
    });
    names.into_inner()
}
