//! One way in which a producer proves itself.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderName;
use http::header::AUTHORIZATION;
use subtle::ConstantTimeEq as _;

use super::encoding::Encoding;
use super::hash::Hash;
use super::key::KeyForm;
use super::pattern::{Group, Items};
use super::template::{Template, Values};
use super::time::TimeRule;
use super::value::ValuePlace;
use crate::secret::Secret;
use crate::signature::{Delivery, SignatureError};

/// A way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Alternative {
    /// A MAC over what a template names.
    Hmac(Box<Mac>),
    /// The secret itself, after a literal prefix.
    Token { from: Vec<ValuePlace>, prefix: String },
    /// HTTP Basic: the secret is `user:password`.
    Basic,
    /// Nothing, where there is no secret.
    Unsigned,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mac {
    pub(crate) hash: Hash,
    pub(crate) key: KeyForm,
    pub(crate) signed: Template,
    pub(crate) from: Vec<ValuePlace>,
    pub(crate) items: Items,
    pub(crate) encoding: Encoding,
    pub(crate) time: Option<TimeRule>,
}

impl Alternative {
    /// Verifies a delivery with every live secret.
    ///
    /// # Errors
    /// When the proof is missing, malformed, given by none of the secrets, or of another time.
    pub(crate) fn verify(
        &self,
        delivery: &Delivery<'_>,
        parameters: &BTreeMap<String, String>,
        secrets: &[Secret],
    ) -> Result<(), SignatureError> {
        match self {
            Self::Hmac(mac) => mac.verify(delivery, parameters, secrets),
            Self::Token { from, prefix } => {
                let texts = texts(from, delivery)?;
                let given = texts.iter().filter_map(|text| text.strip_prefix(prefix.as_str()));
                one_of(given.map(str::trim).map(str::as_bytes), secrets)
            }
            Self::Basic => {
                let texts = texts(&[ValuePlace::Header(AUTHORIZATION)], delivery)?;
                let given = texts.iter().filter_map(|text| {
                    let (scheme, text) = text.split_once(' ')?;
                    let is_basic = scheme.eq_ignore_ascii_case("basic");
                    is_basic.then(|| STANDARD.decode(text.trim()).ok()).flatten()
                });
                let given: Vec<_> = given.collect();
                one_of(given.iter().map(Vec::as_slice), secrets)
            }
            // A source that has a secret never accepts an unsigned body, whatever its configuration says.
            Self::Unsigned if secrets.is_empty() => Ok(()),
            Self::Unsigned => Err(SignatureError::Missing),
        }
    }

    /// True if it cannot accept anything without a secret.
    pub(crate) const fn needs_secret(&self) -> bool {
        !matches!(self, Self::Unsigned)
    }

    /// True if the proof covers every byte of the body.
    pub(crate) fn covers_body(&self) -> bool {
        match self {
            Self::Hmac(mac) => mac.signed.covers_body(),
            _ => false,
        }
    }

    /// True if the proof covers a header.
    pub(crate) fn covers_header(&self, name: &HeaderName) -> bool {
        match self {
            Self::Hmac(mac) => mac.signed.covers_header(name),
            _ => false,
        }
    }

    /// True if a secret can be a key of this way.
    pub(crate) fn takes(&self, secret: &Secret) -> bool {
        match self {
            Self::Hmac(mac) => mac.key.key(secret.expose()).is_some(),
            _ => true,
        }
    }
}

/// The texts of all places.
fn texts<'d>(from: &[ValuePlace], delivery: &Delivery<'d>) -> Result<Vec<&'d str>, SignatureError> {
    let mut all = Vec::new();
    for place in from {
        all.extend(place.texts(delivery.headers)?);
    }
    if all.is_empty() {
        return Err(SignatureError::Missing);
    }
    Ok(all)
}

/// Whether one of these is one of the secrets, compared in constant time.
fn one_of<'g>(given: impl Iterator<Item = &'g [u8]>, secrets: &[Secret]) -> Result<(), SignatureError> {
    let (mut is_there, mut is_secret) = (false, false);
    for given in given {
        is_there |= !given.is_empty();
        for secret in secrets {
            is_secret |= bool::from(given.ct_eq(secret.expose()));
        }
    }
    match (is_there, is_secret) {
        (true, true) => Ok(()),
        (true, false) => Err(SignatureError::Mismatch),
        (false, _) => Err(SignatureError::Malformed),
    }
}

impl Mac {
    fn verify(
        &self,
        delivery: &Delivery<'_>,
        parameters: &BTreeMap<String, String>,
        secrets: &[Secret],
    ) -> Result<(), SignatureError> {
        let texts = texts(&self.from, delivery)?;
        let groups = self.items.read(&texts)?;
        let judged = groups.iter().map(|group| self.verify_group(group, delivery, parameters, secrets));
        judged.reduce(better).unwrap_or(Err(SignatureError::Missing))
    }

    fn verify_group(
        &self,
        group: &Group<'_>,
        delivery: &Delivery<'_>,
        parameters: &BTreeMap<String, String>,
        secrets: &[Secret],
    ) -> Result<(), SignatureError> {
        let given: Vec<_> = group.signatures.iter().filter_map(|text| self.encoding.decode(text)).collect();
        if given.is_empty() {
            return Err(SignatureError::Malformed);
        }
        let timestamp = match &self.time {
            Some(rule) => rule.text(delivery.headers, group)?,
            None => None,
        };
        let signed = self.signed.fill(&Values {
            delivery,
            timestamp,
            captures: &group.captures,
            parameters,
        })?;
        let mut is_signed = false;
        for key in secrets.iter().filter_map(|secret| self.key.key(secret.expose())) {
            for given in &given {
                is_signed |= self.hash.is_mac(&key, &signed, given);
            }
        }
        if !is_signed {
            return Err(SignatureError::Mismatch);
        }
        match (&self.time, timestamp) {
            (Some(rule), Some(text)) => rule.judge(text, delivery.received_at),
            (Some(rule), None) if rule.tolerance_seconds > 0 => Err(SignatureError::Missing),
            _ => Ok(()),
        }
    }
}

/// The better of two results: an acceptance, else the error that came furthest.
pub(crate) fn better(
    one: Result<(), SignatureError>,
    other: Result<(), SignatureError>,
) -> Result<(), SignatureError> {
    let rank = |result: &Result<(), SignatureError>| match result {
        Err(SignatureError::Missing) => 0,
        Err(SignatureError::Malformed) => 1,
        Err(SignatureError::Mismatch) => 2,
        Err(SignatureError::Stale) => 3,
        Ok(()) => 4,
    };
    if rank(&other) > rank(&one) { other } else { one }
}
