//! One log line as JSON.

use std::fmt;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::Value;
use tracehook_core::Timestamp;
use tracing::field::{Field, Visit};

use super::context::LABELS;

/// The content of one log line.
#[derive(Default)]
pub(super) struct Line {
    message: String,
    /// Context fields of the spans around the event.
    inherited: Vec<(String, String)>,
    /// The event's own fields.
    fields: Vec<(&'static str, Value)>,
}

impl Line {
    /// Adds a context field. The innermost span wins.
    pub(super) fn inherit(&mut self, name: &str, value: &str) {
        match self.inherited.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => value.clone_into(known),
            None => self.inherited.push((name.to_owned(), value.to_owned())),
        }
    }

    fn field(&mut self, field: &Field, value: impl Into<Value>) {
        self.fields.push((field.name(), value.into()));
    }
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.message = format!("{value:?}");
        } else {
            self.field(field, format!("{value:?}"));
        }
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.field(field, value.to_string());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.field(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.field(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.field(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.field(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.field(field, value);
    }
}

/// The object of the field that is one.
fn labels(name: &str, value: &str) -> Option<Value> {
    (name == LABELS).then(|| serde_json::from_str(value).ok()).flatten()
}

/// One JSON object.
pub(super) struct Written {
    pub(super) timestamp: Timestamp,
    pub(super) level: &'static str,
    pub(super) service: &'static str,
    pub(super) target: &'static str,
    pub(super) line: Line,
}

impl Serialize for Written {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("timestamp", &self.timestamp)?;
        map.serialize_entry("level", self.level)?;
        map.serialize_entry("message", &self.line.message)?;
        map.serialize_entry("service", self.service)?;
        for (name, value) in &self.line.inherited {
            // The event's own field wins.
            if self.line.fields.iter().any(|(known, _)| known == name) {
                continue;
            }
            match labels(name, value) {
                Some(labels) => map.serialize_entry(name, &labels)?,
                None => map.serialize_entry(name, value)?,
            }
        }
        for (name, value) in &self.line.fields {
            map.serialize_entry(name, value)?;
        }
        map.serialize_entry("target", self.target)?;
        map.end()
    }
}
