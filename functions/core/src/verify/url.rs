//! The URL of a source as its producer has it.

use std::str::FromStr;

/// Scheme, host and path. They never come from a request: `Host` and `X-Forwarded-*` are the sender's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    text: String,
    /// Where in the text the path begins.
    path_at: usize,
}

/// A text that is no such URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be https://HOST/PATH without a query, as the producer has it")]
pub struct InvalidUrl;

impl PublicUrl {
    /// The URL with a query as it was received.
    #[must_use]
    pub fn with_query(&self, query: &str) -> String {
        if query.is_empty() {
            self.text.clone()
        } else {
            format!("{}?{query}", self.text)
        }
    }

    /// The path.
    #[must_use]
    pub fn path(&self) -> &str {
        self.text.get(self.path_at..).unwrap_or_default()
    }
}

impl FromStr for PublicUrl {
    type Err = InvalidUrl;

    fn from_str(text: &str) -> Result<Self, InvalidUrl> {
        let rest = ["https://", "http://"]
            .iter()
            .find_map(|scheme| text.strip_prefix(scheme));
        let rest = rest.ok_or(InvalidUrl)?;
        let host = rest.split('/').next().unwrap_or_default();
        let is_plain = |c: char| c.is_ascii_graphic() && !matches!(c, '?' | '#' | '@' | '"' | '<' | '>' | '\\');
        if host.is_empty() || !rest.chars().all(is_plain) {
            return Err(InvalidUrl);
        }
        let path_at = text.len() - rest.len() + host.len();
        let text = text.to_owned();
        Ok(Self { text, path_at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_has_a_path_and_takes_a_query() {
        let url: PublicUrl = "https://hooks.example.com:443/webhook/shop".parse().unwrap();
        assert_eq!(url.path(), "/webhook/shop");
        assert_eq!(url.with_query(""), "https://hooks.example.com:443/webhook/shop");
        assert_eq!(
            url.with_query("b=1&a=%20"),
            "https://hooks.example.com:443/webhook/shop?b=1&a=%20"
        );
        assert_eq!("http://localhost".parse::<PublicUrl>().unwrap().path(), "");
        for bad in [
            "",
            "hooks.example.com",
            "ftp://a/b",
            "https://",
            "https:///x",
            "https://a/?x",
            "https://a/#x",
            "https://u@a/",
            "https://a b",
        ] {
            assert_eq!(bad.parse::<PublicUrl>(), Err(InvalidUrl), "{bad}");
        }
    }
}
