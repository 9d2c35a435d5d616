//! The table of a deployment.

use tracehook_core::env::Env;

/// The table of a deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// `TABLE_NAME`.
    pub name: String,
}

impl Table {
    /// Reads the variables of this group. `None` when one is bad.
    pub fn read<F: Fn(&str) -> Option<String>>(env: &mut Env<F>) -> Option<Self> {
        let name = env.required("TABLE_NAME");
        Some(Self { name: name? })
    }
}
