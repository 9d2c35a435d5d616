//! The forms of a body: where in it the document is that a handler reads.

use std::fmt;
use std::str::FromStr;

/// A form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum BodyForm {
    /// JSON, whatever the content type.
    #[default]
    Json,
    /// Fields and values, percent-encoded.
    Form,
    /// JSON in this field of a form.
    Field(String),
    /// A signed token, whose claims are the document.
    Jwt,
    /// Text: there is no document.
    Text,
    /// Nothing is asked of the body, which may be empty.
    Empty,
}

/// A text that names no form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnknownForm {
    /// No such form.
    #[error("is one of json, form, form:FIELD, jwt, text, empty")]
    Unknown,
    /// Multipart bodies are taken as text.
    #[error("multipart is not built yet: text takes such a body as it is")]
    Multipart,
}

impl BodyForm {
    /// True if the body is made of fields and values.
    #[must_use]
    pub const fn has_fields(&self) -> bool {
        matches!(self, Self::Form | Self::Field(_))
    }
}

impl FromStr for BodyForm {
    type Err = UnknownForm;

    fn from_str(text: &str) -> Result<Self, UnknownForm> {
        match (text, text.split_once(':')) {
            ("json", _) => Ok(Self::Json),
            ("form", _) => Ok(Self::Form),
            ("jwt", _) => Ok(Self::Jwt),
            ("text", _) => Ok(Self::Text),
            ("empty", _) => Ok(Self::Empty),
            (_, Some(("form", field))) if !field.is_empty() => Ok(Self::Field(field.to_owned())),
            ("multipart", _) | (_, Some(("multipart", _))) => Err(UnknownForm::Multipart),
            _ => Err(UnknownForm::Unknown),
        }
    }
}

impl fmt::Display for BodyForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json => f.write_str("json"),
            Self::Form => f.write_str("form"),
            Self::Field(field) => write!(f, "form:{field}"),
            Self::Jwt => f.write_str("jwt"),
            Self::Text => f.write_str("text"),
            Self::Empty => f.write_str("empty"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_as_it_is_written() {
        for text in ["json", "form", "form:payload", "jwt", "text", "empty"] {
            assert_eq!(text.parse::<BodyForm>().unwrap().to_string(), text);
        }
        for (text, expected) in [
            ("", UnknownForm::Unknown),
            ("xml", UnknownForm::Unknown),
            ("form:", UnknownForm::Unknown),
            ("JSON", UnknownForm::Unknown),
            ("multipart", UnknownForm::Multipart),
            ("multipart:json", UnknownForm::Multipart),
        ] {
            assert_eq!(text.parse::<BodyForm>(), Err(expected), "{text}");
        }
    }
}
