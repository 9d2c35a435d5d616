//! Whether a text is a schema, as `boon` judges it by the draft's own schema.

use std::error::Error;

use boon::{CompileError, Compiler, Schemas, UrlLoader};
use serde::de::IgnoredAny;
use serde_json::{Map, Number};
use tracehook_core::SourceName;

use super::decimal::Decimal;
use super::json::{Kind, Value};
use super::text::readable;

/// How deep a schema's text may be.
const MAX_DEPTH: usize = 128;

/// # Errors
/// A text that says where a text is no JSON.
pub(super) fn is_json(text: &str) -> Result<(), String> {
    serde_json::from_str::<IgnoredAny>(text).map_or_else(|error| Err(error.to_string()), |_| Ok(()))
}

/// # Errors
/// A text that says why a text is no schema.
pub(super) fn is_schema(source: &SourceName, schema: Value<'_>) -> Result<(), String> {
    let schema = in_doubles(schema, MAX_DEPTH).ok_or("the schema is nested too deeply")?;
    let location = format!("schema:///{source}.json");
    let mut compiler = Compiler::new();
    compiler.use_loader(Box::new(Nowhere));
    // `#` adds the causes.
    let described = |error: CompileError| format!("{error:#}");
    compiler.add_resource(&location, schema).map_err(described)?;
    compiler
        .compile(&location, &mut Schemas::new())
        .map(drop)
        .map_err(described)
}

/// Loads nothing.
struct Nowhere;

impl UrlLoader for Nowhere {
    fn load(&self, _: &str) -> Result<serde_json::Value, Box<dyn Error>> {
        Err("a schema refers to its own file only".into())
    }
}

/// The schema with its numbers as doubles. `None` when it is deeper than `depth`.
fn in_doubles(value: Value<'_>, depth: usize) -> Option<serde_json::Value> {
    let depth = depth.checked_sub(1)?;
    Some(match value.kind() {
        Kind::Null => serde_json::Value::Null,
        Kind::False => false.into(),
        Kind::True => true.into(),
        Kind::Number => double(value.raw()).map_or(serde_json::Value::Null, serde_json::Value::Number),
        Kind::String | Kind::Shadowed => readable(value.string().unwrap_or_default()).into(),
        Kind::Array => value
            .items()
            .map(|item| in_doubles(item, depth))
            .collect::<Option<Vec<_>>>()?
            .into(),
        Kind::Object => value
            .members()
            .map(|(key, member)| {
                let name = readable(key.string().unwrap_or_default()).into_owned();
                Some((name, in_doubles(member, depth)?))
            })
            .collect::<Option<Map<_, _>>>()?
            .into(),
    })
}

/// The number, or the double that is nearest to it on its side of zero.
fn double(text: &str) -> Option<Number> {
    let read = serde_json::from_str::<Number>(text).ok();
    let number = Decimal::read(text);
    let is_lost = |read: &Number| read.as_f64() == Some(0.0) && !number.is_zero();
    read.filter(|read| !is_lost(read)).or_else(|| {
        let nearest = if number.is_fraction() {
            f64::MIN_POSITIVE
        } else {
            f64::MAX
        };
        Number::from_f64(if text.starts_with('-') { -nearest } else { nearest })
    })
}
