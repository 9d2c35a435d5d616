//! The written form of alternatives, and what of it is refused.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::alternative::{Alternative, Mac};
use super::encoding::Encoding;
use super::fault::{Faults, Fields};
use super::hash::Hash;
use super::key::KeyForm;
use super::pattern::{Items, Pattern, SIGNATURE};
use super::template::Template;
use super::time::{TimeFormat, TimePlace, TimeRule};
use super::value::ValuePlace;

/// The most alternatives of a source.
const MAX_ALTERNATIVES: usize = 4;
/// The most places, items and separators of a signature.
const MAX_ENTRIES: usize = 8;
/// The longest tolerance, in seconds: a day.
const MAX_TOLERANCE: u32 = 86_400;

/// Kinds.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Hmac,
    Token,
    Basic,
    None,
}

const KINDS: [(&str, Kind); 4] = [
    ("hmac", Kind::Hmac),
    ("token", Kind::Token),
    ("basic", Kind::Basic),
    ("none", Kind::None),
];

/// The fields that one kind has and others have not.
const OF_KINDS: [(&str, &str); 10] = [
    ("hash", "kind hmac"),
    ("key", "kind hmac"),
    ("signed", "kind hmac"),
    ("signature", "kind hmac"),
    ("timestamp", "kind hmac"),
    ("body_unsigned", "kind hmac"),
    ("from", "kind token"),
    ("prefix", "kind token"),
    ("alg", "kind public-key, which is not built yet,"),
    ("algs", "kind jwt, which is not built yet,"),
];

/// Reads the list.
pub(super) fn alternatives(
    path: &str,
    verify: &Value,
    parameters: &BTreeMap<String, String>,
    faults: &mut Faults,
) -> Option<Vec<Alternative>> {
    let list = verify.as_array().filter(|list| (1..=MAX_ALTERNATIVES).contains(&list.len()));
    let Some(list) = list else {
        faults.add(path, format!("must be a list of 1 to {MAX_ALTERNATIVES} alternatives"));
        return None;
    };
    let read: Vec<_> = list
        .iter()
        .enumerate()
        .map(|(at, value)| alternative(Fields::of(format!("{path}[{at}]"), value, faults), parameters, faults))
        .collect();
    let all: Vec<_> = read.into_iter().collect::<Option<_>>()?;
    if all.len() > 1 && all.contains(&Alternative::Unsigned) {
        faults.add(path, "unsigned beside signed accepts everything");
        return None;
    }
    Some(all)
}

fn alternative(
    mut fields: Fields<'_>,
    parameters: &BTreeMap<String, String>,
    faults: &mut Faults,
) -> Option<Alternative> {
    let Some(kind) = fields.get("kind") else {
        faults.add(fields.path("kind"), "must be there");
        return None;
    };
    let _ = kind;
    let kind = fields.one_of("kind", &KINDS, faults)?;
    let alternative = match kind {
        Kind::Hmac => mac(&mut fields, parameters, faults).map(Box::new).map(Alternative::Hmac),
        Kind::Token => token(&mut fields, faults),
        Kind::Basic => Some(Alternative::Basic),
        Kind::None => Some(Alternative::Unsigned),
    };
    fields.finish(&OF_KINDS, faults);
    alternative
}

fn token(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Alternative> {
    let prefix = fields.text("prefix", faults).unwrap_or_default().to_owned();
    let from = places(fields, "from", faults)?;
    Some(Alternative::Token { from, prefix })
}

fn mac(fields: &mut Fields<'_>, parameters: &BTreeMap<String, String>, faults: &mut Faults) -> Option<Mac> {
    let hash = fields.one_of("hash", &Hash::NAMES, faults);
    if fields.get("hash").is_none() {
        faults.add(fields.path("hash"), "must be there");
    }
    let key = match fields.get("key") {
        None => Some(KeyForm::Utf8),
        Some(_) => fields.one_of("key", &KeyForm::NAMES, faults),
    };
    let signed = fields.text("signed", faults).unwrap_or("{body}");
    let template = Template::parse(signed);
    if let Err(error) = &template {
        faults.add(fields.path("signed"), error.to_string());
    }
    let signature = signature(fields, faults);
    let time = match fields.get("timestamp") {
        None => Some(None),
        Some(value) => time(fields.path("timestamp"), value, faults).map(Some),
    };
    let body_unsigned = fields.flag("body_unsigned", faults);
    let mac = Mac {
        hash: hash?,
        key: key?,
        signed: template.ok()?,
        from: signature.0?,
        items: signature.1?,
        encoding: signature.2?,
        time: time?,
    };
    let before = faults.all().len();
    judge(fields, &mac, parameters, body_unsigned, faults);
    (faults.all().len() == before).then_some(mac)
}

/// What each part says for itself, and the whole does not hold.
fn judge(
    fields: &Fields<'_>,
    mac: &Mac,
    parameters: &BTreeMap<String, String>,
    body_unsigned: bool,
    faults: &mut Faults,
) {
    let signed = fields.path("signed");
    if !mac.signed.covers_body() && !body_unsigned {
        faults.add(&signed, "the signature would not protect the body");
    }
    if mac.signed.covers_body() && body_unsigned {
        faults.add(fields.path("body_unsigned"), "the signature covers the body");
    }
    for name in mac.signed.parameters().filter(|name| !parameters.contains_key(*name)) {
        faults.add(&signed, format!("{{parameter:{name}}} is not among the source's parameters"));
    }
    let time_field = match &mac.time {
        Some(TimeRule { from: TimePlace::Field(name), .. }) => Some(name.as_str()),
        _ => None,
    };
    let defined: BTreeSet<&str> = mac.items.patterns.iter().flat_map(Pattern::captures).collect();
    let used: BTreeSet<&str> = mac.signed.captures().chain(time_field).chain([SIGNATURE]).collect();
    for name in used.difference(&defined) {
        faults.add(fields.path("signature"), format!("no item captures {{{name}}}"));
    }
    for name in defined.difference(&used) {
        faults.add(fields.path("signature"), format!("nothing uses what {{{name}}} captures"));
    }
    match &mac.time {
        None if mac.signed.covers_time() => faults.add(&signed, "{timestamp} needs the field timestamp"),
        Some(rule) if rule.tolerance_seconds > 0 && !mac.signed.covers_time() && !covers(mac, rule) => {
            faults.add(fields.path("timestamp"), "the time is not signed: it proves nothing");
        }
        _ => {}
    }
}

/// True if the time is signed under another name.
fn covers(mac: &Mac, rule: &TimeRule) -> bool {
    match &rule.from {
        TimePlace::Value(ValuePlace::Header(name)) => mac.signed.covers_header(name),
        TimePlace::Value(ValuePlace::Headers(_)) => false,
        TimePlace::Field(name) => mac.signed.captures().any(|used| used == name),
    }
}

type Signature = (Option<Vec<ValuePlace>>, Option<Items>, Option<Encoding>);

fn signature(fields: &mut Fields<'_>, faults: &mut Faults) -> Signature {
    let Some(value) = fields.get("signature") else {
        faults.add(fields.path("signature"), "must be there");
        return (None, None, None);
    };
    let mut fields = Fields::of(fields.path("signature"), value, faults);
    let from = places(&mut fields, "from", faults);
    let split = fields.texts("split", 2, faults).unwrap_or_default();
    if split.iter().any(|text| text.is_empty()) {
        faults.add(fields.path("split"), "a separator is not empty");
        return (None, None, None);
    }
    let written = match fields.get("items") {
        None => Some(vec!["{sig}"]),
        Some(_) => fields.texts("items", MAX_ENTRIES, faults),
    };
    let mut patterns = Vec::new();
    for text in written.iter().flatten() {
        match Pattern::parse(text) {
            Ok(pattern) => patterns.push(pattern),
            Err(error) => faults.add(fields.path("items"), format!("{text}: {error}")),
        }
    }
    let is_whole = written.is_some_and(|written| written.len() == patterns.len());
    let split = split.into_iter().map(str::to_owned).collect();
    let encoding = match fields.get("encoding") {
        None => Some(Encoding::Hex),
        Some(_) => fields.one_of("encoding", &Encoding::NAMES, faults),
    };
    fields.finish(&[], faults);
    (from, is_whole.then_some(Items { split, patterns }), encoding)
}

fn time(path: String, value: &Value, faults: &mut Faults) -> Option<TimeRule> {
    let mut fields = Fields::of(path, value, faults);
    let from = fields.text("from", faults);
    let place = from.and_then(|text| match text.strip_prefix("field:") {
        Some(name) => Some(TimePlace::Field(name.to_owned())),
        None => place(text).map(TimePlace::Value),
    });
    if place.is_none() {
        faults.add(fields.path("from"), "is header:NAME or field:NAME");
    }
    let format = match fields.get("format") {
        None => Some(TimeFormat::Seconds),
        Some(_) => fields.one_of("format", &TimeFormat::NAMES, faults),
    };
    let tolerance = match fields.get("tolerance") {
        None => Some(300),
        Some(_) => fields.number("tolerance", MAX_TOLERANCE, faults),
    };
    fields.finish(&[], faults);
    Some(TimeRule {
        from: place?,
        format: format?,
        tolerance_seconds: tolerance?,
    })
}

fn places(fields: &mut Fields<'_>, name: &'static str, faults: &mut Faults) -> Option<Vec<ValuePlace>> {
    if fields.get(name).is_none() {
        faults.add(fields.path(name), "must be there");
        return None;
    }
    let texts = fields.texts(name, MAX_ENTRIES, faults)?;
    let mut places = Vec::new();
    for text in &texts {
        match place(text) {
            Some(place) => places.push(place),
            None => faults.add(fields.path(name), format!("{text} is not header:NAME or header:PREFIX-*")),
        }
    }
    (places.len() == texts.len()).then_some(places)
}

/// A place that a request is read at.
fn place(text: &str) -> Option<ValuePlace> {
    let name = text.strip_prefix("header:")?;
    match name.strip_suffix('*') {
        Some(prefix) if prefix.ends_with('-') => {
            let prefix: http::HeaderName = prefix.parse().ok()?;
            Some(ValuePlace::Headers(prefix.as_str().to_owned()))
        }
        Some(_) => None,
        None => name.parse().ok().map(ValuePlace::Header),
    }
}
