//! JSON Schemas of sources: files `schemas/SOURCE.json` beside the function's binary, read once at start. In the checkout
//! they are in `functions/processor/schemas`.
//!
//! A schema is whole in itself: a reference to anything outside of its file is refused, and nothing is ever loaded. A check
//! reports the places in the payload and the schema's keywords, never a value and never a name that the schema does not have.
//!
//! `boon` judges whether a text is a schema. It does not check payloads: it has no bound, keeps every violation, and knows
//! numbers as doubles only. A check here has a budget of work (`budget`), stops at the first violation, and takes numbers
//! as they are written (`decimal`). `serde_json` could keep them too (`arbitrary_precision`), but for every crate of the
//! build at once, where it changes how flattened structures such as the steps' checkpoints are read.

mod budget;
mod check;
mod compile;
mod decimal;
mod draft;
mod equality;
mod format;
mod json;
mod pattern;
mod places;
mod program;
mod resources;
mod text;
mod wellformed;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;
use std::thread;

use tracehook_core::SourceName;
use tracehook_core::body::{self, BODY_LIMIT_BYTES, BodyForm, Coding};

use crate::failure::StepFailure;
use json::Json;
use program::Program;

/// The code of a payload that violates its source's schema.
pub const SCHEMA_VIOLATION: &str = "schema_violation";

/// The code of a payload whose check costs more than a check may.
pub const SCHEMA_TOO_EXPENSIVE: &str = "schema_too_expensive";

/// The stack of a check, in bytes.
const STACK_BYTES: usize = 16 * 1024 * 1024;

/// The schemas of a deployment, by source.
#[derive(Default)]
pub struct SourceSchemas(BTreeMap<SourceName, Program>);

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
        let schema = body::text(schema.as_bytes()).map_err(|error| error.to_string())?;
        wellformed::is_json(&schema)?;
        let json = Json::read(Cow::Owned(schema.into_owned())).ok_or("not JSON")?;
        wellformed::is_schema(&source, json.root())?;
        self.0.insert(source, compile::compile(json)?);
        Ok(())
    }

    /// The sources that have one.
    pub fn sources(&self) -> impl Iterator<Item = &SourceName> {
        self.0.keys()
    }

    /// Checks a payload against its source's schema, if it has one.
    ///
    /// # Errors
    /// A permanent [`SCHEMA_VIOLATION`] with the places, or [`SCHEMA_TOO_EXPENSIVE`].
    pub(crate) fn check(
        &self,
        source: &SourceName,
        body: &[u8],
        coding: Option<Coding>,
        form: &BodyForm,
    ) -> Result<(), StepFailure> {
        let Some(program) = self.0.get(source) else {
            return Ok(());
        };
        let violation = |message: String| StepFailure::permanent(SCHEMA_VIOLATION, message);
        let unreadable = || violation("the payload is not JSON".to_owned());
        let decoded = body::decoded(body, coding, *BODY_LIMIT_BYTES.end()).map_err(|_| unreadable())?;
        let json = body::document(form, &decoded)
            .map_err(|_| unreadable())?
            .ok_or_else(unreadable)?;
        let text = std::str::from_utf8(&json).map_err(|_| unreadable())?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let payload = Json::read(Cow::Borrowed(text)).ok_or_else(unreadable)?;
        let judgement = with_stack(|| {
            check::is_valid(program, &payload).map(|is_valid| (!is_valid).then(|| check::places(program, &payload)))
        });
        match judgement? {
            Ok(None) => Ok(()),
            Ok(Some(places)) => {
                let places = places.describe(&payload, &program.names());
                Err(violation(format!("the payload is not as its schema says: {places}")))
            }
            Err(budget::TooExpensive) => Err(StepFailure::permanent(
                SCHEMA_TOO_EXPENSIVE,
                "the payload is too large or too deep for its schema to be checked",
            )),
        }
    }
}

/// Runs a check with the stack that its depth may need, whatever thread it is called on.
fn with_stack<T: Send>(check: impl FnOnce() -> T + Send) -> Result<T, StepFailure> {
    thread::scope(|scope| {
        let checking = thread::Builder::new()
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, check)
            .map_err(|error| StepFailure::transient("schema_unavailable", error.to_string()))?;
        checking.join().map_err(|panic| std::panic::resume_unwind(panic))
    })
}

impl fmt::Debug for SourceSchemas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.sources()).finish()
    }
}

#[cfg(test)]
mod tests;
