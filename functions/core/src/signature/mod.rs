//! Signatures: one interface, one file per scheme, and the list of all schemes.
//!
//! To add a scheme, add its file and its entry in [`SCHEMES`].

mod generic;
mod github;
mod hmac_hex;
mod hmac_sha256;
mod none;
mod scheme;

use std::fmt;

use serde::{Deserialize, Deserializer};

pub use scheme::{Delivery, Headers, Scheme, SignatureError};

/// Every scheme, in the order of the documentation.
pub const SCHEMES: [&dyn Scheme; 3] = [&github::Github, &hmac_sha256::HmacSha256, &none::Unsigned];

/// The name of one of [`SCHEMES`], as the configuration writes it.
#[derive(Clone, Copy)]
pub struct SchemeName(&'static dyn Scheme);

impl SchemeName {
    /// The scheme of that name, if there is one.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        SCHEMES.into_iter().find(|scheme| scheme.name() == name).map(Self)
    }

    /// The scheme of this name.
    #[must_use]
    pub const fn scheme(self) -> &'static dyn Scheme {
        self.0
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.0.name()
    }
}

impl fmt::Debug for SchemeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl PartialEq for SchemeName {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for SchemeName {}

impl<'de> Deserialize<'de> for SchemeName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::find(&text).ok_or_else(|| {
            let known = SCHEMES.map(|scheme| format!("`{}`", scheme.name())).join(", ");
            serde::de::Error::custom(format!("unknown variant `{text}`, expected one of {known}"))
        })
    }
}

#[cfg(test)]
mod vectors;
