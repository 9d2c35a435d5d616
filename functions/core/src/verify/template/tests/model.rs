//! Templates and deliveries a second time, as plain data: what is written for people is printed from it, and what is signed is
//! said by a reading of it that shares nothing with the code.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;
use sha2::{Digest, Sha256};

/// A part of a template.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Part {
    Text(String),
    Body,
    Digest,
    Timestamp,
    Method,
    Url,
    Path,
    Sorted,
    Captured(&'static str),
    Parameter(&'static str),
    Value { from: From, lower: bool },
    Optional(Vec<Part>),
}

/// Where a value is from.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum From {
    Header(&'static str),
    Query(&'static str),
    Form(&'static str),
    /// The keys of a pointer, and whether absent is empty.
    Json(Vec<&'static str>, bool),
}

/// Why nothing is signed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Not {
    Missing,
    Malformed,
}

/// A delivery, and what its source says.
#[derive(Debug, Clone)]
pub(super) struct World {
    pub(super) is_form: bool,
    pub(super) document: Value,
    pub(super) form: Vec<(String, String)>,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: Vec<(&'static str, Vec<u8>)>,
    pub(super) timestamp: Option<String>,
    pub(super) captures: BTreeMap<&'static str, String>,
    pub(super) parameters: BTreeMap<&'static str, String>,
}

pub(super) const URL: &str = "https://a.example:8443";
pub(super) const PATH: &str = "/in/b";

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Body => f.write_str("{body}"),
            Self::Digest => f.write_str("{sha256-hex:body}"),
            Self::Timestamp => f.write_str("{timestamp}"),
            Self::Method => f.write_str("{method}"),
            Self::Url => f.write_str("{url}"),
            Self::Path => f.write_str("{path}"),
            Self::Sorted => f.write_str("{form:sorted}"),
            Self::Captured(name) => write!(f, "{{{name}}}"),
            Self::Parameter(name) => write!(f, "{{parameter:{name}}}"),
            Self::Value { from, lower } => write!(f, "{{{}{from}}}", if *lower { "lower:" } else { "" }),
            Self::Optional(parts) => write!(f, "[{}]", written(parts)),
        }
    }
}

impl fmt::Display for From {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(name) => write!(f, "header:{name}"),
            Self::Query(name) => write!(f, "query:{name}"),
            Self::Form(name) => write!(f, "form:{name}"),
            Self::Json(keys, may_be_absent) => {
                f.write_str(if *may_be_absent { "json?:" } else { "json:" })?;
                keys.iter()
                    .try_for_each(|key| write!(f, "/{}", key.replace('~', "~0").replace('/', "~1")))
            }
        }
    }
}

/// A template as it is written.
pub(super) fn written(parts: &[Part]) -> String {
    parts.iter().map(ToString::to_string).collect()
}

impl World {
    /// The bytes of the body.
    pub(super) fn body(&self) -> Vec<u8> {
        if self.is_form {
            encoded(&self.form).into_bytes()
        } else {
            self.document.to_string().into_bytes()
        }
    }

    pub(super) fn query(&self) -> String {
        encoded(&self.query)
    }

    /// The signed bytes.
    pub(super) fn signed(&self, parts: &[Part]) -> Result<Vec<u8>, Not> {
        let mut signed = Vec::new();
        for part in parts {
            let text = match part {
                Part::Optional(parts) => match self.signed(parts) {
                    Err(Not::Missing) => continue,
                    inside => {
                        signed.extend(inside?);
                        continue;
                    }
                },
                Part::Text(text) => Some(text.clone()),
                Part::Body => {
                    signed.extend(self.body());
                    continue;
                }
                Part::Digest => Some(hex::encode(Sha256::digest(self.body()))),
                Part::Timestamp => self.timestamp.clone(),
                Part::Method => Some("POST".to_owned()),
                Part::Url if self.query.is_empty() => Some(format!("{URL}{PATH}")),
                Part::Url => Some(format!("{URL}{PATH}?{}", self.query())),
                Part::Path => Some(PATH.to_owned()),
                Part::Sorted => Some(self.sorted()?),
                Part::Captured(name) => self.captures.get(name).cloned(),
                Part::Parameter(name) => self.parameters.get(name).cloned(),
                Part::Value { from, lower } => {
                    let text = self.value(from)?;
                    text.map(|text| if *lower { text.to_lowercase() } else { text })
                }
            };
            signed.extend(text.ok_or(Not::Missing)?.into_bytes());
        }
        Ok(signed)
    }

    fn value(&self, from: &From) -> Result<Option<String>, Not> {
        let fields = |fields: &[(String, String)], wanted: &str| {
            let all = fields.iter().filter(|(name, _)| name == wanted);
            only(all.map(|(_, value)| value.clone()).collect())
        };
        match from {
            From::Header(wanted) => {
                let all = self.headers.iter().filter(|(name, _)| name == wanted);
                let texts: Result<Vec<_>, _> = all.map(|(_, value)| String::from_utf8(value.clone())).collect();
                Ok(only(texts.map_err(|_| Not::Malformed)?)?
                    .map(|text| text.trim().to_owned())
                    .filter(|text| !text.is_empty()))
            }
            From::Query(name) => fields(&self.query, name),
            From::Form(name) => fields(&self.form, name),
            From::Json(keys, may_be_absent) => {
                let at = keys.iter().try_fold(&self.document, |at, key| match at {
                    Value::Object(members) => members.get(*key),
                    Value::Array(items) => items.get(key.parse::<usize>().ok()?),
                    _ => None,
                });
                let text = match at {
                    Some(Value::String(text)) => Some(text.clone()).filter(|text| !text.is_empty()),
                    Some(number @ (Value::Number(_) | Value::Bool(_))) => Some(number.to_string()),
                    _ => None,
                };
                Ok(text.or_else(|| may_be_absent.then(String::new)))
            }
        }
    }

    fn sorted(&self) -> Result<String, Not> {
        let all: BTreeSet<_> = self.form.iter().cloned().collect();
        let text: String = all.into_iter().map(|(name, value)| name + &value).collect();
        if text.is_empty() { Err(Not::Malformed) } else { Ok(text) }
    }
}

/// One value, however often; empty is none.
fn only(values: Vec<String>) -> Result<Option<String>, Not> {
    let different: BTreeSet<_> = values.into_iter().collect();
    match different.len() {
        0 | 1 => Ok(different.into_iter().next().filter(|text| !text.is_empty())),
        _ => Err(Not::Malformed),
    }
}

/// A query: every byte is escaped that is no letter or digit.
fn encoded(fields: &[(String, String)]) -> String {
    let escaped = |text: &String| {
        let byte = |byte: u8| match byte {
            b' ' => "+".to_owned(),
            _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        };
        text.bytes().map(byte).collect::<String>()
    };
    let fields = fields
        .iter()
        .map(|(name, value)| format!("{}={}", escaped(name), escaped(value)));
    fields.collect::<Vec<_>>().join("&")
}
