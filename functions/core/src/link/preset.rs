//! Tracing tools by name.

/// The forms that an operator may write.
pub(super) const HELP: &str = "or one of xray, jaeger:BASE, tempo:BASE, tempo:DATASOURCE@BASE, honeycomb:TEAM/ENVIRONMENT, \
     datadog:SITE";

/// The data source that Grafana's own examples configure.
const TEMPO_DATASOURCE: &str = "tempo";

/// The template of a tool; none when the text names no tool.
pub(super) fn template(text: &str) -> Option<Result<String, String>> {
    let (name, of) = text.split_once(':').unwrap_or((text, ""));
    let base = of.trim_end_matches('/');
    Some(match name {
        "xray" if of.is_empty() => Ok(
            "https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}#xray:traces/{xray_trace_id}"
                .to_owned(),
        ),
        "jaeger" => Ok(format!("{base}/trace/{{trace_id}}")),
        "tempo" => tempo(base),
        "honeycomb" => match base.split_once('/') {
            Some((team, environment)) if is_plain(team) && is_plain(environment) => Ok(format!(
                "https://ui.honeycomb.io/{team}/environments/{environment}/trace?trace_id={{trace_id}}"
            )),
            _ => Err("honeycomb needs TEAM/ENVIRONMENT".to_owned()),
        },
        "datadog" if base.contains('.') && base.split('.').all(is_plain) => {
            Ok(format!("https://app.{base}/apm/trace/{{trace_id}}"))
        }
        "datadog" => Err("datadog needs its site, for example datadoghq.com".to_owned()),
        _ => return None,
    })
}

/// Grafana's Explore takes its panes as JSON in the URL. Source: Grafana documentation, "Explore URL format".
fn tempo(of: &str) -> Result<String, String> {
    let (datasource, base) = match of.split_once('@') {
        Some((datasource, base)) => (datasource, base),
        None => (TEMPO_DATASOURCE, of),
    };
    if !is_plain(datasource) {
        return Err("tempo: the data source is its uid, of letters, digits, _ and -".to_owned());
    }
    let panes = format!(
        r#"{{"t":{{"datasource":"{datasource}","queries":[{{"refId":"A","datasource":{{"type":"tempo","uid":"{datasource}"}},"queryType":"traceql","query":"TRACE"}}]}}}}"#
    );
    let escaped: String = panes.bytes().map(percent_encoded).collect();
    let escaped = escaped.replace("TRACE", "{trace_id}");
    Ok(format!("{base}/explore?schemaVersion=1&orgId=1&panes={escaped}"))
}

/// True if a text needs no escaping in a URL.
fn is_plain(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

fn percent_encoded(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.') {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

#[cfg(test)]
mod tests {
    use crate::link::LinkTemplate;
    use crate::link::tests::linked;

    #[test]
    fn every_tool_has_its_link() {
        let (id, xray) = (linked().trace_id.to_string(), linked().trace_id.to_xray());
        for (text, expected) in [
            (
                "xray",
                format!("https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#xray:traces/{xray}"),
            ),
            (
                "jaeger:http://127.0.0.1:16686/",
                format!("http://127.0.0.1:16686/trace/{id}"),
            ),
            (
                "honeycomb:acme/prod",
                format!("https://ui.honeycomb.io/acme/environments/prod/trace?trace_id={id}"),
            ),
            (
                "datadog:datadoghq.eu",
                format!("https://app.datadoghq.eu/apm/trace/{id}"),
            ),
            ("https://x/{trace_id}", format!("https://x/{id}")),
        ] {
            assert_eq!(
                LinkTemplate::trace(text, "eu-west-1").unwrap().fill(&linked()),
                expected
            );
        }
    }

    #[test]
    fn panes_of_tempo_are_the_json_that_grafana_reads() {
        let url = LinkTemplate::trace("tempo:p1a2@https://grafana.example.com", "r")
            .unwrap()
            .fill(&linked());
        let (base, panes) = url.split_once("panes=").unwrap();
        assert_eq!(base, "https://grafana.example.com/explore?schemaVersion=1&orgId=1&");
        assert!(!panes.contains(['{', '"', ' ', '&', '#']), "{panes}");
        let mut bytes = Vec::new();
        let mut rest = panes.as_bytes();
        while let [first, tail @ ..] = rest {
            if *first == b'%' {
                bytes.extend(hex::decode(&tail[..2]).unwrap());
                rest = &tail[2..];
            } else {
                bytes.push(*first);
                rest = tail;
            }
        }
        let panes: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        let query = &panes["t"]["queries"][0];
        assert_eq!(query["query"], linked().trace_id.to_string());
        assert_eq!(query["datasource"]["uid"], "p1a2");
    }

    #[test]
    fn a_tool_without_what_it_needs_is_refused_with_the_forms_that_are_known() {
        for text in [
            "jaeger",
            "jaeger:nowhere",
            "honeycomb:acme",
            "datadog:",
            "datadog:a/b.c",
            "zipkin:http://x",
            "xray:x",
        ] {
            let problem = LinkTemplate::trace(text, "r").unwrap_err();
            assert!(problem.contains("honeycomb:TEAM/ENVIRONMENT"), "{text}: {problem}");
        }
    }
}
