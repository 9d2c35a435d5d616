//! The written form of the kind `jwt`.

use serde_json::Value;

use super::super::alternative::Alternative;
use super::super::encoding::Encoding;
use super::super::fault::{Faults, Fields};
use super::super::hash::Hash;
use super::super::jwt::{ALGORITHMS, Bind, Bound, Claim, Jwt};
use super::super::proof::Proof;
use super::super::template::{Setting, Template};
use super::{NO_URL, place, undefined};

/// The most claims, and the most hashes.
pub(super) const MAX_CLAIMS: usize = 8;
/// The longest leeway, in seconds.
pub(super) const MAX_LEEWAY: u32 = 300;

/// Where keys are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keys {
    Secret,
    Pem,
    Fetched,
}

pub(super) const KEYS: [(&str, Keys); 2] = [("secret", Keys::Secret), ("pem", Keys::Pem)];

pub(super) fn jwt(fields: &mut Fields<'_>, setting: &Setting, faults: &mut Faults) -> Option<Alternative> {
    let from = place::places(fields, "from", setting, faults);
    let prefix = fields.text("prefix", faults).unwrap_or_default().to_owned();
    let keys = if fields.get("keys").and_then(Value::as_str) == Some("jwks") {
        faults.add(
            fields.path("keys"),
            "jwks is not built yet: paste the key, with keys: pem",
        );
        Some(Keys::Fetched)
    } else {
        fields.one_of_or("keys", &KEYS, Keys::Secret, faults)
    };
    let algs = algorithms(fields, keys, faults);
    let claims = claims(fields, setting, faults);
    let bind = binds(fields, setting, faults);
    let leeway = match fields.get("leeway") {
        None => Some(0),
        Some(_) => fields.number("leeway", MAX_LEEWAY, faults),
    };
    Some(Alternative::Jwt(Box::new(Jwt {
        from: from?,
        prefix,
        algs: algs?,
        claims: claims?,
        bind: bind?,
        leeway_seconds: leeway?,
    })))
}

fn algorithms(fields: &mut Fields<'_>, keys: Option<Keys>, faults: &mut Faults) -> Option<Vec<(&'static str, Proof)>> {
    let path = fields.path("algs");
    if fields.get("algs").is_none() {
        faults.add(path, "must be there: what a token says of itself is not trusted");
        return None;
    }
    let names = fields.texts("algs", ALGORITHMS.len(), faults)?;
    let mut algorithms = Vec::new();
    for name in names {
        match ALGORITHMS.iter().find(|(known, _)| *known == name) {
            Some(known) => algorithms.push(*known),
            None if name.eq_ignore_ascii_case("none") => faults.add(&path, "none accepts everything"),
            None => {
                let known: Vec<_> = ALGORITHMS.iter().map(|(name, _)| *name).collect();
                faults.add(&path, format!("{name} is not one of {}", known.join(", ")));
            }
        }
    }
    let is_shared = |(_, proof): &(&str, Proof)| matches!(proof, Proof::Hmac(..));
    let shared = algorithms.iter().filter(|known| is_shared(known)).count();
    if shared > 0 && shared < algorithms.len() {
        faults.add(
            &path,
            "shared and public keys are not mixed: a public key would be taken for a shared one",
        );
        return None;
    }
    match keys {
        Some(Keys::Secret) if shared < algorithms.len() => faults.add(&path, "these need keys: pem"),
        Some(Keys::Pem | Keys::Fetched) if shared > 0 => faults.add(&path, "these need keys: secret"),
        _ => {}
    }
    Some(algorithms)
}

fn claims(fields: &mut Fields<'_>, setting: &Setting, faults: &mut Faults) -> Option<Vec<(String, Claim)>> {
    let Some(value) = fields.get("claims") else {
        return Some(Vec::new());
    };
    let path = fields.path("claims");
    let Some(map) = value.as_object().filter(|map| map.len() <= MAX_CLAIMS) else {
        faults.add(path, format!("must be an object of at most {MAX_CLAIMS} claims"));
        return None;
    };
    let mut claims = Vec::new();
    for (name, value) in map {
        let path = format!("{path}.{name}");
        let claim = match value {
            Value::String(text) => match Template::parse(text) {
                Ok(template) if template.is_of_source() => {
                    if template.needs_url() && setting.public_url.is_none() {
                        faults.add(&path, NO_URL);
                    }
                    undefined(&path, template.parameters(), setting, faults);
                    Claim::Text(template)
                }
                Ok(_) => {
                    faults.add(&path, "takes {url}, {path} and {parameter:NAME} only");
                    continue;
                }
                Err(error) => {
                    faults.add(&path, error.to_string());
                    continue;
                }
            },
            Value::Bool(_) | Value::Number(_) => Claim::Exact(value.clone()),
            _ => {
                faults.add(&path, "must be a text, a number, true or false");
                continue;
            }
        };
        claims.push((name.clone(), claim));
    }
    (claims.len() == map.len()).then_some(claims)
}

fn binds(fields: &mut Fields<'_>, setting: &Setting, faults: &mut Faults) -> Option<Vec<Bind>> {
    let Some(value) = fields.get("bind") else {
        return Some(Vec::new());
    };
    let path = fields.path("bind");
    let Some(list) = value.as_array().filter(|list| list.len() <= MAX_CLAIMS) else {
        faults.add(path, format!("must be a list of at most {MAX_CLAIMS} entries"));
        return None;
    };
    let read = list.iter().enumerate().map(|(at, value)| {
        let mut fields = Fields::of(format!("{path}[{at}]"), value, faults);
        let claim = fields.required_text("claim", faults).map(str::to_owned);
        let of = fields.required_one_of("of", &Bound::NAMES, faults);
        let hash = fields.one_of_or("hash", &Hash::NAMES, Hash::Sha256, faults);
        let encoding = fields.one_of_or("encoding", &Encoding::NAMES, Encoding::Hex, faults);
        let empty_ok = fields.flag("empty_ok", faults);
        if of == Some(Bound::Url) && setting.public_url.is_none() {
            faults.add(fields.path("of"), NO_URL);
        }
        fields.finish(&[], faults);
        Some(Bind {
            claim: claim?,
            of: of?,
            hash: hash?,
            encoding: encoding?,
            empty_ok,
        })
    });
    let read: Vec<_> = read.collect();
    read.into_iter().collect()
}
