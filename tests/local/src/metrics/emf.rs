//! The embedded metric format: a log line that is a JSON document and says under `_aws` which of its members are
//! metrics.
//!
//! Source: "Specification: Embedded metric format" of the `CloudWatch` documentation.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::MetricId;

/// The content of one line.
#[derive(Debug, Default)]
pub(super) struct Document {
    pub(super) samples: Vec<Sample>,
    /// Metrics without a value or a dimension, or lines that only look like the format.
    pub(super) unreadable: u64,
}

/// The values of one metric under one set of dimensions.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sample {
    pub(super) id: MetricId,
    pub(super) unit: Option<String>,
    pub(super) timestamp_ms: i64,
    /// Each value with how often it occurred.
    pub(super) values: Vec<(f64, u64)>,
}

#[derive(Deserialize)]
struct Line {
    #[serde(rename = "_aws")]
    aws: Metadata,
    #[serde(flatten)]
    members: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata {
    timestamp: i64,
    cloud_watch_metrics: Vec<Directive>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Directive {
    namespace: String,
    dimensions: Vec<Vec<String>>,
    metrics: Vec<Definition>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Definition {
    name: String,
    unit: Option<String>,
}

/// None when the line is not of the format at all.
pub(super) fn parse(line: &str) -> Option<Document> {
    if !line.contains("\"_aws\"") {
        return None;
    }
    let mut document = Document::default();
    let Ok(line) = serde_json::from_str::<Line>(line) else {
        document.unreadable = 1;
        return Some(document);
    };
    for directive in &line.aws.cloud_watch_metrics {
        for metric in &directive.metrics {
            let values = line.members.get(&metric.name).and_then(values);
            for set in &directive.dimensions {
                let (Some(values), Some(dimensions)) = (&values, dimensions(set, &line.members)) else {
                    document.unreadable += 1;
                    continue;
                };
                document.samples.push(Sample {
                    id: MetricId {
                        namespace: directive.namespace.clone(),
                        name: metric.name.clone(),
                        dimensions,
                    },
                    unit: metric.unit.clone(),
                    timestamp_ms: line.aws.timestamp,
                    values: values.clone(),
                });
            }
        }
    }
    Some(document)
}

fn dimensions(set: &[String], members: &Map<String, Value>) -> Option<BTreeMap<String, String>> {
    let value = |name: &String| Some((name.clone(), members.get(name)?.as_str()?.to_owned()));
    set.iter().map(value).collect()
}

/// A number, a list of numbers, or `{"Values": […], "Counts": […]}`, which `CloudWatch` takes for repeated values.
fn values(value: &Value) -> Option<Vec<(f64, u64)>> {
    let values: Vec<(f64, u64)> = match value {
        Value::Array(list) => list
            .iter()
            .map(|value| Some((value.as_f64()?, 1)))
            .collect::<Option<_>>()?,
        Value::Object(histogram) => {
            let counts = histogram.get("Counts")?.as_array()?;
            let values = histogram.get("Values")?.as_array()?;
            let pairs = values.iter().zip(counts);
            pairs
                .map(|(value, count)| Some((value.as_f64()?, count.as_u64()?)))
                .collect::<Option<_>>()?
        }
        single => vec![(single.as_f64()?, 1)],
    };
    (!values.is_empty()).then_some(values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn line(dimensions: Value, members: Value) -> String {
        let mut line = json!({"_aws": {"Timestamp": 1_700_000_000_123_i64, "CloudWatchMetrics": [{
            "Namespace": "Tracehook", "Dimensions": dimensions,
            "Metrics": [{"Name": "accept_ms", "Unit": "Milliseconds"}, {"Name": "received"}],
        }]}, "executionToken": "a property"});
        line.as_object_mut()
            .unwrap()
            .extend(members.as_object().unwrap().clone());
        line.to_string()
    }

    #[test]
    fn each_metric_has_a_sample_for_each_set_of_dimensions() {
        let members = json!({"service": "validator", "source": "github", "accept_ms": [1.5, 2.5], "received": 1});
        let document = parse(&line(json!([["service"], ["service", "source"], []]), members)).unwrap();
        assert_eq!((document.samples.len(), document.unreadable), (6, 0));
        let sample = &document.samples[1];
        assert_eq!(
            (sample.id.namespace.as_str(), sample.id.name.as_str()),
            ("Tracehook", "accept_ms")
        );
        assert_eq!(
            (sample.unit.as_deref(), sample.timestamp_ms),
            (Some("Milliseconds"), 1_700_000_000_123)
        );
        assert_eq!(sample.values, [(1.5, 1), (2.5, 1)]);
        let dimensions: Vec<_> = document.samples[..3]
            .iter()
            .map(|sample| sample.id.dimensions.len())
            .collect();
        assert_eq!(dimensions, [1, 2, 0]);
    }

    #[test]
    fn values_may_come_with_counts() {
        let members = json!({"accept_ms": {"Values": [1.0, 9.0], "Counts": [3, 2]}, "received": 4});
        let document = parse(&line(json!([[]]), members)).unwrap();
        assert_eq!(document.samples[0].values, [(1.0, 3), (9.0, 2)]);
    }

    #[test]
    fn a_metric_without_its_value_or_dimension_is_unreadable_and_the_others_count() {
        let document = parse(&line(json!([["service"], []]), json!({"received": 1}))).unwrap();
        assert_eq!((document.samples.len(), document.unreadable), (1, 3));
    }

    #[test]
    fn other_lines_are_no_metrics() {
        for text in ["", "plain", "{\"message\": \"hello\"}", "[1, 2]"] {
            assert!(parse(text).is_none(), "{text}");
        }
        for text in ["{\"_aws\": {}}", "text with \"_aws\" in it"] {
            assert_eq!(parse(text).unwrap().unreadable, 1, "{text}");
        }
    }
}
