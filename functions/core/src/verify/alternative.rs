//! One way in which a producer proves itself.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderName;
use http::header::AUTHORIZATION;
use subtle::ConstantTimeEq as _;

use super::jwt::Jwt;
use super::key::NoKey;
use super::parts::Parts;
use super::prefix;
use super::signed::{Signed, texts};
use super::template::Setting;
use super::value::ValuePlace;
use super::verdict::{better, worse};
use crate::body::BodyForm;
use crate::secret::Secret;
use crate::signature::SignatureError;

/// A way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Alternative {
    /// A signature over what a template names.
    Signed(Box<Signed>),
    /// A signed token (RFC 7519).
    Jwt(Box<Jwt>),
    /// The secret itself, after a literal prefix.
    Token { from: Vec<ValuePlace>, prefix: String },
    /// HTTP Basic: the secret is `user:password`.
    Basic,
    /// Nothing, where there is no secret.
    Unsigned,
}

impl Alternative {
    /// Verifies a delivery with every live secret.
    ///
    /// # Errors
    /// When the proof is missing, malformed, given by none of the secrets, or of another time.
    pub(crate) fn verify(
        &self,
        parts: &Parts<'_>,
        setting: &Setting,
        secrets: &[Secret],
    ) -> Result<(), SignatureError> {
        match self {
            Self::Signed(signed) => signed.verify(parts, setting, secrets),
            Self::Jwt(jwt) => jwt.verify(parts, setting, secrets),
            Self::Token { from, prefix } => {
                let judged = from.iter().map(|place| token(place, prefix, parts, secrets));
                judged.reduce(better).unwrap_or(Err(SignatureError::Missing))
            }
            Self::Basic => {
                let texts = texts(&[ValuePlace::Header(AUTHORIZATION)], parts)?;
                let mut given = texts.iter().filter_map(|text| {
                    let (scheme, text) = text.split_once(' ')?;
                    let is_basic = scheme.eq_ignore_ascii_case("basic");
                    is_basic.then(|| STANDARD.decode(text.trim()).ok()).flatten()
                });
                let given = given.next().ok_or(SignatureError::Malformed)?;
                is_secret(&given, secrets)
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

    /// True if the proof covers the payload of a body of this form.
    pub(crate) fn covers_body(&self, form: &BodyForm) -> bool {
        match self {
            Self::Signed(signed) => signed.covers_body(form),
            Self::Jwt(jwt) => jwt.covers_body(),
            Self::Token { .. } | Self::Basic | Self::Unsigned => false,
        }
    }

    /// True if the proof covers a header.
    pub(crate) fn covers_header(&self, name: &HeaderName) -> bool {
        matches!(self, Self::Signed(signed) if signed.covers_header(name))
    }

    /// The header of an HMAC-SHA256 of the body in hex, and what stands before its digits.
    pub(crate) fn hex_header(&self) -> Option<(&HeaderName, &str)> {
        match self {
            Self::Signed(signed) => signed.hex_header(),
            _ => None,
        }
    }

    /// Whether a secret can be a key of this way.
    pub(crate) fn takes(&self, secret: &Secret) -> Result<(), NoKey> {
        match self {
            Self::Signed(signed) => signed.proof.takes(secret),
            Self::Jwt(jwt) => jwt.takes(secret),
            Self::Basic if !secret.expose().contains(&b':') => Err(NoKey::Form),
            Self::Token { .. } | Self::Basic | Self::Unsigned => Ok(()),
        }
    }

    /// The forms of the secret, for the operator.
    pub(crate) fn wanted(&self) -> Vec<String> {
        match self {
            Self::Signed(signed) => vec![signed.proof.wanted()],
            Self::Jwt(jwt) => jwt.wanted().collect(),
            Self::Basic => vec!["user:password".to_owned()],
            Self::Token { .. } | Self::Unsigned => Vec::new(),
        }
    }
}

/// Whether what stands at a place is a secret: one of several texts, or each where every element of a list has to have it.
fn token(place: &ValuePlace, prefix: &str, parts: &Parts<'_>, secrets: &[Secret]) -> Result<(), SignatureError> {
    let texts = texts(std::slice::from_ref(place), parts)?;
    let judged = texts.iter().map(|text| match prefix::after(text, prefix) {
        None | Some("") => Err(SignatureError::Malformed),
        Some(given) => is_secret(given.as_bytes(), secrets),
    });
    let verdict = if place.is_every() {
        judged.reduce(worse)
    } else {
        judged.reduce(better)
    };
    verdict.unwrap_or(Err(SignatureError::Missing))
}

/// Whether this is one of the secrets, compared in constant time.
fn is_secret(given: &[u8], secrets: &[Secret]) -> Result<(), SignatureError> {
    let mut is_secret = false;
    for secret in secrets {
        is_secret |= bool::from(given.ct_eq(secret.expose()));
    }
    if is_secret {
        Ok(())
    } else {
        Err(SignatureError::Mismatch)
    }
}
