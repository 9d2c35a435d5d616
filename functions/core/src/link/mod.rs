//! Links for people: a URL template of the tracing or log tool, filled in for one webhook.

mod logs;
mod preset;

use std::time::Duration;

use crate::record::Record;
use crate::timestamp::Timestamp;
use crate::token::ExecutionToken;
use crate::trace::TraceId;

/// The preset of a deployment that configures none: X-Ray traces in the `CloudWatch` console.
pub const DEFAULT_TRACE_TOOL: &str = "xray";

/// The placeholders that a template may hold.
const PLACEHOLDERS: [&str; 6] = ["trace_id", "xray_trace_id", "region", "token", "from", "to"];

/// Log lines are searched from this long before the receipt, because clocks differ.
const BEFORE: Duration = Duration::from_mins(1);

/// Log lines are searched until this long after the last move: a handler may log still, and a step may wait for its
/// next try.
const AFTER: Duration = Duration::from_hours(24);

/// A URL with placeholders `{trace_id}`, `{xray_trace_id}`, `{region}`, `{token}`, `{from}` and `{to}` (the times between
/// which it happened, as `CloudWatch`'s console writes them).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkTemplate {
    template: String,
    region: String,
}

/// The values of one webhook that fill a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Linked {
    /// The webhook's trace.
    pub trace_id: TraceId,
    /// The webhook.
    pub token: ExecutionToken,
    /// When it was received.
    pub created_at: Timestamp,
    /// When it was moved last.
    pub last_updated: Timestamp,
}

impl From<&Record> for Linked {
    fn from(record: &Record) -> Self {
        Self {
            trace_id: record.traceparent.trace_id,
            token: record.token,
            created_at: record.created_at,
            last_updated: record.last_updated,
        }
    }
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

    /// The link to traces: your own template, or a tool by its name: `xray`, `jaeger:BASE`, `tempo:BASE` or
    /// `tempo:DATASOURCE@BASE`, `honeycomb:TEAM/ENVIRONMENT`, `datadog:SITE`. `BASE` is the URL at which a person reaches
    /// the tool, for example `jaeger:https://jaeger.example.com`.
    ///
    /// # Errors
    /// A text for the operator when it is neither.
    pub fn trace(text: &str, region: &str) -> Result<Self, String> {
        match preset::template(text) {
            Some(template) => template.and_then(|template| Self::new(&template, region)),
            None => Self::new(text, region),
        }
        .map_err(|problem| format!("{problem}; {}", preset::HELP))
    }

    /// The link to log lines: your own template, or `cloudwatch:GROUP,GROUP`: `CloudWatch` Logs Insights over these log
    /// groups, with the token in the query and the time narrowed to the webhook's, because a query is charged by the
    /// bytes it scans.
    ///
    /// # Errors
    /// A text for the operator when it is neither, or names no group.
    pub fn logs(text: &str, region: &str) -> Result<Self, String> {
        let Some(groups) = text.strip_prefix("cloudwatch:") else {
            return Self::new(text, region).map_err(|problem| format!("{problem}; or cloudwatch:GROUP,GROUP"));
        };
        let groups: Vec<_> = groups
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .collect();
        if groups.is_empty() {
            return Err("cloudwatch: names no log group".to_owned());
        }
        Self::new(&logs::template(&groups), region)
    }

    /// The URL of one webhook.
    #[must_use]
    pub fn fill(&self, webhook: &Linked) -> String {
        let at = |at: Timestamp| logs::escape(&at.to_string());
        self.template
            .replace("{trace_id}", &webhook.trace_id.to_string())
            .replace("{xray_trace_id}", &webhook.trace_id.to_xray())
            .replace("{region}", &self.region)
            .replace("{token}", &webhook.token.to_string())
            .replace("{from}", &at(webhook.created_at.minus(BEFORE)))
            .replace("{to}", &at(webhook.last_updated.plus(AFTER)))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn linked() -> Linked {
        let token = ExecutionToken::from_random([0xab; 16]);
        let at = Timestamp::from_epoch_ms(1_700_000_000_000);
        Linked {
            trace_id: TraceId::derive(at, &token),
            token,
            created_at: at,
            last_updated: at,
        }
    }

    #[test]
    fn every_placeholder_is_filled() {
        let url = LinkTemplate::new(
            "http://x/{trace_id}/{xray_trace_id}/{region}/{token}/{from}/{to}",
            "eu-west-1",
        )
        .unwrap()
        .fill(&linked());
        let id = linked().trace_id;
        assert_eq!(
            url,
            format!(
                "http://x/{id}/{}/eu-west-1/{}/2023-11-14T22*3a12*3a20.000Z/2023-11-15T22*3a13*3a20.000Z",
                id.to_xray(),
                "ab".repeat(16)
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
