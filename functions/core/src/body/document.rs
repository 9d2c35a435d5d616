//! The document of a body: what a handler reads, and what locators look into.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::fields::{self, Fields};
use super::form::BodyForm;
use super::token;
use crate::rejection::Rejection;

/// The document of a body of this form, as JSON; none for text, and for an empty body that may be empty.
///
/// # Errors
/// [`Rejection::BodyEmpty`] when there is nothing, [`Rejection::BodyNotForm`] when there are no fields or not the one that has
/// the document, [`Rejection::BodyNotJwt`] when it is no token.
pub fn document<'b>(form: &BodyForm, body: &'b [u8]) -> Result<Option<Cow<'b, [u8]>>, Rejection> {
    match form {
        BodyForm::Json => Ok(Some(Cow::Borrowed(body))),
        BodyForm::Text if body.is_empty() => Err(Rejection::BodyEmpty),
        BodyForm::Empty if !body.is_empty() => Ok(Some(Cow::Borrowed(body)).filter(|_| is_json(body))),
        BodyForm::Text | BodyForm::Empty => Ok(None),
        // Some producers of forms send JSON, too, where they sign the body's hash.
        BodyForm::Form if is_written_otherwise(body) && is_json(body) => Ok(Some(Cow::Borrowed(body))),
        BodyForm::Form => Ok(Some(Cow::Owned(object(of_form(body)?).to_string().into_bytes()))),
        BodyForm::Field(name) => {
            let field = of_form(body)?.into_iter().find(|(known, _)| known == name);
            let (_, json) = field.ok_or(Rejection::BodyNotForm)?;
            Ok(Some(Cow::Owned(json.into_bytes())))
        }
        BodyForm::Jwt => {
            let text = std::str::from_utf8(body).map_err(|_| Rejection::BodyNotUtf8)?;
            token::claims(text)
                .map(|claims| Some(Cow::Owned(claims)))
                .ok_or(Rejection::BodyNotJwt)
        }
    }
}

/// True of JSON and XML. Read as a form, the text would be the name of a field, and names are shown.
fn is_written_otherwise(body: &[u8]) -> bool {
    matches!(body.trim_ascii_start().first(), Some(b'{' | b'[' | b'"' | b'<'))
}

fn is_json(body: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok()
}

/// The fields of a form.
fn of_form(body: &[u8]) -> Result<Fields, Rejection> {
    if body.trim_ascii().is_empty() {
        return Err(Rejection::BodyEmpty);
    }
    if is_written_otherwise(body) {
        return Err(Rejection::BodyNotForm);
    }
    let text = std::str::from_utf8(body).map_err(|_| Rejection::BodyNotUtf8)?;
    fields::fields(text).ok_or(Rejection::BodyNotForm)
}

/// The fields as an object: a text for each name, and a list of texts for one that is there several times.
fn object(fields: Fields) -> Value {
    let mut object = Map::new();
    for (name, value) in fields {
        let value = Value::String(value);
        match object.get_mut(&name) {
            None => drop(object.insert(name, value)),
            Some(Value::Array(values)) => values.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
    Value::Object(object)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(form: &str, body: &str) -> Result<Option<String>, Rejection> {
        let document = document(&form.parse().unwrap(), body.as_bytes())?;
        Ok(document.map(|bytes| String::from_utf8(bytes.into_owned()).unwrap()))
    }

    #[test]
    fn the_document_of_each_form_is_found() {
        for (form, body, expected) in [
            ("json", "[1]", Ok(Some("[1]"))),
            ("json", "", Ok(Some(""))),
            ("form", "b=1&a=x+y&b=2", Ok(Some(r#"{"a":"x y","b":["1","2"]}"#))),
            ("form", "", Err(Rejection::BodyEmpty)),
            ("form", "a=%ff", Err(Rejection::BodyNotForm)),
            ("form", r#"{"a":1}"#, Ok(Some(r#"{"a":1}"#))),
            ("form", " [1]", Ok(Some(" [1]"))),
            ("form", r#"{"a"#, Err(Rejection::BodyNotForm)),
            ("form", "<a>1</a>", Err(Rejection::BodyNotForm)),
            ("form", "items[0]=1", Ok(Some(r#"{"items[0]":"1"}"#))),
            ("form:payload", r#"{"payload":"{}"}"#, Err(Rejection::BodyNotForm)),
            ("form:payload", "x=1&payload=%7B%22a%22%3A1%7D", Ok(Some(r#"{"a":1}"#))),
            ("form:payload", "x=1", Err(Rejection::BodyNotForm)),
            ("jwt", "e30.eyJhIjoxfQ.c2ln\n", Ok(Some(r#"{"a":1}"#))),
            ("jwt", "{}", Err(Rejection::BodyNotJwt)),
            ("text", "<xml/>", Ok(None)),
            ("text", "", Err(Rejection::BodyEmpty)),
            ("empty", "", Ok(None)),
            ("empty", "{}", Ok(Some("{}"))),
            ("empty", "x", Ok(None)),
        ] {
            assert_eq!(
                of(form, body),
                expected.map(|text| text.map(str::to_owned)),
                "{form} {body}"
            );
        }
    }
}
