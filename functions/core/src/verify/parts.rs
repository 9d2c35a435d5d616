//! A request as a verification reads it: its query, form and JSON are read when something of them is asked for, once.

use std::borrow::Cow;
use std::cell::OnceCell;

use super::json;
use crate::body;
use crate::body::fields::{Fields, fields};
use crate::signature::{Delivery, SignatureError};

/// A request.
#[derive(Debug)]
pub(crate) struct Parts<'d> {
    pub(crate) delivery: &'d Delivery<'d>,
    query: OnceCell<Option<Fields>>,
    form: OnceCell<Option<Fields>>,
    text: OnceCell<Option<Cow<'d, str>>>,
}

impl<'d> Parts<'d> {
    pub(crate) fn of(delivery: &'d Delivery<'d>) -> Self {
        let (query, form, text) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        Self {
            delivery,
            query,
            form,
            text,
        }
    }

    /// The one value of a field of the query; none when it is absent or empty.
    ///
    /// # Errors
    /// [`SignatureError::Malformed`] when the query is no text, or the field has several different values.
    pub(crate) fn query(&self, name: &str) -> Result<Option<&str>, SignatureError> {
        let fields = self.query.get_or_init(|| fields(self.delivery.query));
        one(fields.as_ref().ok_or(SignatureError::Malformed)?, name)
    }

    /// The fields of the form.
    ///
    /// # Errors
    /// [`SignatureError::Malformed`] when the body is no form of text.
    pub(crate) fn form(&self) -> Result<&Fields, SignatureError> {
        let read = || fields(std::str::from_utf8(self.delivery.body).ok()?);
        self.form.get_or_init(read).as_ref().ok_or(SignatureError::Malformed)
    }

    /// The one value of a field of the form; none when it is absent or empty.
    ///
    /// # Errors
    /// As [`Self::form`], and when the field has several different values.
    pub(crate) fn field(&self, name: &str) -> Result<Option<&str>, SignatureError> {
        one(self.form()?, name)
    }

    /// The texts, numbers and truths of the JSON body at this path. `*` among the keys is every element of an array.
    ///
    /// # Errors
    /// [`SignatureError::Malformed`] when a key on the path is there twice with different values, or an element lacks it.
    pub(crate) fn json(&self, path: &[String]) -> Result<Vec<Cow<'_, str>>, SignatureError> {
        let read = || body::text(self.delivery.body).ok();
        match self.text.get_or_init(read) {
            Some(text) => json::scalars(text, path),
            None => Ok(Vec::new()),
        }
    }
}

fn one<'f>(fields: &'f Fields, name: &str) -> Result<Option<&'f str>, SignatureError> {
    let mut values = fields.iter().filter(|(known, _)| known == name).map(|(_, value)| value);
    let Some(first) = values.next() else { return Ok(None) };
    if values.any(|other| other != first) {
        return Err(SignatureError::Malformed);
    }
    Ok(Some(first.as_str()).filter(|text| !text.is_empty()))
}

/// Names and values joined without separators: names sorted by their bytes, the values of one name sorted and each once.
pub(crate) fn sorted(fields: &Fields) -> String {
    let mut all: Vec<_> = fields.iter().collect();
    all.sort();
    all.dedup();
    all.into_iter()
        .flat_map(|(name, value)| [name.as_str(), value])
        .collect()
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;
    use crate::timestamp::Timestamp;

    #[test]
    fn a_form_is_decoded_and_a_query_too() {
        let headers = HeaderMap::new();
        let body = b"a=1&b=x+y&c=%C3%BC%2B&a=1&d=&e&f=1&f=2&data%5Bid%5D=7";
        let delivery = Delivery {
            query: "data.id=Q%20&q=1&q=2",
            ..Delivery::post(&headers, body, Timestamp::from_epoch_ms(0))
        };
        let parts = Parts::of(&delivery);
        for (name, expected) in [
            ("a", Ok(Some("1"))),
            ("b", Ok(Some("x y"))),
            ("c", Ok(Some("ü+"))),
            ("d", Ok(None)),
            ("e", Ok(None)),
            ("f", Err(SignatureError::Malformed)),
            ("g", Ok(None)),
            ("data[id]", Ok(Some("7"))),
        ] {
            assert_eq!(parts.field(name), expected, "{name}");
        }
        assert_eq!(parts.query("data.id"), Ok(Some("Q ")));
        assert_eq!(parts.query("q"), Err(SignatureError::Malformed));
        assert_eq!(sorted(parts.form().unwrap()), "a1bx ycü+ddata[id]7ef1f2");
    }
}
