//! Verification as data: how a producer proves that a delivery is its own, as a configuration says it.
//!
//! A source has one to four alternatives. A delivery is accepted when one of them accepts it with one live secret; all are
//! tried, and comparisons take constant time. Nothing of the body is parsed before.

mod alternative;
mod encoding;
mod example;
mod fault;
mod hash;
mod json;
mod jwt;
mod key;
mod parts;
mod pattern;
mod prefix;
mod proof;
mod public_key;
mod signed;
mod template;
mod time;
mod url;
mod value;
mod verdict;
mod written;

use std::collections::BTreeSet;

use http::HeaderName;
use serde_json::Value;

use crate::secret::{Secret, UnusableSecret};
use crate::signature::{Delivery, SignatureError};
use crate::timestamp::Timestamp;
use alternative::Alternative;
use example::{Example, Ingredients};
use key::NoKey;
use parts::Parts;
use verdict::better;

pub use example::NoExample;
pub(crate) use fault::Fields;
pub use fault::{Fault, Faults};
pub use template::Setting;
pub use url::{InvalidUrl, PublicUrl};
#[cfg(test)]
pub(crate) use written::schema;

/// How a source's deliveries are verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verify {
    alternatives: Vec<Alternative>,
    setting: Setting,
}

/// The way in which a delivery was accepted: it says what of the delivery is the producer's word.
#[derive(Debug, Clone, Copy)]
pub struct Proven<'v> {
    alternative: &'v Alternative,
    setting: &'v Setting,
}

impl Proven<'_> {
    /// True if a signature covers the payload.
    #[must_use]
    pub fn covers_body(&self) -> bool {
        self.alternative.covers_body(&self.setting.body)
    }

    /// True if a signature covers the header.
    #[must_use]
    pub fn covers_header(&self, name: &HeaderName) -> bool {
        self.alternative.covers_header(name)
    }
}

impl Verify {
    /// Reads the list `verify` of a source. Every fault is told, with its path.
    pub fn read(path: &str, verify: &Value, setting: &Setting, faults: &mut Faults) -> Option<Self> {
        let alternatives = written::alternatives(path, verify, setting, faults)?;
        let setting = setting.clone();
        Some(Self { alternatives, setting })
    }

    /// Verifies a delivery with every live secret. All alternatives are tried; the first that accepts counts.
    ///
    /// # Errors
    /// That of the alternative which came furthest.
    pub fn verify(&self, delivery: &Delivery<'_>, secrets: &[Secret]) -> Result<Proven<'_>, SignatureError> {
        let parts = Parts::of(delivery);
        let (mut verdict, mut proven) = (Err(SignatureError::Missing), None);
        for alternative in &self.alternatives {
            let own = alternative.verify(&parts, &self.setting, secrets);
            if own.is_ok() && proven.is_none() {
                proven = Some(alternative);
            }
            verdict = better(verdict, own);
        }
        let setting = &self.setting;
        verdict
            .and(proven.ok_or(SignatureError::Missing))
            .map(|alternative| Proven { alternative, setting })
    }

    /// What each alternative would prove, for who judges a configuration and not a delivery.
    pub fn ways(&self) -> impl Iterator<Item = Proven<'_>> {
        let setting = &self.setting;
        self.alternatives
            .iter()
            .map(move |alternative| Proven { alternative, setting })
    }

    /// The headers with which a body is accepted: those of the first alternative that can be made.
    ///
    /// # Errors
    /// Why none can be made.
    pub(crate) fn example(
        &self,
        secret: Option<&Secret>,
        body: &[u8],
        now: Timestamp,
        id: &str,
    ) -> Result<Example, NoExample> {
        let setting = &self.setting;
        let with = Ingredients {
            setting,
            secret,
            body,
            now,
            id,
        };
        let made = self.alternatives.iter().map(|alternative| alternative.example(&with));
        made.reduce(Result::or).unwrap_or(Err(NoExample::Secret))
    }

    /// The header of a signature that is the HMAC-SHA256 of the body in hex, and what stands before its digits.
    #[must_use]
    pub fn hex_header(&self) -> Option<(&HeaderName, &str)> {
        self.alternatives.iter().find_map(Alternative::hex_header)
    }

    /// True if nothing is accepted without a secret.
    #[must_use]
    pub fn needs_secret(&self) -> bool {
        self.alternatives.iter().all(Alternative::needs_secret)
    }

    /// True if whatever is accepted has a signature over the whole body.
    #[must_use]
    pub fn covers_body(&self) -> bool {
        self.alternatives
            .iter()
            .all(|alternative| alternative.covers_body(&self.setting.body))
    }

    /// True if whatever is accepted has a signature over the header.
    #[must_use]
    pub fn covers_header(&self, name: &HeaderName) -> bool {
        self.alternatives
            .iter()
            .all(|alternative| alternative.covers_header(name))
    }

    /// Whether the secret can be used with one of the alternatives.
    ///
    /// # Errors
    /// What is wrong with it: never a part of it.
    pub fn takes(&self, secret: &Secret) -> Result<(), UnusableSecret> {
        let taken: Vec<_> = self
            .alternatives
            .iter()
            .map(|alternative| alternative.takes(secret))
            .collect();
        if taken.iter().any(Result::is_ok) {
            return Ok(());
        }
        if taken.contains(&Err(NoKey::Short)) {
            return Err(UnusableSecret::ShortKey);
        }
        let wanted: BTreeSet<_> = self.alternatives.iter().flat_map(Alternative::wanted).collect();
        let wanted: Vec<_> = wanted.into_iter().collect();
        Err(UnusableSecret::Key(wanted.join(" or ")))
    }
}

#[cfg(test)]
mod tests;
