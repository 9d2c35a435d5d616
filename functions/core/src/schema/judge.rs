//! `sources.schema.json` in the hands of a validator that is not ours, beside the reader.

use boon::{Compiler, Draft, SchemaIndex, Schemas};
use serde_json::Value;

use super::looser::is_beyond_a_schema;
use crate::Sources;
use crate::verify::Faults;

/// A schema, compiled.
pub(crate) struct Judge {
    schemas: Schemas,
    schema: SchemaIndex,
}

impl Judge {
    /// The schema of sources.
    pub(crate) fn of_sources() -> Self {
        Self::of(&serde_json::from_str(include_str!("../../sources.schema.json")).unwrap())
    }

    pub(crate) fn of(schema: &Value) -> Self {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.set_default_draft(Draft::V2020_12);
        compiler.add_resource("tracehook:schema", schema.clone()).unwrap();
        let schema = compiler.compile("tracehook:schema", &mut schemas).unwrap();
        Self { schemas, schema }
    }

    pub(crate) fn accepts(&self, value: &Value) -> bool {
        self.schemas.validate(value, self.schema).is_ok()
    }

    /// Why a value is refused.
    pub(crate) fn error(&self, value: &Value) -> Option<String> {
        self.schemas
            .validate(value, self.schema)
            .err()
            .map(|error| format!("{error:#}"))
    }

    /// Holds the reader's faults in some sources against the schema: what the reader takes passes, and what passes and is not
    /// taken has no fault but such that a schema cannot say.
    pub(crate) fn agrees(&self, sources: &Value, faults: &Faults) {
        let told: Vec<String> = faults.all().iter().map(ToString::to_string).collect();
        let error = self.error(sources);
        match (&error, told.is_empty()) {
            (Some(error), true) => panic!("the reader takes {sources}: {error}"),
            (None, false) => assert!(
                told.iter().all(|told| is_beyond_a_schema(told)),
                "the schema takes {sources}: {told:?}"
            ),
            _ => {}
        }
    }
}

/// The faults of some sources, and whether they are read.
pub(crate) fn read(sources: &Value) -> (Option<Sources>, Faults) {
    let mut faults = Faults::default();
    let read = Sources::read(sources, &mut faults);
    (read, faults)
}

#[test]
fn the_schema_is_one_of_its_draft() {
    let schema: Value = serde_json::from_str(include_str!("../../sources.schema.json")).unwrap();
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    let draft = schema["$schema"].as_str().unwrap().to_owned();
    let draft = compiler.compile(&draft, &mut schemas).unwrap();
    assert!(schemas.validate(&schema, draft).is_ok());
    assert!(schemas.validate(&serde_json::json!({"type": 7}), draft).is_err());
}

#[test]
fn every_field_says_what_it_is_for() {
    fn look(at: &str, schema: &Value, seen: &mut usize) {
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            let at = format!("{at}.{name}");
            // What a condition says of a field is no field.
            let description = field["description"].as_str().unwrap_or_default();
            assert!(
                description.len() > 8 && description.ends_with('.'),
                "{at}: {description:?}"
            );
            *seen += 1;
            look(&at, field, seen);
            look(&at, &field["items"], seen);
        }
    }
    let schema: Value = serde_json::from_str(include_str!("../../sources.schema.json")).unwrap();
    let mut seen = 0;
    for (name, definition) in schema["$defs"].as_object().unwrap() {
        look(name, definition, &mut seen);
    }
    assert!(seen > 50, "{seen} fields");
}
