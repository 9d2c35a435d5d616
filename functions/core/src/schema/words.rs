//! The words of the JSON Schema of sources, which a test makes from the tables that the reader uses.

use serde_json::{Map, Value, json};

/// Any character: `.` leaves out line breaks.
pub(crate) const ANY: &str = r"[\s\S]";
/// What a header's name is made of (RFC 9110).
pub(crate) const NAME: &str = "[!#$%&'*+.^_`|~0-9A-Za-z-]";
/// A JSON pointer (RFC 6901).
pub(crate) const POINTER: &str = "/([^~]|~[01])*";

/// An object that has these fields and no other.
#[derive(Default)]
pub(crate) struct Object {
    required: Vec<&'static str>,
    properties: Map<String, Value>,
}

impl Object {
    /// With a field that must be there.
    pub(crate) fn required(mut self, name: &'static str, schema: Value, description: &str) -> Self {
        self.required.push(name);
        self.property(name, schema, description)
    }

    /// With a field that may be absent, for which null stands, too.
    pub(crate) fn field(self, name: &'static str, mut schema: Value, description: &str) -> Self {
        schema["type"] = json!([schema["type"], "null"]);
        if let Some(names) = schema.get_mut("enum").and_then(Value::as_array_mut) {
            names.push(Value::Null);
        }
        self.property(name, schema, description)
    }

    fn property(mut self, name: &str, mut schema: Value, description: &str) -> Self {
        schema["description"] = json!(description);
        assert!(
            self.properties.insert(name.to_owned(), schema).is_none(),
            "{name} twice"
        );
        self
    }

    /// The object.
    pub(crate) fn schema(self) -> Value {
        let mut schema = json!({"type": "object", "additionalProperties": false, "properties": self.properties});
        if !self.required.is_empty() {
            schema["required"] = json!(self.required);
        }
        schema
    }
}

/// A text of this form.
pub(crate) fn text(form: &str) -> Value {
    json!({"type": "string", "pattern": format!("^({form})$")})
}

/// One of some names.
pub(crate) fn one_of<'n>(names: impl IntoIterator<Item = &'n str>) -> Value {
    json!({"type": "string", "enum": names.into_iter().collect::<Vec<_>>()})
}

/// One of the names of a table.
pub(crate) fn name_of<T>(table: &[(&str, T)]) -> Value {
    one_of(table.iter().map(|(name, _)| *name))
}

/// A whole number.
pub(crate) fn number(least: u32, most: u32) -> Value {
    json!({"type": "integer", "minimum": least, "maximum": most})
}

/// True or false, by default false.
pub(crate) fn flag() -> Value {
    json!({"type": "boolean", "default": false})
}

/// A list.
pub(crate) fn list(least: usize, most: usize, items: Value) -> Value {
    json!({"type": "array", "minItems": least, "maxItems": most, "items": items})
}

/// An object whose fields have names of their own.
pub(crate) fn map(most: usize, values: Value) -> Value {
    json!({"type": "object", "maxProperties": most, "additionalProperties": values})
}

/// Also says what holds where the field is absent.
pub(crate) fn or(mut schema: Value, default: Value) -> Value {
    schema["default"] = default;
    schema
}

/// A text with these letters in any case.
pub(crate) fn any_case(text: &str) -> String {
    let letter = |c: char| {
        if c.is_ascii_alphabetic() {
            format!("[{}{}]", c.to_ascii_uppercase(), c.to_ascii_lowercase())
        } else {
            c.to_string()
        }
    };
    text.chars().map(letter).collect()
}

/// One of some texts, in any case.
pub(crate) fn any_of(texts: &[&str]) -> String {
    let texts: Vec<_> = texts.iter().map(|text| any_case(text)).collect();
    format!("({})", texts.join("|"))
}
