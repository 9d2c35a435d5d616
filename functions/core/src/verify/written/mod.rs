//! The written form of alternatives, and what of it is refused.

mod jwt;
mod place;
#[cfg(test)]
pub(crate) mod schema;
mod signed;

use std::collections::BTreeSet;

use serde_json::Value;

use super::alternative::Alternative;
use super::fault::{Faults, Fields};
use super::template::Setting;

/// The most alternatives of a source.
const MAX_ALTERNATIVES: usize = 4;

/// Kinds.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Hmac,
    PublicKey,
    Token,
    Basic,
    Jwt,
    None,
}

const KINDS: [(&str, Kind); 6] = [
    ("hmac", Kind::Hmac),
    ("public-key", Kind::PublicKey),
    ("token", Kind::Token),
    ("basic", Kind::Basic),
    ("jwt", Kind::Jwt),
    ("none", Kind::None),
];

/// The kinds that the format keeps a place for.
pub(crate) const LATER: [&str; 13] = [
    "digest",
    "aws-sns",
    "paypal",
    "adyen",
    "plaid",
    "ebay",
    "apple-jws",
    "contentful",
    "plivo-v3",
    "atlassian-connect",
    "jws-detached",
    "jwks-by-id",
    "http-signature",
];

const HMAC: &str = "only kind hmac has it";
const SIGNED: &str = "only kinds hmac and public-key have it";
const TOKEN: &str = "only kinds token and jwt have it";
const JWT: &str = "only kind jwt has it";

/// The fields that some kinds have and others have not.
const OF_KINDS: [(&str, &str); 17] = [
    ("hash", HMAC),
    ("alg", "only kind public-key has it"),
    ("key", SIGNED),
    ("signed", SIGNED),
    ("signature", SIGNED),
    ("timestamp", SIGNED),
    ("body_hash", SIGNED),
    ("body_unsigned", SIGNED),
    ("from", TOKEN),
    ("prefix", TOKEN),
    ("algs", JWT),
    ("keys", JWT),
    ("claims", JWT),
    ("bind", JWT),
    ("leeway", JWT),
    (
        "jwks",
        "keys that are fetched are not built yet: paste the key, with keys: pem",
    ),
    ("weak", "MD5 and plain digests are not built"),
];

/// Reads the list.
pub(super) fn alternatives(
    path: &str,
    verify: &Value,
    setting: &Setting,
    faults: &mut Faults,
) -> Option<Vec<Alternative>> {
    let list = verify
        .as_array()
        .filter(|list| (1..=MAX_ALTERNATIVES).contains(&list.len()));
    let Some(list) = list else {
        faults.add(path, format!("must be a list of 1 to {MAX_ALTERNATIVES} alternatives"));
        return None;
    };
    let read = list.iter().enumerate().map(|(at, value)| {
        let fields = Fields::of(format!("{path}[{at}]"), value, faults);
        alternative(fields, setting, faults)
    });
    let read: Vec<_> = read.collect();
    let is_unsigned = |value: &Value| value.get("kind").and_then(Value::as_str) == Some("none");
    if list.len() > 1 && list.iter().any(is_unsigned) {
        faults.add(path, "unsigned beside signed accepts everything");
        return None;
    }
    read.into_iter().collect()
}

fn alternative(mut fields: Fields<'_>, setting: &Setting, faults: &mut Faults) -> Option<Alternative> {
    let named = fields.get("kind").and_then(Value::as_str);
    if let Some(kind) = named.filter(|kind| LATER.contains(kind)) {
        let known: Vec<_> = KINDS.iter().map(|(name, _)| *name).collect();
        faults.add(
            fields.path("kind"),
            format!("{kind} is not built yet; built are {}", known.join(", ")),
        );
        return None;
    }
    let alternative = match fields.required_one_of("kind", &KINDS, faults)? {
        Kind::Hmac => signed::hmac(&mut fields, setting, faults),
        Kind::PublicKey => signed::public_key(&mut fields, setting, faults),
        Kind::Jwt => jwt::jwt(&mut fields, setting, faults),
        Kind::Token => {
            let prefix = fields.text("prefix", faults).unwrap_or_default().to_owned();
            let from = place::places(&mut fields, "from", setting, faults);
            from.map(|from| Alternative::Token { from, prefix })
        }
        Kind::Basic => Some(Alternative::Basic),
        Kind::None => Some(Alternative::Unsigned),
    };
    fields.finish(&OF_KINDS, faults);
    alternative
}

/// Notes the names that a configuration uses and does not define.
fn undefined<'n>(path: &str, used: impl Iterator<Item = &'n str>, setting: &Setting, faults: &mut Faults) {
    let used: BTreeSet<_> = used.collect();
    for name in used.into_iter().filter(|name| !setting.parameters.contains_key(*name)) {
        faults.add(
            path,
            format!("{{parameter:{name}}} is not among the source's parameters"),
        );
    }
}

/// What is said where a URL is needed that the source does not have.
const NO_URL: &str = "set public_url; the Host and X-Forwarded headers are not trusted";
