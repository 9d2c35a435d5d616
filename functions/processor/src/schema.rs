//! JSON Schemas of sources: files `schemas/SOURCE.json` beside the function's binary, read once at start. In the checkout
//! they are in `functions/processor/schemas`.
//!
//! A schema is whole in itself: a reference to anything outside of its file is refused, and nothing is ever loaded. A check
//! reports the places in the payload and the schema's keywords, never a value.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt;
use std::path::Path;

use boon::{CompileError, Compiler, ErrorKind, SchemaIndex, UrlLoader, ValidationError};
use serde_json::Value;
use tracehook_core::SourceName;

use crate::failure::StepFailure;

/// The code of a payload that violates its source's schema.
pub const SCHEMA_VIOLATION: &str = "schema_violation";

/// The most places of a payload in one message.
const MAX_PLACES: usize = 5;

/// The longest JSON pointer in a message, in characters. A longer one is cut.
const MAX_POINTER_CHARS: usize = 100;

/// The longest list of places, in characters: a failure's message holds 500.
const MAX_LIST_CHARS: usize = 400;

/// The schemas of a deployment, by source.
#[derive(Default)]
pub struct SourceSchemas {
    compiled: boon::Schemas,
    by_source: BTreeMap<SourceName, SchemaIndex>,
}

impl SourceSchemas {
    /// Reads every `SOURCE.json` of a directory. A directory that is not there has none.
    ///
    /// # Errors
    /// A text that names the file and its problem.
    pub fn read(directory: &Path) -> Result<Self, String> {
        let mut schemas = Self::default();
        if !directory.exists() {
            return Ok(schemas);
        }
        let problem = |file: &Path, error: &dyn fmt::Display| format!("{}: {error}", file.display());
        let entries = std::fs::read_dir(directory).map_err(|error| problem(directory, &error))?;
        let mut files = BTreeSet::new();
        for entry in entries {
            files.insert(entry.map_err(|error| problem(directory, &error))?.path());
        }
        for file in files
            .iter()
            .filter(|file| file.extension().is_some_and(|end| end == "json"))
        {
            let name = file.file_stem().unwrap_or_default().to_string_lossy();
            let source = name.parse().map_err(|error| problem(file, &error))?;
            let text = std::fs::read_to_string(file).map_err(|error| problem(file, &error))?;
            schemas.add(source, &text).map_err(|error| problem(file, &error))?;
        }
        Ok(schemas)
    }

    /// Adds the schema of a source.
    ///
    /// # Errors
    /// A text that names the problem with the schema.
    pub fn add(&mut self, source: SourceName, schema: &str) -> Result<(), String> {
        let schema: Value = serde_json::from_str(schema).map_err(|error| error.to_string())?;
        let location = format!("schema:///{source}.json");
        let mut compiler = Compiler::new();
        compiler.use_loader(Box::new(Nowhere));
        compiler.enable_format_assertions();
        // `#` adds the causes.
        let described = |error: CompileError| format!("{error:#}");
        compiler.add_resource(&location, schema).map_err(described)?;
        let index = compiler.compile(&location, &mut self.compiled).map_err(described)?;
        self.by_source.insert(source, index);
        Ok(())
    }

    /// The sources that have one.
    pub fn sources(&self) -> impl Iterator<Item = &SourceName> {
        self.by_source.keys()
    }

    /// Checks a payload against its source's schema, if it has one.
    ///
    /// # Errors
    /// A permanent [`SCHEMA_VIOLATION`] with the places, or the place at which the payload cannot be checked: nested
    /// deeper than 128 levels, or a number that no double holds.
    pub(crate) fn check(&self, source: &SourceName, body: &[u8]) -> Result<(), StepFailure> {
        let Some(index) = self.by_source.get(source) else {
            return Ok(());
        };
        let payload: Value = serde_json::from_slice(body).map_err(|error| {
            let place = format!("line {}, column {}", error.line(), error.column());
            StepFailure::permanent(SCHEMA_VIOLATION, format!("the payload cannot be checked ({place})"))
        })?;
        self.compiled.validate(&payload, *index).map_err(|error| {
            let places = listed(&places(&error));
            StepFailure::permanent(
                SCHEMA_VIOLATION,
                format!("the payload is not as its schema says: {places}"),
            )
        })
    }
}

impl fmt::Debug for SourceSchemas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.sources()).finish()
    }
}

/// Loads nothing.
struct Nowhere;

impl UrlLoader for Nowhere {
    fn load(&self, _: &str) -> Result<Value, Box<dyn Error>> {
        Err("a schema refers to its own file only".into())
    }
}

/// `POINTER (KEYWORD)` of every error that has no cause below it, each once, in the order of the pointers.
fn places(error: &ValidationError<'_, '_>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut waiting = vec![error];
    while let Some(error) = waiting.pop() {
        waiting.extend(&error.causes);
        if error.causes.is_empty() {
            found.insert(format!("{} ({})", pointer(error), keyword(&error.kind)));
        }
    }
    found
}

/// The place of the error as a JSON pointer without line breaks; a long one is cut.
fn pointer(error: &ValidationError<'_, '_>) -> String {
    let whole = error.instance_location.to_string();
    if whole.is_empty() {
        return "the whole".to_owned();
    }
    let mut shown: String = whole
        .chars()
        .filter(|c| !c.is_control())
        .take(MAX_POINTER_CHARS)
        .collect();
    if whole.chars().count() > MAX_POINTER_CHARS {
        shown.push('…');
    }
    shown
}

fn listed(places: &BTreeSet<String>) -> String {
    let mut list = String::new();
    let mut listed = 0;
    for place in places.iter().take(MAX_PLACES) {
        if listed > 0 && list.chars().count() + place.chars().count() > MAX_LIST_CHARS {
            break;
        }
        if listed > 0 {
            list.push_str(", ");
        }
        list.push_str(place);
        listed += 1;
    }
    match places.len() - listed {
        0 => list,
        more => format!("{list} and {more} more"),
    }
}

/// The schema's keyword that is violated.
fn keyword(kind: &ErrorKind<'_, '_>) -> &'static str {
    match kind {
        ErrorKind::Group | ErrorKind::Schema { .. } => "schema",
        ErrorKind::ContentSchema => "contentSchema",
        ErrorKind::PropertyName { .. } => "propertyNames",
        ErrorKind::Reference { kw, .. } => kw,
        ErrorKind::RefCycle { .. } => "$ref",
        ErrorKind::FalseSchema => "false",
        ErrorKind::Type { .. } => "type",
        ErrorKind::Enum { .. } => "enum",
        ErrorKind::Const { .. } => "const",
        ErrorKind::Format { .. } => "format",
        ErrorKind::MinProperties { .. } => "minProperties",
        ErrorKind::MaxProperties { .. } => "maxProperties",
        ErrorKind::AdditionalProperties { .. } => "additionalProperties",
        ErrorKind::Required { .. } => "required",
        ErrorKind::Dependency { .. } => "dependencies",
        ErrorKind::DependentRequired { .. } => "dependentRequired",
        ErrorKind::MinItems { .. } => "minItems",
        ErrorKind::MaxItems { .. } => "maxItems",
        ErrorKind::Contains => "contains",
        ErrorKind::MinContains { .. } => "minContains",
        ErrorKind::MaxContains { .. } => "maxContains",
        ErrorKind::UniqueItems { .. } => "uniqueItems",
        ErrorKind::AdditionalItems { .. } => "additionalItems",
        ErrorKind::MinLength { .. } => "minLength",
        ErrorKind::MaxLength { .. } => "maxLength",
        ErrorKind::Pattern { .. } => "pattern",
        ErrorKind::ContentEncoding { .. } => "contentEncoding",
        ErrorKind::ContentMediaType { .. } => "contentMediaType",
        ErrorKind::Minimum { .. } => "minimum",
        ErrorKind::Maximum { .. } => "maximum",
        ErrorKind::ExclusiveMinimum { .. } => "exclusiveMinimum",
        ErrorKind::ExclusiveMaximum { .. } => "exclusiveMaximum",
        ErrorKind::MultipleOf { .. } => "multipleOf",
        ErrorKind::Not => "not",
        ErrorKind::AllOf => "allOf",
        ErrorKind::AnyOf => "anyOf",
        ErrorKind::OneOf(_) => "oneOf",
    }
}

#[cfg(test)]
mod tests;
