//! The places of a request that a verification reads before anything of it is trusted.

use std::borrow::Cow;
use std::str::FromStr;

use http::{HeaderMap, HeaderName};

use super::json::EVERY;
use super::parts::Parts;
use crate::body::Pointer;
use crate::signature::SignatureError;

/// A place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ValuePlace {
    Header(HeaderName),
    /// Every header whose name begins so, in lower case.
    Headers(String),
    Query(String),
    Form(String),
    Json(Pointer),
    /// The whole body, without white space around it.
    Body,
}

/// A text that names no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidPlace {
    #[error("is not header:NAME, header:PREFIX-*, query:NAME, form:NAME, json:/POINTER or, of a jwt, body")]
    Form,
    #[error("is not built yet: the path has the source's name and nothing else")]
    Path,
}

impl FromStr for ValuePlace {
    type Err = InvalidPlace;

    fn from_str(text: &str) -> Result<Self, InvalidPlace> {
        let place = match text.split_once(':') {
            None if text == "body" => Some(Self::Body),
            Some(("header", name)) => match name.strip_suffix('*') {
                Some(prefix) if prefix.ends_with('-') => {
                    let prefix = prefix.parse::<HeaderName>().ok();
                    prefix.map(|prefix| Self::Headers(prefix.as_str().to_owned()))
                }
                Some(_) => None,
                None => name.parse().ok().map(Self::Header),
            },
            Some(("query", name)) if !name.is_empty() => Some(Self::Query(name.to_owned())),
            Some(("form", name)) if !name.is_empty() => Some(Self::Form(name.to_owned())),
            Some(("json", pointer)) => pointer.parse().ok().map(Self::Json),
            Some(("path", _)) => return Err(InvalidPlace::Path),
            _ => None,
        };
        place.ok_or(InvalidPlace::Form)
    }
}

impl ValuePlace {
    /// The texts at this place, each once; none when it is absent or empty.
    ///
    /// # Errors
    /// [`SignatureError::Malformed`] for a value that is no text, and for a header or field that has several different ones:
    /// which of them the producer meant nobody can say.
    pub(crate) fn texts<'p>(&self, parts: &'p Parts<'_>) -> Result<Vec<Cow<'p, str>>, SignatureError> {
        let headers = parts.delivery.headers;
        let one_of = |text: Option<&'p str>| text.map(Cow::Borrowed).into_iter().collect();
        match self {
            Self::Header(name) => Ok(one_of(one(headers, name)?)),
            Self::Headers(prefix) => {
                let names = headers.keys().filter(|name| name.as_str().starts_with(prefix.as_str()));
                let texts: Result<Vec<_>, _> = names.map(|name| one(headers, name)).collect();
                Ok(texts?.into_iter().flatten().map(Cow::Borrowed).collect())
            }
            Self::Query(name) => Ok(one_of(parts.query(name)?)),
            Self::Form(name) => Ok(one_of(parts.field(name)?)),
            Self::Json(pointer) => {
                let texts = parts.json(pointer.keys())?;
                Ok(texts.into_iter().filter(|text| !text.is_empty()).collect())
            }
            Self::Body => {
                let text = std::str::from_utf8(parts.delivery.body).map_err(|_| SignatureError::Malformed)?;
                Ok(one_of(Some(text.trim()).filter(|text| !text.is_empty())))
            }
        }
    }

    /// The one text at this place.
    ///
    /// # Errors
    /// As [`Self::texts`], and when there are several.
    pub(crate) fn text<'p>(&self, parts: &'p Parts<'_>) -> Result<Option<Cow<'p, str>>, SignatureError> {
        let mut texts = self.texts(parts)?.into_iter();
        match (texts.next(), texts.next()) {
            (text, None) => Ok(text),
            _ => Err(SignatureError::Malformed),
        }
    }

    /// True if every text at this place must be right: that of each element of a list.
    pub(crate) fn is_every(&self) -> bool {
        matches!(self, Self::Json(pointer) if pointer.keys().iter().any(|key| key == EVERY))
    }
}

fn one<'d>(headers: &'d HeaderMap, name: &HeaderName) -> Result<Option<&'d str>, SignatureError> {
    let mut values = headers.get_all(name).iter();
    let Some(first) = values.next() else { return Ok(None) };
    if values.any(|other| other != first) {
        return Err(SignatureError::Malformed);
    }
    let text = std::str::from_utf8(first.as_bytes()).map_err(|_| SignatureError::Malformed)?;
    Ok(Some(text.trim()).filter(|text| !text.is_empty()))
}
