//! Links for people: a URL template of the tracing or log tool, filled in for one webhook.

use crate::token::ExecutionToken;
use crate::trace::TraceId;

/// X-Ray traces in the CloudWatch console.
pub const XRAY_TRACE: &str =
    "https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}#xray:traces/{xray_trace_id}";

/// The placeholders that a template may hold.
const PLACEHOLDERS: [&str; 4] = ["trace_id", "xray_trace_id", "region", "token"];

/// A URL with placeholders `{trace_id}`, `{xray_trace_id}`, `{region}` and `{token}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkTemplate {
    template: String,
    region: String,
}

impl LinkTemplate {
    /// Checks a template. The values that are filled in need no escaping in a URL.
    ///
    /// # Errors
    /// A text for the operator when it is no http(s) URL or has an unknown placeholder.
    pub fn new(template: &str, region: &str) -> Result<Self, String> {
        if !(template.starts_with("https://") || template.starts_with("http://")) {
            return Err("must begin with https:// or http://".to_owned());
        }
        for after in template.split('{').skip(1) {
            match after.split_once('}') {
                Some((name, _)) if PLACEHOLDERS.contains(&name) => {}
                Some((name, _)) => return Err(format!("unknown placeholder {{{name}}}")),
                None => return Err("a { without its }".to_owned()),
            }
        }
        Ok(Self {
            template: template.to_owned(),
            region: region.to_owned(),
        })
    }

    /// The URL of one webhook.
    #[must_use]
    pub fn fill(&self, trace_id: TraceId, token: &ExecutionToken) -> String {
        self.template
            .replace("{trace_id}", &trace_id.to_string())
            .replace("{xray_trace_id}", &trace_id.to_xray())
            .replace("{region}", &self.region)
            .replace("{token}", &token.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timestamp::Timestamp;

    #[test]
    fn the_default_opens_the_trace_in_the_console() {
        let token = ExecutionToken::from_random([0xab; 16]);
        let id = TraceId::derive(Timestamp::from_epoch_ms(0), &token);
        let url = LinkTemplate::new(XRAY_TRACE, "eu-west-1").unwrap().fill(id, &token);
        assert_eq!(
            url,
            format!(
                "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#xray:traces/{}",
                id.to_xray()
            )
        );
    }

    #[test]
    fn a_wrong_template_says_what_is_wrong() {
        for (template, expected) in [
            ("jaeger/{trace_id}", "must begin with"),
            ("https://x/{traceid}", "unknown placeholder {traceid}"),
            ("https://x/{token", "without its }"),
        ] {
            assert!(
                LinkTemplate::new(template, "r").unwrap_err().contains(expected),
                "{template}"
            );
        }
    }
}
