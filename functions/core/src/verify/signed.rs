//! A signature over bytes that a template names.

use std::borrow::Cow;

use http::HeaderName;

use super::encoding::Encoding;
use super::hash::Hash;
use super::key::KeyForm;
use super::parts::Parts;
use super::pattern::{Group, Items};
use super::proof::Proof;
use super::template::{Setting, Template, Values};
use super::time::TimeRule;
use super::value::ValuePlace;
use super::verdict::better;
use crate::body::BodyForm;
use crate::secret::Secret;
use crate::signature::SignatureError;

/// What is signed, with what, and where the signature stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Signed {
    pub(crate) proof: Proof,
    pub(crate) template: Template,
    pub(crate) from: Vec<ValuePlace>,
    pub(crate) items: Items,
    pub(crate) encoding: Encoding,
    pub(crate) time: Option<TimeRule>,
    pub(crate) body_hash: Option<BodyHash>,
}

/// A signed hash that stands for the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BodyHash {
    pub(crate) from: ValuePlace,
    pub(crate) hash: Hash,
    pub(crate) encoding: Encoding,
}

impl Signed {
    pub(crate) fn verify(
        &self,
        parts: &Parts<'_>,
        setting: &Setting,
        secrets: &[Secret],
    ) -> Result<(), SignatureError> {
        let texts = texts(&self.from, parts)?;
        let texts: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
        let groups = self.items.read(&texts)?;
        let judged = groups
            .iter()
            .map(|group| self.verify_group(group, parts, setting, secrets));
        judged.reduce(better).unwrap_or(Err(SignatureError::Missing))
    }

    fn verify_group(
        &self,
        group: &Group<'_>,
        parts: &Parts<'_>,
        setting: &Setting,
        secrets: &[Secret],
    ) -> Result<(), SignatureError> {
        let given: Vec<_> = group
            .signatures
            .iter()
            .filter_map(|text| self.encoding.decode(text))
            .collect();
        if !given.iter().any(|given| self.proof.may_be(given)) {
            return Err(SignatureError::Malformed);
        }
        let timestamp = match &self.time {
            Some(rule) => rule.text(parts, group)?,
            None => None,
        };
        let signed = self.template.fill(&Values {
            parts,
            timestamp: timestamp.as_deref(),
            captures: &group.captures,
            setting,
        })?;
        let is_of_body = match &self.body_hash {
            Some(rule) => rule.is_of(parts)?,
            None => true,
        };
        if !self.proof.is_signed(&signed, &given, secrets) || !is_of_body {
            return Err(SignatureError::Mismatch);
        }
        match (&self.time, timestamp) {
            (Some(rule), Some(text)) => rule.judge(&text, parts.delivery.received_at),
            (Some(rule), None) if rule.tolerance_seconds > 0 => Err(SignatureError::Missing),
            _ => Ok(()),
        }
    }

    /// True if the signature covers the payload.
    pub(crate) fn covers_body(&self, form: &BodyForm) -> bool {
        self.body_hash.is_some() || self.template.covers_body(form)
    }

    /// The header of an HMAC-SHA256 of the body in hex, and what stands before its digits.
    pub(crate) fn hex_header(&self) -> Option<(&HeaderName, &str)> {
        let is_plain = self.proof == Proof::Hmac(Hash::Sha256, KeyForm::Utf8)
            && self.encoding == Encoding::Hex
            && self.template.is_body()
            && self.items.split.is_empty();
        match self.from.first() {
            Some(ValuePlace::Header(name)) if is_plain => {
                Some((name, self.items.patterns.first()?.before_signature()?))
            }
            _ => None,
        }
    }

    pub(crate) fn covers_header(&self, name: &HeaderName) -> bool {
        self.template.covers_header(name)
    }
}

impl BodyHash {
    fn is_of(&self, parts: &Parts<'_>) -> Result<bool, SignatureError> {
        let text = self.from.text(parts)?.ok_or(SignatureError::Missing)?;
        let given = self.encoding.decode(&text).ok_or(SignatureError::Malformed)?;
        Ok(given == self.hash.digest(parts.delivery.body))
    }
}

/// The texts of all places.
///
/// # Errors
/// [`SignatureError::Missing`] when there is none.
pub(crate) fn texts<'p>(from: &[ValuePlace], parts: &'p Parts<'_>) -> Result<Vec<Cow<'p, str>>, SignatureError> {
    let mut all = Vec::new();
    for place in from {
        all.extend(place.texts(parts)?);
    }
    if all.is_empty() {
        return Err(SignatureError::Missing);
    }
    Ok(all)
}
