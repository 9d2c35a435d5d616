//! The faults of a configuration, each with its path, and a reader that collects them.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};

use crate::nearest::nearest;

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The place in the configuration: `sources.shop.verify[0].hash`.
    pub path: String,
    /// What is wrong there, without a value that may be secret.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.message)
    }
}

/// What stands before the position of an alternative in a path.
const ALTERNATIVE: &str = "verify[";

/// A path without the position of an alternative: what stands before and after it.
type Place<'f> = (&'f str, &'f str);

impl Fault {
    /// The place, and the position of the alternative if it is in one.
    fn place(&self) -> (Place<'_>, Option<&str>) {
        let parts = self.path.split_once(ALTERNATIVE);
        let parts = parts.and_then(|(before, rest)| Some((before, rest.split_once(']')?)));
        parts.map_or(((&self.path, ""), None), |(before, (position, after))| {
            ((before, after), Some(position))
        })
    }
}

/// Every fault that was found.
#[derive(Debug, Default)]
pub struct Faults {
    all: Vec<Fault>,
    compared: usize,
}

/// The most mistyped names that a near one is looked for: a document with thousands is another one.
const MAX_COMPARED: usize = 20;

impl Faults {
    /// Notes a fault.
    pub fn add(&mut self, path: impl Into<String>, message: impl Into<String>) {
        let (path, message) = (path.into(), message.into());
        self.all.push(Fault { path, message });
    }

    /// All of them in one text. What is said of one field of several alternatives is said once: `verify[0, 1].signed`.
    #[must_use]
    pub fn told(&self) -> String {
        let mut told: Vec<(Place<'_>, Vec<&str>, &str)> = Vec::new();
        let mut known: BTreeMap<(Place<'_>, &str), usize> = BTreeMap::new();
        for fault in &self.all {
            let (place, position) = fault.place();
            let at = *known.entry((place, &fault.message)).or_insert(told.len());
            match (told.get_mut(at), position) {
                (Some((_, positions, _)), Some(position)) => positions.push(position),
                _ => told.push((place, position.into_iter().collect(), &fault.message)),
            }
        }
        let told = told
            .into_iter()
            .map(|((before, after), positions, message)| match positions.as_slice() {
                [] => format!("{before}: {message}"),
                positions => format!("{before}{ALTERNATIVE}{}]{after}: {message}", positions.join(", ")),
            });
        told.collect::<Vec<_>>().join("; ")
    }

    /// The faults in the order in which they were found.
    #[must_use]
    pub fn all(&self) -> &[Fault] {
        &self.all
    }

    /// What is added to the message about an unknown name; empty where no known one is near.
    pub(crate) fn did_you_mean<'n>(&mut self, written: &str, known: impl IntoIterator<Item = &'n str>) -> String {
        self.compared += 1;
        let near = if self.compared > MAX_COMPARED {
            None
        } else {
            nearest(written, known)
        };
        near.map_or_else(String::new, |name| format!(" (did you mean {name}?)"))
    }
}

/// The fields of an object. What nobody has asked for is unknown.
pub(crate) struct Fields<'v> {
    path: String,
    map: Option<&'v Map<String, Value>>,
    known: Vec<&'static str>,
}

impl<'v> Fields<'v> {
    /// The fields of a value at a path.
    pub(crate) fn of(path: String, value: &'v Value, faults: &mut Faults) -> Self {
        let map = value.as_object();
        if map.is_none() {
            faults.add(&path, "must be an object");
        }
        let known = Vec::new();
        Self { path, map, known }
    }

    /// The path of a field.
    pub(crate) fn path(&self, name: &str) -> String {
        format!("{}.{name}", self.path)
    }

    pub(crate) fn get(&mut self, name: &'static str) -> Option<&'v Value> {
        if !self.known.contains(&name) {
            self.known.push(name);
        }
        self.map?.get(name).filter(|value| !value.is_null())
    }

    fn typed<T>(
        &mut self,
        name: &'static str,
        form: &str,
        faults: &mut Faults,
        of: impl FnOnce(&'v Value) -> Option<T>,
    ) -> Option<T> {
        let value = self.get(name)?;
        let read = of(value);
        if read.is_none() {
            faults.add(self.path(name), format!("must be {form}"));
        }
        read
    }

    pub(crate) fn text(&mut self, name: &'static str, faults: &mut Faults) -> Option<&'v str> {
        self.typed(name, "a text", faults, Value::as_str)
    }

    pub(crate) fn flag(&mut self, name: &'static str, faults: &mut Faults) -> bool {
        self.typed(name, "true or false", faults, Value::as_bool)
            .unwrap_or_default()
    }

    pub(crate) fn number(&mut self, name: &'static str, most: u32, faults: &mut Faults) -> Option<u32> {
        let form = format!("a whole number up to {most}");
        self.typed(name, &form, faults, |value| {
            let number = u32::try_from(value.as_u64()?).ok()?;
            (number <= most).then_some(number)
        })
    }

    /// A list of one to `most` texts.
    pub(crate) fn texts(&mut self, name: &'static str, most: usize, faults: &mut Faults) -> Option<Vec<&'v str>> {
        let form = format!("a list of 1 to {most} texts");
        self.typed(name, &form, faults, |value| {
            let list = value.as_array()?;
            let texts: Option<Vec<_>> = list.iter().map(Value::as_str).collect();
            texts.filter(|texts| (1..=most).contains(&texts.len()))
        })
    }

    /// An object of at most `most` members.
    pub(crate) fn map(
        &mut self,
        name: &'static str,
        most: usize,
        faults: &mut Faults,
    ) -> Option<&'v Map<String, Value>> {
        let form = format!("an object of at most {most} members");
        self.typed(name, &form, faults, |value| {
            value.as_object().filter(|map| map.len() <= most)
        })
    }

    /// One of some names.
    pub(crate) fn one_of<T: Copy>(
        &mut self,
        name: &'static str,
        names: &[(&str, T)],
        faults: &mut Faults,
    ) -> Option<T> {
        let text = self.text(name, faults)?;
        let found = names.iter().find(|(known, _)| *known == text).map(|(_, value)| *value);
        if found.is_none() {
            let all: Vec<_> = names.iter().map(|(name, _)| *name).collect();
            let near = faults.did_you_mean(text, all.iter().copied());
            faults.add(self.path(name), format!("is one of {}{near}", all.join(", ")));
        }
        found
    }

    /// One of some names, which must be there.
    pub(crate) fn required_one_of<T: Copy>(
        &mut self,
        name: &'static str,
        names: &[(&str, T)],
        faults: &mut Faults,
    ) -> Option<T> {
        if self.is_missing(name, faults) {
            return None;
        }
        self.one_of(name, names, faults)
    }

    /// One of some names, or this where the field is not there.
    pub(crate) fn one_of_or<T: Copy>(
        &mut self,
        name: &'static str,
        names: &[(&str, T)],
        default: T,
        faults: &mut Faults,
    ) -> Option<T> {
        match self.get(name) {
            None => Some(default),
            Some(_) => self.one_of(name, names, faults),
        }
    }

    /// A text that must be there.
    pub(crate) fn required_text(&mut self, name: &'static str, faults: &mut Faults) -> Option<&'v str> {
        if self.is_missing(name, faults) {
            return None;
        }
        self.text(name, faults)
    }

    /// Notes a field that is not there but must be.
    pub(crate) fn is_missing(&mut self, name: &'static str, faults: &mut Faults) -> bool {
        // What is no object has no fields, and was noted.
        let is_missing = self.get(name).is_none();
        if is_missing && self.map.is_some() {
            faults.add(self.path(name), "must be there");
        }
        is_missing
    }

    /// Notes the fields that nobody has asked for. `others` are the fields of other kinds, each with what is said
    /// of it here.
    pub(crate) fn finish(self, others: &[(&str, &str)], faults: &mut Faults) {
        for name in self.map.into_iter().flat_map(Map::keys) {
            if self.known.contains(&name.as_str()) {
                continue;
            }
            let why = others.iter().find(|(other, _)| other == name);
            let message = why.map_or_else(
                || {
                    let near = faults.did_you_mean(name, self.known.iter().copied());
                    format!("is not known here{near}; known are {}", self.known.join(", "))
                },
                |(_, why)| (*why).to_owned(),
            );
            faults.add(self.path(name), message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_several_alternatives_have_in_common_is_said_once() {
        let mut faults = Faults::default();
        for (path, message) in [
            ("sources.a.verify[0].signed", "set public_url"),
            ("sources.a.verify[0].hash", "must be there"),
            ("sources.a.verify[1].signed", "set public_url"),
            ("sources.b.verify[0].signed", "set public_url"),
            ("sources.a.id[0]", "not a header name"),
            ("sources.a.id[1]", "not a header name"),
            ("sources.a.verify[3].signed", "set public_url"),
        ] {
            faults.add(path, message);
        }
        assert_eq!(
            faults.told(),
            "sources.a.verify[0, 1, 3].signed: set public_url; sources.a.verify[0].hash: must be there; \
             sources.b.verify[0].signed: set public_url; sources.a.id[0]: not a header name; sources.a.id[1]: not a header name"
        );
    }
}
