//! Locators: the places of a request that a webhook's identity, type and subject are taken from.
//!
//! `header:NAME`, `json:/POINTER`, `form:NAME`, `hash` (the body's SHA-256) and `const:TEXT` name a place; `A+B` joins places and is there
//! when all of them are. `none` ends a list: nothing after it is looked at.

use std::str::FromStr;

use http::{HeaderMap, HeaderName};

use crate::body::{Pointer, Shape};
use crate::record::PayloadDigest;
use crate::verify::Proven;

/// Headers that carry a credential. Their values would end in the table, in spans and in status answers.
pub(super) const CREDENTIALS: [&str; 4] = ["cookie", "set-cookie", "x-trello-webhook", "x-adobesign-clientid"];

/// Words that name a credential or a signature, wherever they stand in a header's name.
pub(super) const CREDENTIAL_WORDS: [&str; 10] = [
    "signature",
    "hmac",
    "secret",
    "password",
    "credential",
    "authorization",
    "authentication",
    "api-key",
    "apikey",
    "verif-hash",
];

/// The most places that are joined.
pub(super) const MAX_JOINED: usize = 8;

/// What the names of such headers end with.
pub(super) const CREDENTIAL_ENDS: [&str; 3] = ["-auth", "-sig", "-mac"];

/// A place, or several that are joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locator(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Header(HeaderName),
    Json(Pointer),
    /// A field of a form, which is a member of its document.
    Field(Pointer),
    Hash,
    Constant(String),
    Nothing,
}

/// A text that is no locator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidLocator {
    /// No known form.
    #[error(
        "a locator is header:NAME, json:/POINTER, form:NAME, hash, const:TEXT, several of them joined by +, or none"
    )]
    Form,
    /// More places than anybody joins.
    #[error("at most {MAX_JOINED} places are joined by +")]
    Long,
    /// What follows `header:` is no name.
    #[error("not a header name")]
    Header,
    /// The header carries a credential or a signature.
    #[error("a header that carries a credential or a signature cannot be chosen")]
    Credential,
}

/// A request as locators see it.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The document, read for the locators' pointers.
    pub shape: &'a Shape,
    /// The body's digest.
    pub digest: &'a PayloadDigest,
    /// What of the request is signed.
    pub proven: Proven<'a>,
}

/// A text that a locator has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The text of each part.
    pub parts: Vec<String>,
    /// True if the signature covers every part.
    pub is_signed: bool,
    /// True if a part is a text of the body.
    pub is_of_body: bool,
}

impl Found {
    /// The parts as one text.
    #[must_use]
    pub fn text(&self) -> String {
        self.parts.join("+")
    }
}

impl Locator {
    /// The text at this place; absent when a part is not there, empty or blank.
    #[must_use]
    pub fn find(&self, place: &Place<'_>) -> Option<Found> {
        let parts = self.0.iter().map(|part| part.find(place));
        Some(Found {
            parts: parts.collect::<Option<_>>()?,
            is_signed: self.0.iter().all(|part| part.is_signed(&place.proven)),
            is_of_body: self.0.iter().any(|part| matches!(part, Part::Json(_) | Part::Field(_))),
        })
    }

    /// True for `none`.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.0 == [Part::Nothing]
    }

    /// The headers that it reads.
    pub(super) fn headers(&self) -> impl Iterator<Item = &HeaderName> {
        self.0.iter().filter_map(|part| match part {
            Part::Header(name) => Some(name),
            _ => None,
        })
    }

    /// True if it is one header and nothing else.
    pub(super) fn single_header(&self) -> Option<&HeaderName> {
        match self.0.as_slice() {
            [Part::Header(name)] => Some(name),
            _ => None,
        }
    }

    /// True if it reads a field of a form.
    pub(super) fn is_of_form(&self) -> bool {
        self.0.iter().any(|part| matches!(part, Part::Field(_)))
    }

    /// True if a signature over the body covers the place.
    pub(super) fn is_signed_place(&self) -> bool {
        self.0
            .iter()
            .all(|part| matches!(part, Part::Json(_) | Part::Field(_) | Part::Hash))
    }

    /// True if it says the same of every delivery.
    pub(super) fn is_constant(&self) -> bool {
        self.0.iter().all(|part| matches!(part, Part::Constant(_)))
    }

    /// The places in the body.
    pub(super) fn pointers(&self) -> impl Iterator<Item = &Pointer> {
        self.0.iter().filter_map(|part| match part {
            Part::Json(pointer) | Part::Field(pointer) => Some(pointer),
            _ => None,
        })
    }
}

/// The first locator of a list that finds something.
#[must_use]
pub(super) fn first(locators: &[Locator], place: &Place<'_>) -> Option<Found> {
    locators
        .iter()
        .take_while(|locator| !locator.is_none())
        .find_map(|locator| locator.find(place))
}

impl Part {
    fn find(&self, place: &Place<'_>) -> Option<String> {
        let text = match self {
            Self::Header(name) => String::from_utf8_lossy(place.headers.get(name)?.as_bytes())
                .trim()
                .to_owned(),
            Self::Json(pointer) | Self::Field(pointer) => place.shape.text(pointer)?.trim().to_owned(),
            Self::Hash => hex::encode(place.digest),
            Self::Constant(text) => text.clone(),
            Self::Nothing => return None,
        };
        Some(text).filter(|text| !text.is_empty())
    }

    fn is_signed(&self, proven: &Proven<'_>) -> bool {
        match self {
            Self::Header(name) => proven.covers_header(name),
            Self::Json(_) | Self::Field(_) | Self::Hash => proven.covers_body(),
            Self::Constant(_) | Self::Nothing => true,
        }
    }
}

impl FromStr for Part {
    type Err = InvalidLocator;

    fn from_str(text: &str) -> Result<Self, InvalidLocator> {
        match text.split_once(':') {
            Some(("header", name)) => header(name).map(Self::Header),
            Some(("json", pointer)) => pointer.parse().map(Self::Json).map_err(|_| InvalidLocator::Form),
            Some(("form", name)) if !name.is_empty() => Ok(Self::Field(Pointer::field(name))),
            Some(("const", text)) if !text.is_empty() => Ok(Self::Constant(text.to_owned())),
            None if text == "hash" => Ok(Self::Hash),
            _ => Err(InvalidLocator::Form),
        }
    }
}

/// A header that may be chosen.
///
/// # Errors
/// When it is no name, or names one that carries a credential or a signature.
pub(super) fn header(name: &str) -> Result<HeaderName, InvalidLocator> {
    let name = HeaderName::from_str(name).map_err(|_| InvalidLocator::Header)?;
    let text = name.as_str();
    let named = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let ends = |words: &[&str]| words.iter().any(|word| text.ends_with(word));
    // An idempotency token is an identity.
    let carries = CREDENTIALS.contains(&text)
        || named(&CREDENTIAL_WORDS)
        || ends(&CREDENTIAL_ENDS)
        || (named(&["token"]) && !named(&["idempotency"]));
    if carries {
        Err(InvalidLocator::Credential)
    } else {
        Ok(name)
    }
}

impl FromStr for Locator {
    type Err = InvalidLocator;

    fn from_str(text: &str) -> Result<Self, InvalidLocator> {
        if text == "none" {
            return Ok(Self(vec![Part::Nothing]));
        }
        if text.split('+').count() > MAX_JOINED {
            return Err(InvalidLocator::Long);
        }
        text.split('+').map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::{Faults, Setting, Verify};

    fn found(locators: &[&str], body: &str) -> Option<Found> {
        let locators: Vec<Locator> = locators.iter().map(|text| text.parse().unwrap()).collect();
        let pointers: Vec<Pointer> = locators.iter().flat_map(Locator::pointers).cloned().collect();
        let mut headers = HeaderMap::new();
        headers.insert("x-id", "h-1".parse().unwrap());
        headers.insert("x-hook", "7".parse().unwrap());
        headers.insert("x-empty", " ".parse().unwrap());
        let way = r#"[{"kind":"hmac","hash":"sha256","signature":{"from":["header:x-sig"]}}]"#;
        let (way, mut faults) = (serde_json::from_str(way).unwrap(), Faults::default());
        let verify = Verify::read("verify", &way, &Setting::default(), &mut faults).unwrap();
        let place = Place {
            headers: &headers,
            shape: &Shape::read(body.as_bytes(), &pointers).unwrap(),
            digest: &[0xab; 32],
            proven: verify.ways().next().unwrap(),
        };
        first(&locators, &place)
    }

    #[test]
    fn the_first_place_that_says_something_is_taken() {
        let body = r#"{"id":5,"blank":" ","event":{"id":"e-1"},"list":[{"id":"l-1"}],"a/b":"slash","huge":1e999}"#;
        for (locators, expected, is_signed) in [
            (&["header:X-Id"][..], Some("h-1"), false),
            (
                &["header:X-Empty", "header:X-Absent", "json:/event/id"],
                Some("e-1"),
                true,
            ),
            (&["json:/blank", "json:/list/0/id"], Some("l-1"), true),
            (&["json:/id"], Some("5"), true),
            (&["json:/huge"], Some("1e999"), true),
            (&["json:/a~1b"], Some("slash"), true),
            (&["json:/list/1/id", "json:/list/x", "json:/event"], None, true),
            (&["header:X-Id+header:X-Hook"], Some("h-1+7"), false),
            (&["header:X-Id+header:X-Absent", "header:X-Id"], Some("h-1"), false),
            (&["json:/event/id+json:/id"], Some("e-1+5"), true),
            (&["json:/event/id+header:X-Id"], Some("e-1+h-1"), false),
            (&["const:changes"], Some("changes"), true),
            (&["none", "header:X-Id"], None, true),
        ] {
            let found = found(locators, body);
            assert_eq!(found.as_ref().map(Found::text).as_deref(), expected, "{locators:?}");
            assert!(found.is_none_or(|found| found.is_signed == is_signed), "{locators:?}");
        }
        assert_eq!(found(&["hash"], "[]").unwrap().text(), "ab".repeat(32));
    }

    #[test]
    fn an_idempotency_token_is_an_identity_and_no_credential() {
        assert!("header:I-Twilio-Idempotency-Token".parse::<Locator>().is_ok());
    }

    #[test]
    fn what_is_no_locator_says_so() {
        for (text, expected) in [
            ("", InvalidLocator::Form),
            ("X-Id", InvalidLocator::Form),
            ("json:id", InvalidLocator::Form),
            ("const:", InvalidLocator::Form),
            ("hash+none", InvalidLocator::Form),
            ("header:a b", InvalidLocator::Header),
            ("header:Authorization", InvalidLocator::Credential),
            ("header:X-Order-Id+header:Cookie", InvalidLocator::Credential),
            ("header:X-Webhook-Signature", InvalidLocator::Credential),
            ("header:X-Gitlab-Token", InvalidLocator::Credential),
            ("header:X-Shopify-Hmac-SHA256", InvalidLocator::Credential),
        ] {
            assert_eq!(text.parse::<Locator>(), Err(expected), "{text}");
        }
    }
}
