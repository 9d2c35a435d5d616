//! The faults of a configuration, each with its path, and a reader that collects them.

use std::fmt;

use serde_json::{Map, Value};

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

/// Every fault that was found.
#[derive(Debug, Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Notes a fault.
    pub fn add(&mut self, path: impl Into<String>, message: impl Into<String>) {
        let (path, message) = (path.into(), message.into());
        self.0.push(Fault { path, message });
    }

    /// All of them in one text.
    #[must_use]
    pub fn told(&self) -> String {
        let told: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        told.join("; ")
    }

    /// The faults in the order in which they were found.
    #[must_use]
    pub fn all(&self) -> &[Fault] {
        &self.0
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
            faults.add(self.path(name), format!("is one of {}", all.join(", ")));
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
            let message = match others.iter().find(|(other, _)| other == name) {
                Some((_, why)) => (*why).to_owned(),
                None => format!("is not known here; known are {}", self.known.join(", ")),
            };
            faults.add(self.path(name), message);
        }
    }
}
