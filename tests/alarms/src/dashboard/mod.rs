//! The dashboards: sections of widgets of one size, that flow from left to right and then down, so that none overlaps.
//!
//! A section for each function or source is written once. The body that `CloudWatch` gets is made here as
//! `terraform/modules/dashboards` makes it; tests hold the two against each other.

mod body;
mod widget;

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use tracehook_local_cloudwatch::Alarms;

pub use body::body;
pub use widget::{Graph, MathLine, MetricLine, Query, Widget};

use crate::Deployment;
use crate::data::{DataError, MetricSets, fill, keys, texts, yaml};

/// A dashboard of a deployment.
#[derive(Clone, Debug, PartialEq)]
pub struct Dashboard {
    /// Name of its file, without `.yaml`.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Sections from top to bottom.
    pub sections: Vec<Section>,
}

/// Widgets of one size.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// Width of each widget in columns of 24; a divisor of 24.
    pub width: u32,
    /// Height of each widget in rows of the grid.
    pub height: u32,
    /// In the order in which they are placed.
    pub widgets: Vec<Widget>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    title: String,
    #[serde(default)]
    metric_sets: BTreeMap<String, Map<String, Value>>,
    sections: Vec<SectionText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SectionText {
    width: u32,
    height: u32,
    for_each: Option<Value>,
    widgets: Vec<Value>,
}

/// The inputs of dashboards beside their files.
#[derive(Clone, Debug)]
pub struct Context {
    /// The deployment, and its alarms by name.
    pub values: Value,
    /// The saved queries, by name.
    pub queries: BTreeMap<String, Query>,
}

impl Context {
    /// Reads the saved queries of `dashboards/queries`.
    ///
    /// # Errors
    /// When one cannot be read or is not of the form.
    pub fn new(directory: &Path, deployment: &Deployment, made: &Alarms) -> Result<Self, DataError> {
        let mut queries = BTreeMap::new();
        for (file, text) in texts(&directory.join("queries"))? {
            let query = serde_json::from_value(yaml(&file, &text)?).map_err(|error| wrong(&file, error.to_string()))?;
            queries.insert(file.trim_end_matches(".yaml").to_owned(), query);
        }
        let mut values = serde_json::to_value(deployment).map_err(|error| wrong("deployment", error.to_string()))?;
        if let Some(members) = values.as_object_mut() {
            members.insert("metric_alarms".to_owned(), Value::Object(metric_alarms(made)));
            members.insert("alarms".to_owned(), Value::Object(alarms(made)));
        }
        Ok(Self { values, queries })
    }
}

/// The alarms on metrics with their thresholds, by name.
fn metric_alarms(made: &Alarms) -> Map<String, Value> {
    let entries = made.metric.iter().map(|named| {
        let alarm = &named.alarm;
        let entry = json!({
            "definition": named.definition, "title": alarm.title, "unit": alarm.unit, "threshold": alarm.threshold,
        });
        (named.name.clone(), entry)
    });
    entries.collect()
}

/// Every alarm with its definition and runbook, by name.
fn alarms(made: &Alarms) -> Map<String, Value> {
    let metric = made
        .metric
        .iter()
        .map(|named| (&named.name, &named.definition, &named.runbook));
    let composite = made
        .composite
        .iter()
        .map(|named| (&named.name, &named.definition, &named.runbook));
    let entries = metric
        .chain(composite)
        .map(|(name, definition, runbook)| (name.clone(), json!({ "definition": definition, "runbook": runbook })));
    entries.collect()
}

/// Reads every dashboard of a directory.
///
/// # Errors
/// When a file is not of the form or a placeholder has no value.
pub fn read(directory: &Path, context: &Context) -> Result<Vec<Dashboard>, DataError> {
    texts(directory)?
        .iter()
        .map(|(file, text)| parse(file, text, context))
        .collect()
}

fn parse(file: &str, text: &str, context: &Context) -> Result<Dashboard, DataError> {
    let problem = |problem: String| wrong(file, problem);
    let content: File = serde_json::from_value(yaml(file, text)?).map_err(|error| problem(error.to_string()))?;
    let mut sets = MetricSets::default();
    sets.add(content.metric_sets)?;
    let mut values = context.values.clone();
    let mut sections = Vec::new();
    for mut section in content.sections {
        for widget in &mut section.widgets {
            sets.resolve(widget).map_err(problem)?;
        }
        let mut widgets = Vec::new();
        for (key, each) in keys(section.for_each.as_ref(), &context.values).map_err(problem)? {
            if let (Some(key), Some(members)) = (&key, values.as_object_mut()) {
                members.insert("key".to_owned(), json!(key));
                members.insert("each".to_owned(), each);
            }
            for widget in &section.widgets {
                let filled = fill(widget, &values).map_err(problem)?;
                widgets.push(serde_json::from_value(filled).map_err(|error| problem(error.to_string()))?);
            }
        }
        sections.push(Section {
            width: section.width,
            height: section.height,
            widgets,
        });
    }
    Ok(Dashboard {
        name: file.trim_end_matches(".yaml").to_owned(),
        title: content.title,
        sections,
    })
}

fn wrong(file: &str, problem: String) -> DataError {
    DataError::Yaml(file.to_owned(), problem)
}
