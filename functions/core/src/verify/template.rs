//! The template of the signed bytes: `{timestamp}.{body}`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use http::HeaderName;

use super::hash::Hash;
use super::parts::{self, Parts};
use super::pattern::SIGNATURE;
use super::url::PublicUrl;
use super::value::ValuePlace;
use crate::body::BodyForm;
use crate::signature::SignatureError;

/// A template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Body,
    /// The digits of the body's SHA-256.
    BodyHash,
    Timestamp,
    Method,
    /// The source's own URL, and the query as it was received.
    Url,
    Path,
    /// Every name and value of the form.
    FormSorted,
    /// What an item of the signature has captured.
    Captured(String),
    Value {
        place: ValuePlace,
        is_lower: bool,
        /// True if absent is empty.
        may_be_absent: bool,
    },
    /// A text of the configuration.
    Parameter(String),
    /// Left out when a value in it is absent.
    Optional(Vec<Piece>),
}

/// A text that is no template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidTemplate {
    #[error("a brace or bracket without its other half")]
    Brace,
    #[error("[ ... ] inside of [ ... ]")]
    Nested,
    #[error("{{{0}}} names no header, field or pointer")]
    Place(String),
    #[error("{{secret}} is of kind digest, which is not built yet")]
    Secret,
    #[error(
        "{{{0}}} cannot be signed: known are body, timestamp, method, url, path, form:sorted, sha256-hex:body, header:NAME, query:NAME, form:NAME, json:/POINTER, json?:/POINTER, lower: before one of these, parameter:NAME and what items capture"
    )]
    Unknown(String),
}

/// The values that a template is filled with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Values<'a, 'd> {
    pub(crate) parts: &'a Parts<'d>,
    pub(crate) timestamp: Option<&'a str>,
    pub(crate) captures: &'a BTreeMap<&'a str, &'a str>,
    pub(crate) setting: &'a Setting,
}

/// What a source says for all of its templates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Setting {
    /// Texts that are not secret, by name.
    pub parameters: BTreeMap<String, String>,
    /// Where the producer sends to.
    pub public_url: Option<PublicUrl>,
    /// The form of the body.
    pub body: BodyForm,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// When it has another form or names what cannot be signed.
    pub(crate) fn parse(text: &str) -> Result<Self, InvalidTemplate> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find('[') {
            let (before, after) = rest.split_at(at);
            let (inside, after) = after[1..].split_once(']').ok_or(InvalidTemplate::Brace)?;
            if inside.contains('[') {
                return Err(InvalidTemplate::Nested);
            }
            pieces.extend(flat(before)?);
            pieces.push(Piece::Optional(flat(inside)?));
            rest = after;
        }
        pieces.extend(flat(rest)?);
        Ok(Self(pieces))
    }

    /// The signed bytes.
    ///
    /// # Errors
    /// [`SignatureError::Missing`] when a value is absent, [`SignatureError::Malformed`] when a header has several.
    pub(crate) fn fill(&self, values: &Values<'_, '_>) -> Result<Vec<u8>, SignatureError> {
        fill(&self.0, values)
    }

    /// True if the signature covers the payload of a body of this form: every byte, every field, or the one that is the
    /// payload.
    pub(crate) fn covers_body(&self, form: &BodyForm) -> bool {
        self.0.iter().any(|piece| match (piece, form) {
            (Piece::Body | Piece::BodyHash | Piece::FormSorted, _) => true,
            (
                Piece::Value {
                    place: ValuePlace::Form(name),
                    ..
                },
                BodyForm::Field(field),
            ) => name == field,
            _ => false,
        })
    }

    /// True if the time is among the signed bytes as an item of its own.
    pub(crate) fn covers_time(&self) -> bool {
        self.0.contains(&Piece::Timestamp)
    }

    /// True if what items capture under this name is among the signed bytes, whatever else is absent.
    pub(crate) fn covers_capture(&self, name: &str) -> bool {
        self.0
            .iter()
            .any(|piece| matches!(piece, Piece::Captured(captured) if captured == name))
    }

    /// The header is among the signed bytes.
    pub(crate) fn covers_header(&self, name: &HeaderName) -> bool {
        self.covers(&ValuePlace::Header(name.clone()))
    }

    /// What stands at a place is among the signed bytes, as it is.
    pub(crate) fn covers(&self, wanted: &ValuePlace) -> bool {
        self.0.iter().any(|piece| match piece {
            Piece::Url => matches!(wanted, ValuePlace::Query(_)),
            Piece::Value {
                place,
                is_lower: false,
                may_be_absent: false,
            } => place == wanted,
            _ => false,
        })
    }

    /// True if it is the body alone.
    pub(crate) fn is_body(&self) -> bool {
        self.0 == [Piece::Body]
    }

    /// True if it needs the source's URL.
    pub(crate) fn needs_url(&self) -> bool {
        self.all().any(|piece| matches!(piece, Piece::Url | Piece::Path))
    }

    /// True if nothing of a request is in it but its query.
    pub(crate) fn is_of_source(&self) -> bool {
        self.0
            .iter()
            .all(|piece| matches!(piece, Piece::Text(_) | Piece::Url | Piece::Path | Piece::Parameter(_)))
    }

    /// The places that it is filled from, and whether it takes the fields of a form.
    pub(crate) fn places(&self) -> impl Iterator<Item = &ValuePlace> {
        self.all().filter_map(|piece| match piece {
            Piece::Value { place, .. } => Some(place),
            _ => None,
        })
    }

    /// True if it takes every field of a form.
    pub(crate) fn sorts_form(&self) -> bool {
        self.all().any(|piece| *piece == Piece::FormSorted)
    }

    /// The names of the captures that it needs.
    pub(crate) fn captures(&self) -> impl Iterator<Item = &str> {
        self.all().filter_map(|piece| match piece {
            Piece::Captured(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// The names of the parameters that it needs.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = &str> {
        self.all().filter_map(|piece| match piece {
            Piece::Parameter(name) => Some(name.as_str()),
            _ => None,
        })
    }

    fn all(&self) -> impl Iterator<Item = &Piece> {
        self.0.iter().flat_map(|piece| match piece {
            Piece::Optional(pieces) => pieces.as_slice(),
            piece => std::slice::from_ref(piece),
        })
    }
}

/// The pieces of a text without brackets.
fn flat(text: &str) -> Result<Vec<Piece>, InvalidTemplate> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((literal, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').ok_or(InvalidTemplate::Brace)?;
        if name.contains(['{', ']']) {
            return Err(InvalidTemplate::Brace);
        }
        push_text(&mut pieces, literal)?;
        pieces.push(piece(name)?);
        rest = after;
    }
    push_text(&mut pieces, rest)?;
    Ok(pieces)
}

fn push_text(pieces: &mut Vec<Piece>, text: &str) -> Result<(), InvalidTemplate> {
    if text.contains(['}', ']', '[']) {
        return Err(InvalidTemplate::Brace);
    }
    if !text.is_empty() {
        pieces.push(Piece::Text(text.to_owned()));
    }
    Ok(())
}

fn piece(name: &str) -> Result<Piece, InvalidTemplate> {
    let is_capture = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    match (name, name.split_once(':')) {
        ("body", _) => Ok(Piece::Body),
        ("sha256-hex:body", _) => Ok(Piece::BodyHash),
        ("timestamp", _) => Ok(Piece::Timestamp),
        ("method", _) => Ok(Piece::Method),
        ("url", _) => Ok(Piece::Url),
        ("path", _) => Ok(Piece::Path),
        ("form:sorted", _) => Ok(Piece::FormSorted),
        ("secret", _) => Err(InvalidTemplate::Secret),
        // A signature of itself.
        (SIGNATURE, _) => Err(InvalidTemplate::Unknown(name.to_owned())),
        (_, Some(("parameter", name))) if !name.is_empty() => Ok(Piece::Parameter(name.to_owned())),
        (name, None) if !name.is_empty() && name.chars().all(is_capture) => Ok(Piece::Captured(name.to_owned())),
        (_, Some(("lower", rest))) => value(name, rest, true),
        _ => value(name, name, false),
    }
}

fn value(whole: &str, name: &str, is_lower: bool) -> Result<Piece, InvalidTemplate> {
    let (kind, _) = name.split_once(':').unwrap_or_default();
    if !["header", "query", "form", "json", "json?"].contains(&kind) {
        return Err(InvalidTemplate::Unknown(whole.to_owned()));
    }
    let place = match name.strip_prefix("json?:") {
        Some(pointer) => format!("json:{pointer}").parse(),
        None => name.parse::<ValuePlace>(),
    };
    let place = place.map_err(|_| InvalidTemplate::Place(whole.to_owned()))?;
    if place.is_every() || matches!(place, ValuePlace::Headers(_)) {
        return Err(InvalidTemplate::Place(whole.to_owned()));
    }
    Ok(Piece::Value {
        place,
        is_lower,
        may_be_absent: kind == "json?",
    })
}

fn fill(pieces: &[Piece], values: &Values<'_, '_>) -> Result<Vec<u8>, SignatureError> {
    let (delivery, setting) = (values.parts.delivery, values.setting);
    let mut signed = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Text(text) => signed.extend(text.as_bytes()),
            Piece::Body => signed.extend(delivery.body),
            Piece::BodyHash => signed.extend(hex::encode(Hash::Sha256.digest(delivery.body)).as_bytes()),
            Piece::Timestamp => signed.extend(present(values.timestamp)?.as_bytes()),
            Piece::Method => signed.extend(delivery.method.as_str().as_bytes()),
            Piece::Url => {
                let url = setting.public_url.as_ref().ok_or(SignatureError::Malformed)?;
                signed.extend(url.with_query(delivery.query).as_bytes());
            }
            Piece::Path => {
                let url = setting.public_url.as_ref().ok_or(SignatureError::Malformed)?;
                signed.extend(url.path().as_bytes());
            }
            Piece::FormSorted => {
                let sorted = parts::sorted(values.parts.form()?);
                // The signature of something else would fit an empty form.
                signed.extend(
                    Some(sorted)
                        .filter(|text| !text.is_empty())
                        .ok_or(SignatureError::Malformed)?
                        .as_bytes(),
                );
            }
            Piece::Captured(name) => signed.extend(present(values.captures.get(name.as_str()).copied())?.as_bytes()),
            Piece::Parameter(name) => {
                let text = setting.parameters.get(name).map(String::as_str);
                signed.extend(present(text)?.as_bytes());
            }
            Piece::Value {
                place,
                is_lower,
                may_be_absent,
            } => {
                let text = match place.text(values.parts)? {
                    None if *may_be_absent => Cow::Borrowed(""),
                    text => text.ok_or(SignatureError::Missing)?,
                };
                match is_lower {
                    true => signed.extend(text.to_lowercase().as_bytes()),
                    false => signed.extend(text.as_bytes()),
                }
            }
            Piece::Optional(pieces) => match fill(pieces, values) {
                Ok(bytes) => signed.extend(bytes),
                Err(SignatureError::Missing) => {}
                Err(error) => return Err(error),
            },
        }
    }
    Ok(signed)
}

fn present(text: Option<&str>) -> Result<&str, SignatureError> {
    text.ok_or(SignatureError::Missing)
}

#[cfg(test)]
mod tests;
