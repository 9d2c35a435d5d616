//! Sources as data: the scheme that verifies a source's deliveries, and where they say what they are.

mod conflict;
mod locator;

use std::collections::BTreeMap;

use http::{HeaderMap, HeaderName};
use serde::{Deserialize, Deserializer};
use sha2::{Digest, Sha256};

use crate::body::{MAX_FIELD_CHARS, Pointer, Shape};
use crate::record::PayloadDigest;
use crate::rejection::Rejection;
use crate::signature::SchemeName;
use crate::source_name::SourceName;

pub use conflict::{Conflict, OnConflict};
pub use locator::{Found, InvalidLocator, Locator, Place};

/// The longest delivery id, in bytes. A body's text is remembered one character further, so that a longer id is refused and not
/// cut.
const MAX_DELIVERY_ID_BYTES: usize = MAX_FIELD_CHARS - 1;

/// The most locators of a list, and the most headers that a source keeps.
const MAX_ENTRIES: usize = 20;

/// Headers that are never kept: they name the sender's machines and not the webhook.
const ADDRESSES: [&str; 9] = [
    "x-original-forwarded-for",
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-real-ip",
    "cf-connecting-ip",
    "true-client-ip",
    "cloudfront-viewer-address",
    "via",
];

/// What of a payload its summary shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Summarise {
    /// Type, subject and the first keys.
    #[default]
    On,
    /// Nothing of the payload: a type from a header at most.
    Off,
}

/// The verification and identification of one source's deliveries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceConfig {
    /// The signature scheme.
    pub scheme: SchemeName,
    /// The places of a delivery's identity.
    id: Vec<Locator>,
    /// The places of the event's type.
    event: Vec<Locator>,
    /// The places of the thing that the event concerns.
    subject: Vec<Locator>,
    /// Said by the configuration; else it follows from the identity.
    on_conflict: Option<OnConflict>,
    /// The headers that are kept for handlers.
    keep_headers: Vec<HeaderName>,
    summary: Summarise,
    /// The places in the body that the locators name.
    pointers: Vec<Pointer>,
}

/// A source as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    scheme: SchemeName,
    id: Option<Vec<Locator>>,
    event: Option<Vec<Locator>>,
    on_conflict: Option<OnConflict>,
    keep_headers: Option<Vec<String>>,
    #[serde(default)]
    summary: Summarise,
}

impl<'de> Deserialize<'de> for SourceConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Written::deserialize(deserializer)?;
        Self::of(written).map_err(serde::de::Error::custom)
    }
}

/// The identity of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity(Found);

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

impl SourceConfig {
    fn of(written: Written) -> Result<Self, String> {
        let scheme = written.scheme.scheme();
        let or = |written: Option<Vec<Locator>>, own: &[&str]| -> Result<Vec<Locator>, String> {
            let own = || {
                own.iter()
                    .map(|text| text.parse().map_err(|error: InvalidLocator| error.to_string()))
            };
            let list = written.map_or_else(|| own().collect(), Ok)?;
            (list.len() <= MAX_ENTRIES)
                .then_some(list)
                .ok_or_else(|| format!("a list has at most {MAX_ENTRIES} entries"))
        };
        let (id, event) = (or(written.id, scheme.id())?, or(written.event, scheme.event())?);
        if id.iter().any(Locator::is_constant) {
            return Err("id: a constant alone is the same for every delivery".to_owned());
        }
        let subject = or(None, scheme.subject())?;
        let keep_headers: Result<Vec<_>, _> = match &written.keep_headers {
            Some(names) if names.len() > MAX_ENTRIES => {
                return Err(format!("keep_headers has at most {MAX_ENTRIES} entries"));
            }
            Some(names) => names.iter().map(|name| kept(name)).collect(),
            None => scheme.keep_headers().iter().map(|name| kept(name)).collect(),
        };
        let mut pointers = Vec::new();
        for pointer in [&id, &event, &subject]
            .into_iter()
            .flatten()
            .flat_map(Locator::pointers)
        {
            if !pointers.contains(pointer) {
                pointers.push(pointer.clone());
            }
        }
        Ok(Self {
            scheme: written.scheme,
            id,
            event,
            subject,
            on_conflict: written.on_conflict,
            keep_headers: keep_headers.map_err(|error| format!("keep_headers: {error}"))?,
            summary: written.summary,
            pointers,
        })
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
    pub fn identity(
        &self,
        headers: &HeaderMap,
        shape: &Shape,
        digest: &PayloadDigest,
    ) -> Result<Option<Identity>, Rejection> {
        let Some(found) = locator::first(&self.id, &self.place(headers, shape, digest)) else {
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
    pub fn describe(
        &self,
        headers: &HeaderMap,
        shape: &Shape,
        digest: &PayloadDigest,
    ) -> (Option<String>, Option<String>) {
        let place = self.place(headers, shape, digest);
        let shown = |locator: &&Locator| self.summary == Summarise::On || locator.pointers().next().is_none();
        let text = |locators: &[Locator]| {
            let shown: Vec<Locator> = locators.iter().filter(shown).cloned().collect();
            locator::first(&shown, &place).map(|found| found.text())
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

    fn place<'a>(&self, headers: &'a HeaderMap, shape: &'a Shape, digest: &'a PayloadDigest) -> Place<'a> {
        Place {
            headers,
            shape,
            digest,
            signs_body: self.scheme.scheme().needs_secret(),
        }
    }

    /// What an operator should know of this source.
    fn warnings(&self) -> Vec<&'static str> {
        let unsigned_first = |locators: &[Locator]| {
            let header = locators.iter().position(Locator::is_header);
            header.is_some_and(|at| locators.iter().skip(at).any(Locator::is_signed_place))
        };
        let signs_body = self.scheme.scheme().needs_secret();
        let mut warnings = Vec::new();
        if self.on_conflict == Some(OnConflict::Duplicate) && (!signs_body || self.id.iter().any(Locator::is_header)) {
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

/// A header that may be kept.
fn kept(name: &str) -> Result<HeaderName, InvalidLocator> {
    let name = locator::header(name)?;
    if ADDRESSES.contains(&name.as_str()) || name.as_str().ends_with("client-ip") {
        return Err(InvalidLocator::Credential);
    }
    Ok(name)
}

/// Every source of a deployment, by name: `{"github": {"scheme": "github"}, …}`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Sources(BTreeMap<SourceName, SourceConfig>);

impl Sources {
    /// Reads the configuration's JSON.
    ///
    /// # Errors
    /// A text for the operator when it is not the expected JSON, names no source, or a name, scheme or locator is unknown.
    pub fn parse(json: &str) -> Result<Self, String> {
        let sources: Self = serde_json::from_str(json).map_err(|error| error.to_string())?;
        if sources.0.is_empty() {
            return Err("at least one source is needed".to_owned());
        }
        Ok(sources)
    }

    /// The source of that name, or none: a text that is no source name is simply unknown.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<(&SourceName, &SourceConfig)> {
        self.0.get_key_value(name)
    }

    /// The names of all sources.
    pub fn names(&self) -> impl Iterator<Item = &SourceName> {
        self.0.keys()
    }

    /// The names of the sources that accept unsigned bodies.
    pub fn unsigned(&self) -> impl Iterator<Item = &SourceName> {
        self.0
            .iter()
            .filter(|(_, config)| !config.scheme.scheme().needs_secret())
            .map(|(name, _)| name)
    }

    /// What an operator should know of the configuration, by source.
    pub fn warnings(&self) -> impl Iterator<Item = (&SourceName, &'static str)> {
        self.0
            .iter()
            .flat_map(|(name, config)| config.warnings().into_iter().map(move |warning| (name, warning)))
    }
}

#[cfg(test)]
mod tests;
