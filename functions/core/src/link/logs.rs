//! `CloudWatch` Logs Insights, opened with a query.
//!
//! The console keeps a query in the fragment of its URL, in its own escaping: an object is `~(name~value~…)`, a
//! list `~(value~…)`, a text begins with `'`, and a byte of a text that is no letter, digit, `-`, `_` or `.` is `*` and
//! two hex digits. No document describes it; the form is the one that the console itself puts in the address bar.

/// The query: every line that names the token, oldest first.
const QUERY: &str = "fields @timestamp, service, level, message, @message
| filter @message like \"{token}\"
| sort @timestamp asc
| limit 1000";

/// The template over some log groups.
pub(super) fn template(groups: &[&str]) -> String {
    let sources: String = groups
        .iter()
        .flat_map(|group| ["~'".to_owned(), escape(group)])
        .collect();
    // The token's placeholder must survive the escaping.
    let query = escape(QUERY).replace(&escape("{token}"), "{token}");
    format!(
        "https://{{region}}.console.aws.amazon.com/cloudwatch/home?region={{region}}#logsV2:logs-insights$3FqueryDetail$3D\
         ~(end~'{{to}}~start~'{{from}}~timeType~'ABSOLUTE~tz~'UTC~editorString~'{query}~source~({sources}))"
    )
}

/// A text as the console writes it.
pub(super) fn escape(text: &str) -> String {
    text.bytes()
        .fold(String::with_capacity(text.len()), |mut escaped, byte| {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.') {
                escaped.push(char::from(byte));
            } else {
                escaped.push_str(&format!("*{byte:02x}"));
            }
            escaped
        })
}

#[cfg(test)]
mod tests {
    use crate::link::LinkTemplate;
    use crate::link::tests::linked;

    #[test]
    fn the_link_opens_a_query_for_the_token_over_the_groups_and_the_time_of_the_webhook() {
        let url = LinkTemplate::logs("cloudwatch:/aws/lambda/validator, /aws/lambda/processor", "eu-west-1")
            .unwrap()
            .fill(&linked());
        assert_eq!(
            url,
            format!(
                "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:logs-insights\
                 $3FqueryDetail$3D~(end~'2023-11-15T22*3a13*3a20.000Z~start~'2023-11-14T22*3a12*3a20.000Z\
                 ~timeType~'ABSOLUTE~tz~'UTC~editorString~'fields*20*40timestamp*2c*20service*2c*20level*2c*20message\
                 *2c*20*40message*0a*7c*20filter*20*40message*20like*20*22{}*22*0a*7c*20sort*20*40timestamp*20asc*0a*7c\
                 *20limit*201000~source~(~'*2faws*2flambda*2fvalidator~'*2faws*2flambda*2fprocessor))",
                linked().token
            )
        );
    }

    #[test]
    fn another_tool_is_a_template_and_no_group_is_refused() {
        let url = LinkTemplate::logs("https://logs.example.com/?q={token}", "r").unwrap();
        assert!(url.fill(&linked()).ends_with(&linked().token.to_string()));
        for bad in ["cloudwatch:", "cloudwatch: ,", "loki"] {
            assert!(
                LinkTemplate::logs(bad, "r").unwrap_err().contains("cloudwatch:"),
                "{bad}"
            );
        }
    }
}
