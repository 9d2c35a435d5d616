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
    pages: Option<Pages>,
    #[serde(default)]
    metric_sets: BTreeMap<String, Map<String, Value>>,
    sections: Vec<SectionText>,
}

/// A dashboard for so many keys of a map each, because one takes 500 widgets at most.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pages {
    of: String,
    keys: usize,
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
        let mut entry = json!({ "definition": named.definition, "title": alarm.title, "unit": alarm.unit });
        if let (Some(threshold), Some(members)) = (alarm.threshold, entry.as_object_mut()) {
            members.insert("threshold".to_owned(), json!(threshold));
        }
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
    let mut dashboards = Vec::new();
    for (file, text) in texts(directory)? {
        dashboards.extend(parse(&file, &text, context)?);
    }
    Ok(dashboards)
}

/// The dashboards of a file: one, or one for each of its pages.
fn parse(file: &str, text: &str, context: &Context) -> Result<Vec<Dashboard>, DataError> {
    let problem = |problem: String| wrong(file, problem);
    let content: File = serde_json::from_value(yaml(file, text)?).map_err(|error| problem(error.to_string()))?;
    let mut sets = MetricSets::default();
    sets.add(content.metric_sets)?;
    let mut texts = content.sections;
    for widget in texts.iter_mut().flat_map(|section| &mut section.widgets) {
        sets.resolve(widget).map_err(problem)?;
    }
    let of = content.pages.as_ref().map(|pages| Value::String(pages.of.clone()));
    let all = keys(of.as_ref(), &context.values).map_err(problem)?;
    let name = file.trim_end_matches(".yaml");
    let mut dashboards = Vec::new();
    for (at, page) in all
        .chunks(content.pages.map_or(1, |pages| pages.keys.max(1)))
        .enumerate()
    {
        dashboards.push(Dashboard {
            name: if at == 0 {
                name.to_owned()
            } else {
                format!("{name}-{}", at + 1)
            },
            title: content.title.clone(),
            sections: sections(&texts, of.as_ref(), page, context).map_err(problem)?,
        });
    }
    Ok(dashboards)
}

type Keys = [(Option<String>, Value)];

/// The sections of a page, which has these keys of the map `of`.
fn sections(texts: &[SectionText], of: Option<&Value>, page: &Keys, context: &Context) -> Result<Vec<Section>, String> {
    let mut values = context.values.clone();
    let mut sections = Vec::new();
    for section in texts {
        let mut widgets = Vec::new();
        let of_section = if of.is_some() && section.for_each.as_ref() == of {
            page.to_vec()
        } else {
            keys(section.for_each.as_ref(), &context.values)?
        };
        for (key, each) in of_section {
            if let (Some(key), Some(members)) = (&key, values.as_object_mut()) {
                members.insert("key".to_owned(), json!(key));
                members.insert("each".to_owned(), each);
            }
            for widget in &section.widgets {
                let filled = fill(widget, &values)?;
                widgets.push(serde_json::from_value(filled).map_err(|error| error.to_string())?);
            }
        }
        sections.push(Section {
            width: section.width,
            height: section.height,
            widgets,
        });
    }
    Ok(sections)
}

fn wrong(file: &str, problem: String) -> DataError {
    DataError::Yaml(file.to_owned(), problem)
}
