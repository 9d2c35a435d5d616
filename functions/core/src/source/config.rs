//! One source.

use std::collections::BTreeMap;

use http::{HeaderMap, HeaderName};
use sha2::{Digest, Sha256};

use super::answer::FixedAnswer;
use super::conflict::{Conflict, OnConflict};
use super::identity::Identity;
use super::locator::{self, Locator, Place};
use crate::body::{BodyForm, MAX_FIELD_CHARS, Pointer};
use crate::rejection::Rejection;
use crate::summary::Labels;
use crate::verify::Verify;

/// The longest delivery id, in bytes. A body's text is remembered one character further, so that a longer id is refused and not
/// cut.
const MAX_DELIVERY_ID_BYTES: usize = MAX_FIELD_CHARS - 1;

/// The longest label, in bytes.
pub const MAX_LABEL_BYTES: usize = 64;

/// What of a payload its summary shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Summarise {
    /// Type, subject and the first keys.
    #[default]
    On,
    /// Nothing of the payload: a type from a header at most.
    Off,
}

impl Summarise {
    /// The names in a configuration.
    pub(super) const NAMES: [(&'static str, Self); 2] = [("on", Self::On), ("off", Self::Off)];
}

/// One source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceConfig {
    pub(super) verify: Verify,
    pub(super) body: BodyForm,
    pub(super) batch: Option<Pointer>,
    /// The places of a delivery's identity.
    pub(super) id: Vec<Locator>,
    /// The places of the event's type.
    pub(super) event: Vec<Locator>,
    /// The places of the thing that the event concerns.
    pub(super) subject: Vec<Locator>,
    /// The places that people look for, by the name that they give them.
    pub(super) labels: Vec<(String, Locator)>,
    /// Said by the configuration; else it follows from the identity.
    pub(super) on_conflict: Option<OnConflict>,
    /// The headers that are kept for handlers.
    pub(super) keep_headers: Vec<HeaderName>,
    pub(super) summary: Summarise,
    pub(super) answer: Option<FixedAnswer>,
    pub(super) retention_days: Option<u32>,
    pub(super) probes: bool,
    pub(super) allow_unsigned: bool,
    /// True if the source, and not its preset alone, has a field that has no effect yet.
    pub(super) asks_in_vain: bool,
    /// The places in the document that the locators name.
    pub(super) pointers: Vec<Pointer>,
}

impl SourceConfig {
    /// How deliveries are verified.
    #[must_use]
    pub const fn verify(&self) -> &Verify {
        &self.verify
    }

    /// True if nothing is accepted without a secret.
    #[must_use]
    pub fn needs_secret(&self) -> bool {
        self.verify.needs_secret()
    }

    /// True if the source says itself that it accepts unsigned bodies.
    #[must_use]
    pub const fn allows_unsigned(&self) -> bool {
        self.allow_unsigned
    }

    /// The form of the body.
    #[must_use]
    pub const fn body(&self) -> &BodyForm {
        &self.body
    }

    /// The place of the array of events in the document, where a delivery has several.
    #[must_use]
    pub const fn batch(&self) -> Option<&Pointer> {
        self.batch.as_ref()
    }

    /// What an accepted delivery is answered; absent for the contract of the API.
    #[must_use]
    pub const fn answer(&self) -> Option<&FixedAnswer> {
        self.answer.as_ref()
    }

    /// For how many days payloads are kept, where it differs from the deployment's.
    #[must_use]
    pub const fn retention_days(&self) -> Option<u32> {
        self.retention_days
    }

    /// True if the producer sends wrong signatures on purpose.
    #[must_use]
    pub const fn probes(&self) -> bool {
        self.probes
    }

    /// The places in the body that [`Self::identity`] and [`Self::describe`] look at.
    #[must_use]
    pub fn pointers(&self) -> &[Pointer] {
        &self.pointers
    }

    /// The identity of a delivery: the first of its places that says something. Absent when none does.
    ///
    /// # Errors
    /// [`Rejection::DeliveryId`] when it is longer than 256 bytes, or has a control character or, in a header, one beyond ASCII.
    pub fn identity(&self, place: &Place<'_>) -> Result<Option<Identity>, Rejection> {
        let Some(found) = locator::first(&self.id, place) else {
            return Ok(None);
        };
        let is_taken = |text: &String| {
            let is_text = |c: char| !c.is_control() && c != char::REPLACEMENT_CHARACTER;
            text.chars().all(is_text) && (found.is_of_body || text.is_ascii())
        };
        if !found.parts.iter().all(is_taken) || found.text().len() > MAX_DELIVERY_ID_BYTES {
            return Err(Rejection::DeliveryId);
        }
        Ok(Some(Identity(found)))
    }

    /// What is done when `identity` was used with another body. By default a signed identity is the producer's word, so the
    /// first body stays; an unsigned one may have been taken by a stranger who has captured a body, so both are taken.
    #[must_use]
    pub fn on_conflict(&self, identity: &Identity) -> OnConflict {
        self.on_conflict.unwrap_or(if identity.0.is_signed {
            OnConflict::Duplicate
        } else {
            OnConflict::Accept
        })
    }

    /// What a delivery becomes whose `identity` was used with another body; `apart` makes the webhook of its own.
    #[must_use]
    pub fn conflict<A>(&self, identity: &Identity, apart: impl FnOnce() -> A) -> Conflict<A> {
        match self.on_conflict(identity) {
            OnConflict::Accept => Conflict::Apart(apart()),
            OnConflict::Duplicate if identity.is_signed() => Conflict::Repeats,
            OnConflict::Duplicate => Conflict::Ignored,
        }
    }

    /// The identity as people see it: nothing of the payload where the summary is off.
    #[must_use]
    pub fn shown(&self, identity: &Identity) -> String {
        if self.summary == Summarise::Off && identity.0.is_of_body {
            let digest = Sha256::digest(identity.text());
            return hex::encode(digest);
        }
        identity.text()
    }

    /// The event's type and subject, where the producer names them.
    #[must_use]
    pub fn describe(&self, place: &Place<'_>) -> (Option<String>, Option<String>) {
        let shown = |locator: &&Locator| self.shows(locator);
        let text = |locators: &[Locator]| {
            let shown: Vec<Locator> = locators.iter().filter(shown).cloned().collect();
            locator::first(&shown, place).map(|found| found.text())
        };
        (text(&self.event), text(&self.subject))
    }

    /// What of a payload its summary shows.
    #[must_use]
    pub const fn summary(&self) -> Summarise {
        self.summary
    }

    /// The headers of a delivery that are kept for handlers, by their names in lower case. Several values of one are joined by
    /// a comma; what is no text is left out.
    #[must_use]
    pub fn kept_headers(&self, headers: &HeaderMap) -> BTreeMap<String, String> {
        let kept = self.keep_headers.iter().filter_map(|name| {
            let values: Vec<_> = headers
                .get_all(name)
                .iter()
                .filter_map(|value| value.to_str().ok())
                .collect();
            let value = values.join(", ");
            (!value.trim().is_empty()).then(|| (name.as_str().to_owned(), value))
        });
        kept.collect()
    }

    /// The labels of a delivery: texts of at most 64 bytes that can be printed, by their names. What is longer is cut, and what
    /// cannot be printed is left out, as is a text of the body where the summary is off.
    #[must_use]
    pub fn labels(&self, place: &Place<'_>) -> Labels {
        let shown = self.labels.iter().filter(|(_, locator)| self.shows(locator));
        let found = shown.filter_map(|(name, locator)| {
            let text = locator.find(place)?.text();
            label(&text).map(|text| (name.clone(), text))
        });
        found.collect()
    }

    /// True if what stands at the place may be shown.
    fn shows(&self, locator: &Locator) -> bool {
        self.summary == Summarise::On || !is_of_body(locator)
    }

    /// What an operator should know of this source.
    pub(super) fn warnings(&self) -> Vec<&'static str> {
        let unsigned_first = |locators: &[Locator]| {
            let is_unsigned = |locator: &Locator| {
                let is_free = |name: &HeaderName| !self.verify.covers_header(name);
                locator.headers().any(is_free)
            };
            let header = locators.iter().position(is_unsigned);
            header.is_some_and(|at| locators.iter().skip(at).any(Locator::is_signed_place))
        };
        let signs_body = self.verify.covers_body();
        let mut warnings = Vec::new();
        if self.asks_in_vain {
            warnings.push("batch is read and has no effect yet");
        }
        if self.summary == Summarise::Off && self.labels.iter().any(|(_, locator)| is_of_body(locator)) {
            warnings.push("labels: with summary off, nothing of the body is shown");
        }
        if self.on_conflict == Some(OnConflict::Duplicate)
            && (!signs_body
                || unsigned_first(&self.id)
                || self
                    .id
                    .iter()
                    .flat_map(Locator::headers)
                    .any(|name| !self.verify.covers_header(name)))
        {
            warnings.push(
                "on_conflict: an id that no signature covers can be taken by a stranger, and what comes later is lost",
            );
        }
        if signs_body && unsigned_first(&self.id) {
            warnings.push("id: a header, which no signature covers, stands before a place in the signed body");
        }
        if signs_body && unsigned_first(&self.event) {
            warnings.push("event: a header, which no signature covers, stands before a place in the signed body");
        }
        warnings
    }
}

fn is_of_body(locator: &Locator) -> bool {
    locator.pointers().next().is_some()
}

/// A text as a label: absent when it cannot be printed, or nothing is left of it.
fn label(text: &str) -> Option<String> {
    let is_printable = |c: char| !c.is_control() && c != char::REPLACEMENT_CHARACTER;
    if !text.chars().all(is_printable) {
        return None;
    }
    let end = text.floor_char_boundary(MAX_LABEL_BYTES);
    let text = text.get(..end)?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
