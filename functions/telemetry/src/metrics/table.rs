//! The list of metrics as a Markdown table.

use super::names::{ALL, Kind, NAMESPACE};

/// The document `functions/telemetry/METRICS.md`.
#[must_use]
pub fn markdown() -> String {
    let mut text = format!(
        "# Metrics\n\nNamespace `METRICS_NAMESPACE`, by default `{NAMESPACE}`, in CloudWatch's embedded metric format on standard output. Generated from \
         `src/metrics/names.rs`; a test keeps it up to date.\n\n| metric | kind | unit | dimensions | meaning |\n\
         | --- | --- | --- | --- | --- |\n"
    );
    for metric in ALL {
        let kind = match metric.kind {
            Kind::Counter => "counter",
            Kind::Histogram => "histogram",
        };
        let dimensions: Vec<_> = metric.dimensions.iter().map(|name| format!("`{name}`")).collect();
        text.push_str(&format!(
            "| `{}` | {kind} | {} | {} | {} |\n",
            metric.name,
            unit(metric.unit),
            dimensions.join(", "),
            metric.meaning
        ));
    }
    text
}

/// A unit's name in `CloudWatch`.
fn unit(unit: metrics::Unit) -> &'static str {
    match unit {
        metrics::Unit::Count => "Count",
        metrics::Unit::Milliseconds => "Milliseconds",
        metrics::Unit::Bytes => "Bytes",
        other => other.as_str(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::metrics::names::{OUTCOME, REASON, SERVICE, SOURCE, STEP};

    #[test]
    fn the_document_matches_the_list() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/METRICS.md");
        if std::env::var_os("UPDATE_METRICS").is_some() {
            std::fs::write(path, markdown()).unwrap();
        }
        assert_eq!(
            std::fs::read_to_string(path).unwrap_or_default(),
            markdown(),
            "UPDATE_METRICS=1 writes it"
        );
    }

    #[test]
    fn names_are_distinct_and_only_the_five_cheap_dimensions_are_used() {
        let names: BTreeSet<_> = ALL.iter().map(|metric| metric.name).collect();
        assert_eq!(names.len(), ALL.len());
        for metric in ALL {
            assert_eq!(metric.dimensions.first(), Some(&SERVICE), "{}", metric.name);
            assert!(
                metric
                    .dimensions
                    .iter()
                    .all(|name| [SERVICE, SOURCE, STEP, OUTCOME, REASON].contains(name))
            );
            assert!(!metric.meaning.is_empty() && !metric.meaning.contains('|'));
        }
    }
}
