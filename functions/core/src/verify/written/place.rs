//! The places that an alternative names, and whether a source's body has them.

use super::super::fault::{Faults, Fields};
use super::super::template::Setting;
use super::super::value::ValuePlace;
use crate::body::BodyForm;

/// The most places of a list.
pub(super) const MAX_PLACES: usize = 8;

/// A required list of places.
pub(super) fn places(
    fields: &mut Fields<'_>,
    name: &'static str,
    setting: &Setting,
    faults: &mut Faults,
) -> Option<Vec<ValuePlace>> {
    if fields.is_missing(name, faults) {
        return None;
    }
    let texts = fields.texts(name, MAX_PLACES, faults)?;
    let path = fields.path(name);
    let read: Vec<_> = texts.iter().map(|text| place(&path, text, setting, faults)).collect();
    read.into_iter().collect()
}

/// One place. `body` is none: what is read from it is its own kind's business.
pub(super) fn place(path: &str, text: &str, setting: &Setting, faults: &mut Faults) -> Option<ValuePlace> {
    match text.parse::<ValuePlace>() {
        Ok(place) => {
            fits(path, &place, setting, faults);
            Some(place)
        }
        Err(error) => {
            faults.add(path, format!("{text} {error}"));
            None
        }
    }
}

/// Notes a place that a body of the source's form does not have.
pub(super) fn fits(path: &str, place: &ValuePlace, setting: &Setting, faults: &mut Faults) {
    let body = &setting.body;
    match place {
        ValuePlace::Form(name) if !body.has_fields() => {
            faults.add(
                path,
                format!("form:{name} needs body: form or form:FIELD, and body is {body}"),
            );
        }
        ValuePlace::Json(_) if *body != BodyForm::Json => {
            faults.add(path, format!("json: needs body: json, and body is {body}"));
        }
        _ => {}
    }
}
