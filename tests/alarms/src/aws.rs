//! The metrics of AWS that definitions may name, with their documentation.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::data::{DataError, yaml};

const LIST: &str = include_str!("../aws-metrics.yaml");

/// A metric of AWS.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AwsMetric {
    /// Documented unit.
    pub unit: String,
    /// Sets of dimensions under which it can be queried.
    pub dimensions: Vec<Vec<String>>,
    /// URL of its page in the AWS documentation.
    pub page: String,
    /// The part that is not confirmed on an account.
    pub unconfirmed: Option<String>,
}

/// The checked-in list, by namespace and name.
///
/// # Errors
/// When the list is not of its form.
pub fn list() -> Result<BTreeMap<String, BTreeMap<String, AwsMetric>>, DataError> {
    let name = "aws-metrics.yaml";
    serde_json::from_value(yaml(name, LIST)?).map_err(|error| DataError::Yaml(name.to_owned(), error.to_string()))
}
