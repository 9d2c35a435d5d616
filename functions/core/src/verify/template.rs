//! The template of the signed bytes: `{timestamp}.{body}`.

use std::collections::BTreeMap;

use http::HeaderName;

use super::hash::Hash;
use super::pattern::SIGNATURE;
use super::value::ValuePlace;
use crate::signature::{Delivery, SignatureError};

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
    /// What an item of the signature has captured.
    Captured(String),
    Header {
        place: ValuePlace,
        is_lower: bool,
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
    #[error("{{{0}}} is not a header name")]
    Header(String),
    #[error("{{{0}}} cannot be signed yet: known are body, sha256-hex:body, timestamp, header:NAME, lower:header:NAME, parameter:NAME and what items capture")]
    Unknown(String),
}

/// The values that a template is filled with.
#[derive(Debug)]
pub(crate) struct Values<'a> {
    pub(crate) delivery: &'a Delivery<'a>,
    pub(crate) timestamp: Option<&'a str>,
    pub(crate) captures: &'a BTreeMap<&'a str, &'a str>,
    pub(crate) parameters: &'a BTreeMap<String, String>,
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
    pub(crate) fn fill(&self, values: &Values<'_>) -> Result<Vec<u8>, SignatureError> {
        fill(&self.0, values)
    }

    /// True if the signature covers every byte of the body.
    pub(crate) fn covers_body(&self) -> bool {
        self.0.iter().any(|piece| matches!(piece, Piece::Body | Piece::BodyHash))
    }

    /// True if the time is among the signed bytes as an item of its own.
    pub(crate) fn covers_time(&self) -> bool {
        self.0.contains(&Piece::Timestamp)
    }

    /// The header is among the signed bytes.
    pub(crate) fn covers_header(&self, name: &HeaderName) -> bool {
        let is_it = |piece: &Piece| matches!(piece, Piece::Header { place: ValuePlace::Header(known), .. } if known == name);
        self.0.iter().any(is_it)
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
    let header = |name: &str, is_lower| {
        let parsed = name.parse().map_err(|_| InvalidTemplate::Header(name.to_owned()))?;
        let place = ValuePlace::Header(parsed);
        Ok(Piece::Header { place, is_lower })
    };
    let is_capture = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    match (name, name.split_once(':')) {
        ("body", _) => Ok(Piece::Body),
        ("sha256-hex:body", _) => Ok(Piece::BodyHash),
        ("timestamp", _) => Ok(Piece::Timestamp),
        // A signature of itself.
        (SIGNATURE | "method" | "url" | "path" | "secret", _) => Err(InvalidTemplate::Unknown(name.to_owned())),
        (_, Some(("header", name))) => header(name, false),
        (_, Some(("lower", rest))) => match rest.split_once(':') {
            Some(("header", name)) => header(name, true),
            _ => Err(InvalidTemplate::Unknown(name.to_owned())),
        },
        (_, Some(("parameter", name))) if !name.is_empty() => Ok(Piece::Parameter(name.to_owned())),
        (name, None) if !name.is_empty() && name.chars().all(is_capture) => Ok(Piece::Captured(name.to_owned())),
        _ => Err(InvalidTemplate::Unknown(name.to_owned())),
    }
}

fn fill(pieces: &[Piece], values: &Values<'_>) -> Result<Vec<u8>, SignatureError> {
    let mut signed = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Text(text) => signed.extend(text.as_bytes()),
            Piece::Body => signed.extend(values.delivery.body),
            Piece::BodyHash => signed.extend(hex::encode(Hash::Sha256.digest(values.delivery.body)).as_bytes()),
            Piece::Timestamp => signed.extend(present(values.timestamp)?.as_bytes()),
            Piece::Captured(name) => signed.extend(present(values.captures.get(name.as_str()).copied())?.as_bytes()),
            Piece::Parameter(name) => {
                let text = values.parameters.get(name).map(String::as_str);
                signed.extend(present(text)?.as_bytes());
            }
            Piece::Header { place, is_lower } => {
                let text = present(place.text(values.delivery.headers)?)?;
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
mod tests {
    use http::HeaderMap;

    use super::*;
    use crate::timestamp::Timestamp;

    fn filled(template: &str, timestamp: Option<&str>) -> Result<String, SignatureError> {
        let mut headers = HeaderMap::new();
        headers.insert("x-id", "ID-1".parse().unwrap());
        let delivery = Delivery {
            headers: &headers,
            body: b"{}",
            received_at: Timestamp::from_epoch_ms(0),
        };
        let values = Values {
            delivery: &delivery,
            timestamp,
            captures: &BTreeMap::from([("version", "v3")]),
            parameters: &BTreeMap::from([("app".to_owned(), "app-7".to_owned())]),
        };
        let signed = Template::parse(template).unwrap().fill(&values)?;
        Ok(String::from_utf8(signed).unwrap())
    }

    #[test]
    fn a_template_is_filled_with_what_came() {
        for (template, expected) in [
            ("{body}", Ok("{}")),
            ("{timestamp}.{body}", Ok("12.{}")),
            ("v0:{timestamp}:{body}\n", Ok("v0:12:{}\n")),
            ("{header:X-Id}.{lower:header:X-ID}", Ok("ID-1.id-1")),
            ("{version}{parameter:app}", Ok("v3app-7")),
            (
                "{sha256-hex:body}",
                Ok("44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"),
            ),
            ("[id:{header:X-Id};][no:{header:X-No};]ts", Ok("id:ID-1;ts")),
            ("{header:X-No}", Err(SignatureError::Missing)),
            ("{other}", Err(SignatureError::Missing)),
        ] {
            assert_eq!(filled(template, Some("12")), expected.map(str::to_owned), "{template}");
        }
        assert_eq!(filled("{timestamp}", None), Err(SignatureError::Missing));
    }

    #[test]
    fn what_is_no_template_says_why() {
        for (text, expected) in [
            ("{body", InvalidTemplate::Brace),
            ("body}", InvalidTemplate::Brace),
            ("[{body}", InvalidTemplate::Brace),
            ("{body}]", InvalidTemplate::Brace),
            ("[a[b]c]", InvalidTemplate::Nested),
            ("{header:a b}", InvalidTemplate::Header("a b".to_owned())),
            ("{sig}", InvalidTemplate::Unknown("sig".to_owned())),
            ("{url}", InvalidTemplate::Unknown("url".to_owned())),
            ("{json:/id}", InvalidTemplate::Unknown("json:/id".to_owned())),
            ("{Body}", InvalidTemplate::Unknown("Body".to_owned())),
            ("{}", InvalidTemplate::Unknown(String::new())),
        ] {
            assert_eq!(Template::parse(text), Err(expected), "{text}");
        }
    }
}
