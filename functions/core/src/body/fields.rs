//! Fields and values, as forms and queries have them.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// The most fields of a form or query that are read: what a stranger sends costs no more.
const MAX_FIELDS: usize = 1000;

/// Fields and values, decoded, in the order in which they came.
pub(crate) type Fields = Vec<(String, String)>;

/// The fields of a text; absent when what is encoded is no text, or there are too many.
pub(crate) fn fields(text: &str) -> Option<Fields> {
    let decoded = |text: &str| {
        let spaced = text.replace('+', " ");
        percent_decode_str(&spaced).decode_utf8().ok().map(Cow::into_owned)
    };
    let mut fields = Fields::new();
    for field in text.split('&').filter(|field| !field.is_empty()) {
        if fields.len() == MAX_FIELDS {
            return None;
        }
        let (name, value) = field.split_once('=').unwrap_or((field, ""));
        fields.push((decoded(name)?, decoded(value)?));
    }
    Some(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_or_too_much_is_no_form() {
        assert_eq!(fields("a=%ff"), None);
        assert_eq!(fields(&"a&".repeat(MAX_FIELDS + 1)), None);
        assert_eq!(fields(&"a&".repeat(MAX_FIELDS)).unwrap().len(), MAX_FIELDS);
        assert_eq!(fields("&&"), Some(Vec::new()));
        assert_eq!(fields("a=%zz"), Some(vec![("a".to_owned(), "%zz".to_owned())]));
    }
}
