//! Verification as data: how a producer proves that a delivery is its own, as a configuration says it.
//!
//! A source has one to four alternatives. A delivery is accepted when one of them accepts it with one live secret; all are
//! tried, and comparisons take constant time. Nothing of the body is parsed before.

mod alternative;
mod encoding;
mod fault;
mod hash;
mod key;
mod pattern;
mod template;
mod time;
mod value;
mod written;

use std::collections::BTreeMap;

use http::HeaderName;
use serde_json::Value;

use crate::secret::Secret;
use crate::signature::{Delivery, SignatureError};
use alternative::{Alternative, better};

pub use fault::{Fault, Faults};

/// How a source's deliveries are verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verify {
    alternatives: Vec<Alternative>,
    /// Texts that templates use: identifiers that are not secret.
    parameters: BTreeMap<String, String>,
}

impl Verify {
    /// Reads the list `verify` and the map `parameters` of a source. Every fault is told, with its path.
    pub fn read(path: &str, verify: &Value, parameters: &BTreeMap<String, String>, faults: &mut Faults) -> Option<Self> {
        let alternatives = written::alternatives(path, verify, parameters, faults)?;
        Some(Self {
            alternatives,
            parameters: parameters.clone(),
        })
    }

    /// Verifies a delivery with every live secret.
    ///
    /// # Errors
    /// That of the alternative which came furthest.
    pub fn verify(&self, delivery: &Delivery<'_>, secrets: &[Secret]) -> Result<(), SignatureError> {
        let judged = self
            .alternatives
            .iter()
            .map(|alternative| alternative.verify(delivery, &self.parameters, secrets));
        judged.reduce(better).unwrap_or(Err(SignatureError::Missing))
    }

    /// True if nothing is accepted without a secret.
    #[must_use]
    pub fn needs_secret(&self) -> bool {
        self.alternatives.iter().all(Alternative::needs_secret)
    }

    /// True if whatever is accepted has a signature over the whole body.
    #[must_use]
    pub fn covers_body(&self) -> bool {
        self.alternatives.iter().all(Alternative::covers_body)
    }

    /// True if whatever is accepted has a signature over the header.
    #[must_use]
    pub fn covers_header(&self, name: &HeaderName) -> bool {
        self.alternatives.iter().all(|alternative| alternative.covers_header(name))
    }

    /// True if the secret can be used with one of the alternatives.
    #[must_use]
    pub fn takes(&self, secret: &Secret) -> bool {
        self.alternatives.iter().any(|alternative| alternative.takes(secret))
    }
}

#[cfg(test)]
mod tests;
