//! `format`, as `boon` knows the formats.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use boon::{CompileError, Compiler, SchemaIndex, Schemas};

use super::budget::{Budget, TooExpensive};

/// A format that a text may have.
#[derive(Clone)]
pub(super) struct Format {
    schemas: Arc<Schemas>,
    index: SchemaIndex,
    reading: Reading,
}

/// How a format reads a text, which is what it costs.
#[derive(Debug, Clone, Copy)]
enum Reading {
    Plain,
    /// Names of hosts, which are normalized.
    OfNames,
    /// A regular expression is parsed anew for each class in it.
    Repeated,
}

impl Reading {
    fn of(format: &str) -> Self {
        let has_names = ["hostname", "email", "uri", "iri"]
            .iter()
            .any(|name| format.contains(name));
        match format {
            "regex" => Self::Repeated,
            _ if has_names => Self::OfNames,
            _ => Self::Plain,
        }
    }
}

impl Format {
    /// A format by its name. A name that means nothing is a format that every text has.
    ///
    /// # Errors
    /// A text that names the problem.
    pub(super) fn new(name: &str) -> Result<Self, String> {
        const LOCATION: &str = "schema:///format.json";
        let mut compiler = Compiler::new();
        compiler.enable_format_assertions();
        let mut schemas = Schemas::new();
        let described = |error: CompileError| format!("format {name:?}: {error:#}");
        compiler
            .add_resource(LOCATION, serde_json::json!({ "format": name }))
            .map_err(described)?;
        let index = compiler.compile(LOCATION, &mut schemas).map_err(described)?;
        Ok(Self {
            schemas: Arc::new(schemas),
            index,
            reading: Reading::of(name),
        })
    }

    /// Whether a text has the format.
    ///
    /// # Errors
    /// When it costs more than the budget.
    pub(super) fn has(&self, text: Cow<'_, str>, budget: &mut Budget) -> Result<bool, TooExpensive> {
        let bytes = text.len();
        budget.pay(match self.reading {
            Reading::Plain => 0,
            Reading::OfNames => bytes.saturating_mul(3),
            Reading::Repeated => bytes.saturating_mul(bytes).saturating_mul(8),
        })?;
        budget.pay_for_text(bytes)?;
        let text = serde_json::Value::String(text.into_owned());
        Ok(self.schemas.validate(&text, self.index).is_ok())
    }
}

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Format").finish_non_exhaustive()
    }
}
