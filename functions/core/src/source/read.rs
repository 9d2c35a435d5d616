//! The written form of a source, and what of it is refused.

use std::collections::BTreeMap;

use http::HeaderName;
use serde_json::{Map, Value};

use super::answer::FixedAnswer;
use super::config::{SourceConfig, Summarise};
use super::conflict::OnConflict;
use super::locator::{self, InvalidLocator, Locator};
use crate::body::{BodyForm, Pointer};
use crate::preset;
use crate::verify::{Faults, Fields, Setting, Verify};

/// The most locators of a list, headers that a source keeps, and parameters.
pub(super) const MAX_ENTRIES: usize = 20;
/// The most labels.
pub(super) const MAX_LABELS: usize = 3;
/// The longest retention, in days.
pub(super) const MAX_RETENTION_DAYS: u32 = 3650;

/// Fields that are refused in words of their own.
const NOT_TAKEN: [(&str, &str); 2] = [
    (
        "challenge",
        "challenges are not built yet: set the webhook up by hand where the producer asks for one",
    ),
    ("about", "is not known here: it is a preset's page"),
];

/// What is read and has no effect yet.
const IN_VAIN: [&str; 1] = ["batch"];

/// Headers that are never kept: they name the sender's machines and not the webhook.
pub(super) const ADDRESSES: [&str; 9] = [
    "x-original-forwarded-for",
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-real-ip",
    "cf-connecting-ip",
    "true-client-ip",
    "cloudfront-viewer-address",
    "via",
];

/// Reads a source. Every fault is told, with its path.
pub(super) fn source(path: &str, written: &Value, faults: &mut Faults) -> Option<SourceConfig> {
    let before = faults.all().len();
    let whole = with_preset(path, written, faults)?;
    let mut fields = Fields::of(path.to_owned(), &whole, faults);
    let _ = fields.get("preset");
    let body = body(&mut fields, faults);
    let setting = Setting {
        parameters: parameters(&mut fields, faults),
        public_url: parsed(&mut fields, "public_url", faults),
        body: body.clone(),
    };
    let verify = fields.get("verify");
    if verify.is_none() {
        faults.add(fields.path("verify"), "must be there, or a preset that has it");
    }
    let verify = verify.and_then(|value| Verify::read(&fields.path("verify"), value, &setting, faults));
    let id = locators(&mut fields, "id", &body, faults);
    if id.iter().flatten().any(Locator::is_constant) {
        faults.add(fields.path("id"), "a constant alone is the same for every delivery");
    }
    let event = locators(&mut fields, "event", &body, faults);
    let subject = locators(&mut fields, "subject", &body, faults);
    let labels = labels(&mut fields, &body, faults);
    let keep_headers = keep_headers(&mut fields, faults);
    let on_conflict = match fields.get("on_conflict") {
        None => None,
        Some(_) => fields.one_of("on_conflict", &OnConflict::NAMES, faults),
    };
    let summary = fields.one_of_or("summary", &Summarise::NAMES, Summarise::On, faults);
    let answer = fields
        .get("answer")
        .and_then(|value| FixedAnswer::read(fields.path("answer"), value, faults));
    let retention_days = fields.number("retention_days", MAX_RETENTION_DAYS, faults);
    if retention_days == Some(0) {
        faults.add(fields.path("retention_days"), "must be at least 1");
    }
    let batch = parsed::<Pointer>(&mut fields, "batch", faults);
    let (probes, allow_unsigned) = (fields.flag("probes", faults), fields.flag("allow_unsigned", faults));
    fields.finish(&NOT_TAKEN, faults);
    if faults.all().len() > before {
        return None;
    }
    let (id, event, subject) = (id?, event?, subject?);
    let all = id
        .iter()
        .chain(&event)
        .chain(&subject)
        .chain(labels.iter().map(|(_, locator)| locator));
    let mut pointers: Vec<Pointer> = Vec::new();
    for pointer in all.flat_map(Locator::pointers) {
        if !pointers.contains(pointer) {
            pointers.push(pointer.clone());
        }
    }
    Some(SourceConfig {
        verify: verify?,
        body,
        batch,
        id,
        event,
        subject,
        labels,
        on_conflict,
        keep_headers,
        summary: summary?,
        answer,
        retention_days,
        probes,
        allow_unsigned,
        asks_in_vain: IN_VAIN
            .iter()
            .any(|name| written.get(name).is_some_and(|value| !value.is_null())),
        pointers,
    })
}

/// The source with the fields of its preset that it does not have itself.
fn with_preset(path: &str, written: &Value, faults: &mut Faults) -> Option<Value> {
    let Some(own) = written.as_object() else {
        faults.add(path, "must be an object");
        return None;
    };
    let mut whole = match own.get("preset") {
        None | Some(Value::Null) => Map::new(),
        Some(name) => preset_of(&format!("{path}.preset"), name, faults)?,
    };
    for (name, value) in own {
        // Null is a field that is not there. A name that no source has stays, so that it is told.
        if !(value.is_null() && whole.contains_key(name)) {
            whole.insert(name.clone(), value.clone());
        }
    }
    Some(Value::Object(whole))
}

fn preset_of(path: &str, name: &Value, faults: &mut Faults) -> Option<Map<String, Value>> {
    let Some(name) = name.as_str() else {
        faults.add(path, "must be a text");
        return None;
    };
    let found = preset::find(name).and_then(|text| serde_json::from_str(text).ok());
    if found.is_none() {
        let why = preset::missing(name).map(|why| format!("{name} has no preset yet: {why}"));
        let why = why.unwrap_or_else(|| {
            let near = faults.did_you_mean(name, preset::names());
            format!("is no preset{near}; PRESETS.md lists them")
        });
        faults.add(path, why);
    }
    found
}

fn body(fields: &mut Fields<'_>, faults: &mut Faults) -> BodyForm {
    match fields.text("body", faults).map(str::parse) {
        None => BodyForm::default(),
        Some(Ok(form)) => form,
        Some(Err::<BodyForm, _>(error)) => {
            faults.add(fields.path("body"), error.to_string());
            BodyForm::default()
        }
    }
}

/// A text of a form of its own.
fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(
    fields: &mut Fields<'_>,
    name: &'static str,
    faults: &mut Faults,
) -> Option<T> {
    match fields.text(name, faults)?.parse() {
        Ok(value) => Some(value),
        Err(error) => {
            faults.add(fields.path(name), format!("{error}"));
            None
        }
    }
}

fn parameters(fields: &mut Fields<'_>, faults: &mut Faults) -> BTreeMap<String, String> {
    let mut parameters = BTreeMap::new();
    for (name, value) in fields.map("parameters", MAX_ENTRIES, faults).into_iter().flatten() {
        match value.as_str().filter(|text| !text.is_empty()) {
            Some(text) => drop(parameters.insert(name.clone(), text.to_owned())),
            None => faults.add(format!("{}.{name}", fields.path("parameters")), "must be a text"),
        }
    }
    parameters
}

fn locators(fields: &mut Fields<'_>, name: &'static str, body: &BodyForm, faults: &mut Faults) -> Option<Vec<Locator>> {
    let Some(value) = fields.get(name) else {
        return Some(Vec::new());
    };
    let path = fields.path(name);
    let Some(list) = value.as_array().filter(|list| list.len() <= MAX_ENTRIES) else {
        faults.add(path, format!("must be a list of at most {MAX_ENTRIES} entries"));
        return None;
    };
    let read = list
        .iter()
        .enumerate()
        .map(|(at, value)| locator_at(&format!("{path}[{at}]"), value, body, faults));
    let read: Vec<_> = read.collect();
    read.into_iter().collect()
}

fn locator_at(path: &str, value: &Value, body: &BodyForm, faults: &mut Faults) -> Option<Locator> {
    let Some(text) = value.as_str() else {
        faults.add(path, "must be a text");
        return None;
    };
    match text.parse::<Locator>() {
        Ok(locator) if locator.is_of_form() && *body != BodyForm::Form => {
            faults.add(path, format!("form: needs body: form, and body is {body}"));
            None
        }
        Ok(locator) => Some(locator),
        Err(error) => {
            faults.add(path, error.to_string());
            None
        }
    }
}

fn labels(fields: &mut Fields<'_>, body: &BodyForm, faults: &mut Faults) -> Vec<(String, Locator)> {
    let mut labels = Vec::new();
    for (name, value) in fields.map("labels", MAX_LABELS, faults).into_iter().flatten() {
        let path = format!("{}.{name}", fields.path("labels"));
        let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if !(1..=20).contains(&name.len()) || !name.chars().all(is_name) {
            faults.add(
                &path,
                "the name of a label has 1 to 20 lower-case letters, digits and _",
            );
        }
        let locator = locator_at(&path, value, body, faults);
        if locator
            .as_ref()
            .is_some_and(|locator| locator.is_none() || locator.is_constant())
        {
            faults.add(&path, "must be a place in the delivery");
        }
        labels.extend(locator.map(|locator| (name.clone(), locator)));
    }
    labels
}

fn keep_headers(fields: &mut Fields<'_>, faults: &mut Faults) -> Vec<HeaderName> {
    let Some(value) = fields.get("keep_headers") else {
        return Vec::new();
    };
    let path = fields.path("keep_headers");
    let Some(list) = value.as_array().filter(|list| list.len() <= MAX_ENTRIES) else {
        faults.add(path, format!("must be a list of at most {MAX_ENTRIES} entries"));
        return Vec::new();
    };
    let mut kept = Vec::new();
    for (at, value) in list.iter().enumerate() {
        match kept_header(value.as_str().unwrap_or_default()) {
            Ok(name) => kept.push(name),
            Err(error) => faults.add(format!("{path}[{at}]"), error.to_string()),
        }
    }
    kept
}

/// A header that may be kept.
pub(super) fn kept_header(name: &str) -> Result<HeaderName, InvalidLocator> {
    let name = locator::header(name)?;
    if ADDRESSES.contains(&name.as_str()) || name.as_str().ends_with("client-ip") {
        return Err(InvalidLocator::Credential);
    }
    Ok(name)
}
