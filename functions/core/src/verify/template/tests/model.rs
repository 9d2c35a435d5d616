//! Templates and deliveries a second time, as plain data: what is written for people is printed from it, and what is signed is
//! said by a reading of it that shares nothing with the code.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value};
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

const HEADERS: [&str; 3] = ["x-a", "x-b", "x-absent"];
const FIELDS: [&str; 4] = ["a", "b.c", "é d", "json?:a"];
const CAPTURES: [&str; 3] = ["t", "version", "n_1"];
const PARAMETERS: [&str; 2] = ["app", "a b"];
const KEYS: [&str; 6] = ["a", "b/c", "d~e", "0", "1", ""];

/// A template of places that a body of the form has.
pub(super) fn parts(is_form: bool) -> impl Strategy<Value = Vec<Part>> {
    let value = if is_form {
        prop_oneof![header(), query(), select(&FIELDS[..]).prop_map(From::Form)].boxed()
    } else {
        let keys = vec(select(&KEYS[..]), 1..3);
        let json = (keys, any::<bool>()).prop_map(|(keys, may_be_absent)| From::Json(keys, may_be_absent));
        prop_oneof![header(), query(), json].boxed()
    };
    let of_form = if is_form { Part::Sorted } else { Part::Digest };
    let part = prop_oneof![
        3 => select(vec![".", ":", "v0", "\n", "é", " ", "&="]).prop_map(|text| Part::Text(text.to_owned())),
        1 => Just(Part::Body),
        1 => Just(Part::Digest),
        2 => Just(Part::Timestamp),
        1 => Just(Part::Method),
        1 => Just(Part::Url),
        1 => Just(Part::Path),
        2 => Just(of_form),
        1 => select(&CAPTURES[..]).prop_map(Part::Captured),
        1 => select(&PARAMETERS[..]).prop_map(Part::Parameter),
        6 => (value, any::<bool>()).prop_map(|(from, lower)| Part::Value { from, lower }),
    ];
    let optional = vec(part.clone(), 0..4).prop_map(Part::Optional);
    vec(prop_oneof![4 => part, 1 => optional], 0..6)
}

fn header() -> impl Strategy<Value = From> {
    select(&HEADERS[..]).prop_map(From::Header)
}

fn query() -> impl Strategy<Value = From> {
    select(&FIELDS[..]).prop_map(From::Query)
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[ -~]{0,6}", 1 => "\\PC{0,3}", 1 => Just(String::new()), 1 => Just(" A ".to_owned())]
}

fn document() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        text().prop_map(Value::String),
        any::<i64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null),
        (-1e9..1e9).prop_map(Value::from),
    ];
    let key = || select(&KEYS[..]).prop_map(str::to_owned);
    let object =
        |value: BoxedStrategy<Value>| btree_map(key(), value, 0..4).prop_map(|map| Value::Object(Map::from_iter(map)));
    let scalar = scalar.boxed();
    let inner = prop_oneof![
        3 => scalar.clone(),
        1 => object(scalar.clone()),
        1 => vec(scalar, 0..3).prop_map(Value::Array),
    ];
    object(inner.boxed())
}

fn some(names: &'static [&'static str]) -> impl Strategy<Value = BTreeMap<&'static str, String>> {
    btree_map(select(names), text(), 0..=names.len())
}

pub(super) fn world(is_form: bool) -> impl Strategy<Value = World> {
    let fields = || vec((select(&FIELDS[..]).prop_map(str::to_owned), text()), 0..4);
    let bytes = prop_oneof![8 => text().prop_map(String::into_bytes), 1 => Just(b"\xff".to_vec())];
    let headers = vec((select(&HEADERS[..2]), bytes), 0..4);
    let timestamp = proptest::option::weighted(0.8, text());
    let all = (
        document(),
        fields(),
        fields(),
        headers,
        timestamp,
        some(&CAPTURES),
        some(&PARAMETERS),
    );
    all.prop_map(
        move |(document, form, query, headers, timestamp, captures, parameters)| World {
            is_form,
            document,
            form,
            query,
            headers,
            timestamp,
            captures,
            parameters,
        },
    )
}
