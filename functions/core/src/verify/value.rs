//! The places of a request that a verification reads before anything of it is trusted.

use http::{HeaderMap, HeaderName};

use crate::signature::SignatureError;

/// A place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ValuePlace {
    Header(HeaderName),
    /// Every header whose name begins so, in lower case.
    Headers(String),
}

impl ValuePlace {
    /// The texts at this place, each once; none when it is absent or empty.
    ///
    /// # Errors
    /// [`SignatureError::Malformed`] for a value that is no text, and for a header that has several different ones: which of
    /// them the producer meant nobody can say.
    pub(crate) fn texts<'d>(&self, headers: &'d HeaderMap) -> Result<Vec<&'d str>, SignatureError> {
        match self {
            Self::Header(name) => Ok(one(headers, name)?.into_iter().collect()),
            Self::Headers(prefix) => {
                let names = headers.keys().filter(|name| name.as_str().starts_with(prefix.as_str()));
                let texts: Result<Vec<_>, _> = names.map(|name| one(headers, name)).collect();
                Ok(texts?.into_iter().flatten().collect())
            }
        }
    }

    /// The one text at this place.
    ///
    /// # Errors
    /// As [`Self::texts`], and when there are several.
    pub(crate) fn text<'d>(&self, headers: &'d HeaderMap) -> Result<Option<&'d str>, SignatureError> {
        match self.texts(headers)?.as_slice() {
            [] => Ok(None),
            [text] => Ok(Some(text)),
            _ => Err(SignatureError::Malformed),
        }
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
