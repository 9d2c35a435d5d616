//! Signed tokens (RFC 7519) under a shared key or a pasted public key.
//!
//! The configuration names the algorithms; what the token says of itself only chooses among them. Shared and public keys are
//! never mixed, so a public key is never taken for a shared one.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::encoding::Encoding;
use super::hash::Hash;
use super::key::{KeyForm, NoKey};
use super::parts::Parts;
use super::prefix;
use super::proof::Proof;
use super::public_key::{Algorithm, Numbers, PublicKeyForm};
use super::signed::texts;
use super::template::{Setting, Template, Values};
use super::value::ValuePlace;
use crate::secret::Secret;
use crate::signature::SignatureError;

/// Where a token stands, and what it must say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Jwt {
    pub(crate) from: Vec<ValuePlace>,
    pub(crate) prefix: String,
    /// Each with its name.
    pub(crate) algs: Vec<(&'static str, Proof)>,
    pub(crate) claims: Vec<(String, Claim)>,
    pub(crate) bind: Vec<Bind>,
    /// Seconds for which an expired token is taken, and one before its time.
    pub(crate) leeway_seconds: u32,
}

/// What a claim must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Claim {
    /// This, or a list that has it.
    Text(Template),
    Exact(Value),
}

/// A claim that is a hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bind {
    pub(crate) claim: String,
    pub(crate) of: Bound,
    pub(crate) hash: Hash,
    pub(crate) encoding: Encoding,
    /// True if the claim may be absent where the body is empty.
    pub(crate) empty_ok: bool,
}

/// What a claim is a hash of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bound {
    Body,
    Url,
}

impl Bound {
    /// The names in a configuration.
    pub(crate) const NAMES: [(&'static str, Self); 2] = [("body", Self::Body), ("url", Self::Url)];
}

const fn shared(hash: Hash) -> Proof {
    Proof::Hmac(hash, KeyForm::Utf8)
}

const fn public(algorithm: Algorithm) -> Proof {
    Proof::PublicKey(algorithm, PublicKeyForm::Pem)
}

/// The algorithms of RFC 7518 and RFC 8037 that are built.
pub(crate) const ALGORITHMS: [(&str, Proof); 11] = [
    ("HS256", shared(Hash::Sha256)),
    ("HS384", shared(Hash::Sha384)),
    ("HS512", shared(Hash::Sha512)),
    ("RS256", public(Algorithm::RsaPkcs1(Hash::Sha256))),
    ("RS384", public(Algorithm::RsaPkcs1(Hash::Sha384))),
    ("RS512", public(Algorithm::RsaPkcs1(Hash::Sha512))),
    ("PS256", public(Algorithm::RsaPss(Hash::Sha256))),
    ("PS384", public(Algorithm::RsaPss(Hash::Sha384))),
    ("PS512", public(Algorithm::RsaPss(Hash::Sha512))),
    ("ES256", public(Algorithm::P256(Hash::Sha256, Numbers::Fixed))),
    ("EdDSA", public(Algorithm::Ed25519)),
];

impl Jwt {
    pub(crate) fn verify(
        &self,
        parts: &Parts<'_>,
        setting: &Setting,
        secrets: &[Secret],
    ) -> Result<(), SignatureError> {
        let texts = texts(&self.from, parts)?;
        let [text] = texts.as_slice() else {
            return Err(SignatureError::Malformed);
        };
        let text = prefix::after(text, &self.prefix).ok_or(SignatureError::Malformed)?;
        let token = Token::read(text).ok_or(SignatureError::Malformed)?;
        let known = self.algs.iter().find(|(name, _)| token.alg == *name);
        let (_, proof) = known.ok_or(SignatureError::Malformed)?;
        if !proof.is_signed(token.signed.as_bytes(), std::slice::from_ref(&token.signature), secrets) {
            return Err(SignatureError::Mismatch);
        }
        self.judge(&token.claims, parts, setting)
    }

    /// Judges the claims of a token that is rightly signed.
    fn judge(&self, claims: &Map<String, Value>, parts: &Parts<'_>, setting: &Setting) -> Result<(), SignatureError> {
        let values = Values {
            parts,
            timestamp: None,
            captures: &BTreeMap::new(),
            setting,
        };
        for (name, wanted) in &self.claims {
            let given = claims.get(name).ok_or(SignatureError::Mismatch)?;
            let is_it = match wanted {
                Claim::Exact(wanted) => given == wanted,
                Claim::Text(template) => {
                    let wanted = template.fill(&values)?;
                    let is_it = |text: &Value| text.as_str().is_some_and(|text| text.as_bytes() == wanted);
                    is_it(given) || given.as_array().is_some_and(|list| list.iter().any(is_it))
                }
            };
            if !is_it {
                return Err(SignatureError::Mismatch);
            }
        }
        for bind in &self.bind {
            let message = match bind.of {
                Bound::Body => parts.delivery.body.to_vec(),
                Bound::Url => {
                    let url = setting.public_url.as_ref().ok_or(SignatureError::Malformed)?;
                    url.with_query(parts.delivery.query).into_bytes()
                }
            };
            let is_of = match claims.get(&bind.claim).and_then(Value::as_str) {
                None => bind.empty_ok && message.is_empty() && !claims.contains_key(&bind.claim),
                Some(text) => bind
                    .encoding
                    .decode(text)
                    .is_some_and(|given| given == bind.hash.digest(&message)),
            };
            if !is_of {
                return Err(SignatureError::Mismatch);
            }
        }
        self.judge_times(claims, parts)
    }

    fn judge_times(&self, claims: &Map<String, Value>, parts: &Parts<'_>) -> Result<(), SignatureError> {
        let now = parts.delivery.received_at.epoch_ms() as f64 / 1000.0;
        let leeway = f64::from(self.leeway_seconds);
        let time = |name: &str| match claims.get(name) {
            None => Ok(None),
            Some(value) => value.as_f64().map(Some).ok_or(SignatureError::Malformed),
        };
        if time("exp")?.is_some_and(|expires| now > expires + leeway)
            || time("nbf")?.is_some_and(|begins| now < begins - leeway)
        {
            return Err(SignatureError::Stale);
        }
        Ok(())
    }

    /// True if the token holds the payload, or a hash of it.
    pub(crate) fn covers_body(&self) -> bool {
        self.from == [ValuePlace::Body] || self.bind.iter().any(|bind| bind.of == Bound::Body)
    }

    pub(crate) fn takes(&self, secret: &Secret) -> Result<(), NoKey> {
        let taken = self.algs.iter().map(|(_, proof)| proof.takes(secret));
        taken.reduce(Result::or).unwrap_or(Err(NoKey::Form))
    }

    /// The forms of the secret, for the operator.
    pub(crate) fn wanted(&self) -> impl Iterator<Item = String> {
        self.algs.iter().map(|(_, proof)| proof.wanted())
    }
}

struct Token<'t> {
    signed: &'t str,
    alg: String,
    claims: Map<String, Value>,
    signature: Vec<u8>,
}

impl<'t> Token<'t> {
    /// Reads a token; absent when it has another form, or demands an extension.
    fn read(text: &'t str) -> Option<Self> {
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let object = |text: &str| serde_json::from_slice::<Map<String, Value>>(&Encoding::Base64Url.decode(text)?).ok();
        let header = object(header)?;
        if header.contains_key("crit") {
            return None;
        }
        Some(Self {
            signed,
            alg: header.get("alg")?.as_str()?.to_owned(),
            claims: object(claims)?,
            signature: Encoding::Base64Url.decode(signature)?,
        })
    }
}
