//! Type, subject and keys of a webhook: enough for a person to recognise it without its payload.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::body::shorten;
use crate::source_name::SourceName;

/// The type of a webhook whose producer names none.
const UNKNOWN_TYPE: &str = "unknown";

/// Texts of a delivery that people look for, by the names that its source gives them.
pub type Labels = BTreeMap<String, String>;

/// The summary in the status answer. Texts are the producer's, cut to [`crate::body::MAX_TEXT_CHARS`] characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookSummary {
    /// The event's type, for example `push`.
    #[serde(rename = "type")]
    pub event_type: String,
    /// The subject, for example `octocat/hello-world`; the source's name when the producer names none.
    pub source: String,
    /// The body's first top-level keys.
    pub keys: Vec<String>,
}

impl WebhookSummary {
    /// A summary of type and subject, where the producer names them, and the keys of the body.
    #[must_use]
    pub fn new(source: &SourceName, event_type: Option<String>, subject: Option<String>, keys: &[String]) -> Self {
        let or = |text: Option<String>, otherwise: &str| {
            text.filter(|text| !text.is_empty())
                .map_or_else(|| otherwise.to_owned(), |text| shorten(&text))
        };
        Self {
            event_type: or(event_type, UNKNOWN_TYPE),
            source: or(subject, source.as_str()),
            keys: keys.to_vec(),
        }
    }
}
