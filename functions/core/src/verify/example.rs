//! A delivery that an alternative accepts, made with a secret of its source: for the line that people try.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName};

use super::alternative::Alternative;
use super::parts::Parts;
use super::pattern::{Pattern, SIGNATURE};
use super::proof::Proof;
use super::signed::Signed;
use super::template::{Setting, Values};
use super::time::TimePlace;
use super::value::ValuePlace;
use crate::secret::Secret;
use crate::signature::Delivery;
use crate::timestamp::Timestamp;

/// What an item captures that nobody knows beforehand.
const CAPTURED: &str = "1";

/// The headers of a delivery.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Example {
    pub(crate) headers: Vec<(HeaderName, String)>,
    /// True if one of them is the secret in clear.
    pub(crate) is_secret: bool,
    /// For how long its time is taken, where it has one.
    pub(crate) seconds: Option<u32>,
}

/// Why no delivery can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoExample {
    /// Nobody but the producer can sign.
    #[error("only the producer has the private key")]
    PrivateKey,
    /// The proof, its time or its hash stands in the body or the query.
    #[error("its proof stands in no header")]
    Place,
    /// A value that is signed is not in the example.
    #[error("its signature covers what an example does not have")]
    Covered,
    /// Tokens have claims that nobody can guess.
    #[error("it takes signed tokens")]
    Jwt,
    /// There is no secret, or none of its form.
    #[error("it has no secret that can be used")]
    Secret,
}

/// What a delivery is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ingredients<'a> {
    pub(crate) setting: &'a Setting,
    pub(crate) secret: Option<&'a Secret>,
    pub(crate) body: &'a [u8],
    pub(crate) now: Timestamp,
    /// Stands in headers that are signed.
    pub(crate) id: &'a str,
}

impl Alternative {
    /// The headers with which a body is accepted.
    ///
    /// # Errors
    /// When there are none.
    pub(crate) fn example(&self, with: &Ingredients<'_>) -> Result<Example, NoExample> {
        let secret = with.secret.filter(|secret| self.takes(secret).is_ok());
        let secret = secret.ok_or(NoExample::Secret);
        let in_clear = |name: &HeaderName, value: String| Example {
            headers: vec![(name.clone(), value)],
            is_secret: true,
            seconds: None,
        };
        match self {
            Self::Signed(signed) => signed.example(secret?, with),
            Self::Jwt(_) => Err(NoExample::Jwt),
            Self::Token { from, prefix } => {
                let text = std::str::from_utf8(secret?.expose()).map_err(|_| NoExample::Secret)?;
                Ok(in_clear(header(from)?, format!("{prefix}{text}")))
            }
            Self::Basic => Ok(in_clear(
                &AUTHORIZATION,
                format!("Basic {}", STANDARD.encode(secret?.expose())),
            )),
            Self::Unsigned => Ok(Example::default()),
        }
    }
}

impl Signed {
    fn example(&self, secret: &Secret, with: &Ingredients<'_>) -> Result<Example, NoExample> {
        let Proof::Hmac(hash, form) = self.proof else {
            return Err(NoExample::PrivateKey);
        };
        let key = form.key(secret.expose()).map_err(|_| NoExample::Secret)?;
        let place = header(&self.from)?;
        let mut headers: Vec<(HeaderName, String)> = Vec::new();
        let mut captured: BTreeMap<&str, &str> = self
            .items
            .patterns
            .iter()
            .flat_map(Pattern::captures)
            .map(|name| (name, CAPTURED))
            .collect();
        let time = self.time.as_ref().map(|rule| (rule, rule.format.write(with.now)));
        match &time {
            None => {}
            Some((rule, text)) => match &rule.from {
                TimePlace::Value(ValuePlace::Header(name)) => headers.push((name.clone(), text.clone())),
                TimePlace::Value(_) => return Err(NoExample::Place),
                TimePlace::Field(name) => drop(captured.insert(name, text)),
            },
        }
        if let Some(rule) = &self.body_hash {
            let name = header(std::slice::from_ref(&rule.from))?;
            headers.push((name.clone(), rule.encoding.encode(&rule.hash.digest(with.body))));
        }
        for place in self.template.places() {
            if let ValuePlace::Header(name) = place
                && !headers.iter().any(|(known, _)| known == name)
            {
                headers.push((name.clone(), with.id.to_owned()));
            }
        }
        let mut sent = HeaderMap::new();
        for (name, value) in &headers {
            sent.insert(name, value.parse().map_err(|_| NoExample::Covered)?);
        }
        let delivery = Delivery::post(&sent, with.body, with.now);
        let parts = Parts::of(&delivery);
        let message = self.template.fill(&Values {
            parts: &parts,
            timestamp: time.as_ref().map(|(_, text)| text.as_str()),
            captures: &captured,
            setting: with.setting,
        });
        let mac = hash.mac(&key, &message.map_err(|_| NoExample::Covered)?);
        let signature = self.encoding.encode(&mac.ok_or(NoExample::Secret)?);
        captured.insert(SIGNATURE, &signature);
        headers.insert(0, (place.clone(), self.items.write(&captured)));
        let seconds = time.map(|(rule, _)| rule.tolerance_seconds);
        Ok(Example {
            headers,
            is_secret: false,
            seconds: seconds.filter(|seconds| *seconds > 0),
        })
    }
}

/// The first place, if it is a header.
fn header(from: &[ValuePlace]) -> Result<&HeaderName, NoExample> {
    match from.first() {
        Some(ValuePlace::Header(name)) => Ok(name),
        _ => Err(NoExample::Place),
    }
}
