//! The written form of the kinds `hmac` and `public-key`.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::alternative::Alternative;
use super::super::encoding::Encoding;
use super::super::fault::{Faults, Fields};
use super::super::hash::Hash;
use super::super::key::KeyForm;
use super::super::pattern::{Items, Pattern, SIGNATURE};
use super::super::proof::Proof;
use super::super::public_key::{Algorithm, PublicKeyForm};
use super::super::signed::{BodyHash, Signed};
use super::super::template::{Setting, Template};
use super::super::time::{TimeFormat, TimePlace, TimeRule};
use super::super::value::ValuePlace;
use super::{NO_URL, place, undefined};

/// The words of a template that look like captures.
const WORDS: [&str; 5] = ["body", "timestamp", "method", "url", "path"];

/// The most items of a signature.
pub(super) const MAX_ITEMS: usize = 8;
/// The longest tolerance, in seconds: two days.
pub(super) const MAX_TOLERANCE: u32 = 172_800;

/// The tolerance of a source that says none, in seconds.
pub(super) const DEFAULT_TOLERANCE: u32 = 300;
/// The separators of groups and of items.
pub(super) const MAX_SEPARATORS: usize = 2;

pub(super) fn hmac(fields: &mut Fields<'_>, setting: &Setting, faults: &mut Faults) -> Option<Alternative> {
    let hash = fields.required_one_of("hash", &Hash::NAMES, faults);
    let key = fields.one_of_or("key", &KeyForm::NAMES, KeyForm::Utf8, faults);
    let proof = hash.zip(key).map(|(hash, key)| Proof::Hmac(hash, key));
    signed(fields, proof, setting, faults)
}

pub(super) fn public_key(fields: &mut Fields<'_>, setting: &Setting, faults: &mut Faults) -> Option<Alternative> {
    let algorithm = fields.required_one_of("alg", &Algorithm::NAMES, faults);
    let key = fields.one_of_or("key", &PublicKeyForm::NAMES, PublicKeyForm::Pem, faults);
    let both = algorithm.zip(key);
    if both.is_some_and(|(algorithm, key)| key.is_raw() && !algorithm.has_raw_keys()) {
        faults.add(fields.path("key"), "an RSA key is pem or spki-base64");
    }
    signed(
        fields,
        both.map(|(algorithm, key)| Proof::PublicKey(algorithm, key)),
        setting,
        faults,
    )
}

fn signed(
    fields: &mut Fields<'_>,
    proof: Option<Proof>,
    setting: &Setting,
    faults: &mut Faults,
) -> Option<Alternative> {
    let template = Template::parse(fields.text("signed", faults).unwrap_or("{body}"));
    if let Err(error) = &template {
        faults.add(fields.path("signed"), error.to_string());
    }
    let signature = signature(fields, setting, faults);
    let time = match fields.get("timestamp") {
        None => Some(None),
        Some(value) => time(fields.path("timestamp"), value, setting, faults).map(Some),
    };
    let body_hash = match fields.get("body_hash") {
        None => Some(None),
        Some(value) => body_hash(fields.path("body_hash"), value, setting, faults).map(Some),
    };
    let body_unsigned = fields.flag("body_unsigned", faults);
    let signed = Signed {
        proof: proof?,
        template: template.ok()?,
        from: signature.0?,
        items: signature.1?,
        encoding: signature.2?,
        time: time?,
        body_hash: body_hash?,
    };
    judge_cover(fields, &signed, setting, body_unsigned, faults);
    judge_names(fields, &signed, setting, faults);
    Some(Alternative::Signed(Box::new(signed)))
}

/// What each part says for itself, and the whole does not hold.
fn judge_cover(fields: &Fields<'_>, signed: &Signed, setting: &Setting, body_unsigned: bool, faults: &mut Faults) {
    let path = fields.path("signed");
    let covers_body = signed.covers_body(&setting.body);
    if !covers_body && !body_unsigned {
        faults.add(&path, "the signature would not protect the body");
    }
    if covers_body && body_unsigned {
        faults.add(fields.path("body_unsigned"), "the signature covers the body");
    }
    if let Some(rule) = &signed.body_hash
        && !signed.template.covers(&rule.from)
    {
        faults.add(fields.path("body_hash"), "the hash is not signed: it proves nothing");
    }
    if signed.template.needs_url() && setting.public_url.is_none() {
        faults.add(&path, NO_URL);
    }
    if signed.template.sorts_form() && !setting.body.has_fields() {
        let body = &setting.body;
        faults.add(
            &path,
            format!("{{form:sorted}} needs body: form or form:FIELD, and body is {body}"),
        );
    }
    for named in signed.template.places() {
        place::fits(&path, named, setting, faults);
    }
    match &signed.time {
        None if signed.template.covers_time() => faults.add(&path, "{timestamp} needs the field timestamp"),
        Some(rule) if rule.tolerance_seconds > 0 && !signs_time(signed, rule, covers_body) => {
            faults.add(fields.path("timestamp"), "the time is not signed: it proves nothing");
        }
        _ => {}
    }
}

/// Captures and parameters that are used are defined, and the reverse.
fn judge_names(fields: &Fields<'_>, signed: &Signed, setting: &Setting, faults: &mut Faults) {
    undefined(&fields.path("signed"), signed.template.parameters(), setting, faults);
    let time_field = match &signed.time {
        Some(TimeRule {
            from: TimePlace::Field(name),
            ..
        }) => Some(name.as_str()),
        _ => None,
    };
    let defined: BTreeSet<&str> = signed.items.patterns.iter().flat_map(Pattern::captures).collect();
    let used: BTreeSet<&str> = signed
        .template
        .captures()
        .chain(time_field)
        .chain([SIGNATURE])
        .collect();
    for name in used.difference(&defined) {
        let near = faults.did_you_mean(name, WORDS);
        faults.add(fields.path("signature"), format!("no item captures {{{name}}}{near}"));
    }
    // Beside a signature, what nothing uses says where the signature is.
    let besides = signed
        .items
        .patterns
        .iter()
        .filter(|pattern| pattern.captures().any(|name| name == SIGNATURE));
    let besides: BTreeSet<&str> = besides.flat_map(Pattern::captures).collect();
    for name in defined.difference(&used).filter(|name| !besides.contains(*name)) {
        faults.add(
            fields.path("signature"),
            format!("nothing uses what {{{name}}} captures"),
        );
    }
}

/// True if the time is among the signed bytes.
fn signs_time(signed: &Signed, rule: &TimeRule, covers_body: bool) -> bool {
    let is_signed_elsewhere = match &rule.from {
        TimePlace::Value(ValuePlace::Json(_) | ValuePlace::Form(_)) if covers_body => true,
        TimePlace::Value(place) => signed.template.covers(place),
        TimePlace::Field(name) => signed.template.covers_capture(name),
    };
    is_signed_elsewhere || signed.template.covers_time()
}

type Signature = (Option<Vec<ValuePlace>>, Option<Items>, Option<Encoding>);

fn signature(fields: &mut Fields<'_>, setting: &Setting, faults: &mut Faults) -> Signature {
    let Some(value) = fields.get("signature") else {
        faults.add(fields.path("signature"), "must be there");
        return (None, None, None);
    };
    let mut fields = Fields::of(fields.path("signature"), value, faults);
    let from = place::places(&mut fields, "from", setting, faults);
    let split = fields.texts("split", MAX_SEPARATORS, faults).unwrap_or_default();
    if split.iter().any(|text| text.is_empty()) {
        faults.add(fields.path("split"), "a separator is not empty");
    }
    let written = match fields.get("items") {
        None => Some(vec!["{sig}"]),
        Some(_) => fields.texts("items", MAX_ITEMS, faults),
    };
    let mut patterns = Vec::new();
    for text in written.iter().flatten() {
        match Pattern::parse(text) {
            Ok(pattern) => patterns.push(pattern),
            Err(error) => faults.add(fields.path("items"), format!("{text}: {error}")),
        }
    }
    let is_whole = written.is_some_and(|written| written.len() == patterns.len());
    let split: Vec<_> = split.into_iter().map(str::to_owned).collect();
    let encoding = fields.one_of_or("encoding", &Encoding::NAMES, Encoding::Hex, faults);
    fields.finish(&[], faults);
    (from, is_whole.then_some(Items { split, patterns }), encoding)
}

fn time(path: String, value: &Value, setting: &Setting, faults: &mut Faults) -> Option<TimeRule> {
    let mut fields = Fields::of(path, value, faults);
    let from = fields
        .required_text("from", faults)
        .and_then(|text| match text.strip_prefix("field:") {
            Some(name) => Some(TimePlace::Field(name.to_owned())),
            None => place::place(&fields.path("from"), text, setting, faults).map(TimePlace::Value),
        });
    let format = fields.one_of_or("format", &TimeFormat::NAMES, TimeFormat::Seconds, faults);
    let tolerance = match fields.get("tolerance") {
        None => Some(DEFAULT_TOLERANCE),
        Some(_) => fields.number("tolerance", MAX_TOLERANCE, faults),
    };
    fields.finish(&[], faults);
    Some(TimeRule {
        from: from?,
        format: format?,
        tolerance_seconds: tolerance?,
    })
}

fn body_hash(path: String, value: &Value, setting: &Setting, faults: &mut Faults) -> Option<BodyHash> {
    let mut fields = Fields::of(path, value, faults);
    let from = fields.required_text("from", faults);
    let from = from.and_then(|text| place::place(&fields.path("from"), text, setting, faults));
    let hash = fields.one_of_or("hash", &Hash::NAMES, Hash::Sha256, faults);
    let encoding = fields.one_of_or("encoding", &Encoding::NAMES, Encoding::Hex, faults);
    fields.finish(&[], faults);
    Some(BodyHash {
        from: from?,
        hash: hash?,
        encoding: encoding?,
    })
}
