//! What a delivery of a source looks like, for the lines that people try.

use http::HeaderName;

use super::config::SourceConfig;
use super::locator::Locator;

/// The headers of a delivery that is signed by the HMAC-SHA256 of its body in hex.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// The header of the signature.
    pub signature: String,
    /// What stands before the digits.
    pub prefix: String,
    /// Takes the delivery id.
    pub delivery_id: Option<String>,
    /// Takes the event's type.
    pub event_type: Option<String>,
}

impl SourceConfig {
    /// How an example is sent; absent where the source's signature is another one.
    #[must_use]
    pub fn example(&self) -> Option<Example> {
        let (signature, prefix) = self.verify.hex_header()?;
        let header = |locators: &[Locator]| locators.iter().find_map(Locator::single_header).map(written);
        Some(Example {
            signature: written(signature),
            prefix: prefix.to_owned(),
            delivery_id: header(&self.id),
            event_type: header(&self.event),
        })
    }
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
