//! The identity of a delivery.

use super::locator::Found;

/// The identity of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity(pub(super) Found);

impl Identity {
    /// The identity as people see it.
    #[must_use]
    pub fn text(&self) -> String {
        self.0.text()
    }

    /// The identity as tokens are derived from it: no two lists of parts share it, and a signed identity shares it with none
    /// that a stranger can choose.
    #[must_use]
    pub fn key(&self) -> String {
        let parts = self.0.parts.join("\0");
        if self.0.is_signed {
            format!("\u{1}{parts}")
        } else {
            parts
        }
    }

    /// True if the signature covers it.
    #[must_use]
    pub const fn is_signed(&self) -> bool {
        self.0.is_signed
    }
}
