//! A delivery that a source accepts, for the line that people try.

use http::HeaderName;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::config::SourceConfig;
use super::locator::Locator;
use crate::body::{BodyForm, Pointer};
use crate::secret::Secret;
use crate::timestamp::Timestamp;
use crate::verify::NoExample;

/// A delivery.
#[derive(Clone, PartialEq, Eq)]
#[expect(missing_debug_implementations, reason = "a header may be the secret")]
pub struct Example {
    /// Names and values, those of the proof first.
    pub headers: Vec<(String, String)>,
    /// True if the first of them is the secret in clear.
    pub is_secret: bool,
    /// The content type of the body.
    pub content_type: &'static str,
    /// The body, a text in one line without quotation marks of the shell (`'`).
    pub body: String,
    /// For how many seconds its signature is taken; absent without a limit.
    pub seconds: Option<u32>,
}

impl SourceConfig {
    /// A delivery under this id that is signed now.
    ///
    /// # Errors
    /// Why none can be made.
    pub fn example(&self, secret: Option<&Secret>, now: Timestamp, id: &str) -> Result<Example, NoExample> {
        let (content_type, body) = self.example_body(id).ok_or(NoExample::Jwt)?;
        let made = self.verify.example(secret, body.as_bytes(), now, id)?;
        let mut headers: Vec<_> = made
            .headers
            .iter()
            .map(|(name, value)| (written(name), value.clone()))
            .collect();
        for (locators, value) in [(&self.event, "ping"), (&self.id, id)] {
            let name = locators.iter().find_map(Locator::single_header);
            headers.extend(
                name.filter(|name| !made.headers.iter().any(|(known, _)| known == *name))
                    .map(|name| (written(name), value.to_owned())),
            );
        }
        Ok(Example {
            headers,
            is_secret: made.is_secret,
            content_type,
            body,
            seconds: made.seconds,
        })
    }

    /// A body with its content type; absent where it is a signed token.
    fn example_body(&self, id: &str) -> Option<(&'static str, String)> {
        let mut document = Map::from_iter([("zen".to_owned(), json!("Keep it logically awesome."))]);
        for (locators, text) in [
            (&self.id, id),
            (&self.event, "ping"),
            (&self.subject, "octocat/hello-world"),
        ] {
            if let Some(pointer) = locators.iter().find_map(|locator| locator.pointers().next()) {
                set(&mut document, pointer, text);
            }
        }
        let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let json = |document: Map<String, Value>| Value::Object(document).to_string();
        match &self.body {
            BodyForm::Json | BodyForm::Empty => Some(("application/json", json(document))),
            BodyForm::Text => Some(("text/plain", "ping".to_owned())),
            BodyForm::Jwt => None,
            BodyForm::Field(name) => Some((FORM, format!("{}={}", encoded(name), encoded(&json(document))))),
            BodyForm::Form => {
                let fields = document
                    .iter()
                    .filter_map(|(name, value)| Some((name, value.as_str()?)));
                let fields = fields.map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
                Some((FORM, fields.collect::<Vec<_>>().join("&")))
            }
        }
    }
}

const FORM: &str = "application/x-www-form-urlencoded";

/// Sets a text in a document, unless something is there.
fn set(document: &mut Map<String, Value>, pointer: &Pointer, text: &str) {
    let Some((last, before)) = pointer.keys().split_last() else {
        return;
    };
    let mut map = document;
    for key in before {
        match map.entry(key).or_insert_with(|| json!({})) {
            Value::Object(inner) => map = inner,
            _ => return,
        }
    }
    map.entry(last).or_insert_with(|| json!(text));
}

/// A header's name as people write it.
fn written(name: &HeaderName) -> String {
    let word = |word: &str| {
        let mut chars = word.chars();
        let first = chars.next().map(|c| c.to_ascii_uppercase());
        first.into_iter().chain(chars).collect::<String>()
    };
    name.as_str().split('-').map(word).collect::<Vec<_>>().join("-")
}
