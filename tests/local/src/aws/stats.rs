//! Counts of calls by function and operation, with the capacity that `DynamoDB` charged.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use super::dynamodb::Cost;

/// The calls of one operation by one function.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// The function; empty for callers that are none.
    pub function: String,
    /// `service:Operation`.
    pub operation: String,
    /// Requests, tries of the SDK included.
    pub calls: u64,
    /// Consumed capacity units that the calls reported.
    pub capacity_units: f64,
    /// Items with a payload that the calls read.
    pub payload_items: u64,
}

/// The counts since the start.
#[derive(Debug, Default)]
pub struct Stats(Mutex<BTreeMap<(String, String), Row>>);

impl Stats {
    pub(super) fn count(&self, function: &str, operation: &str, cost: Cost) {
        let mut rows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let row = rows
            .entry((function.to_owned(), operation.to_owned()))
            .or_insert_with(|| Row {
                function: function.to_owned(),
                operation: operation.to_owned(),
                ..Row::default()
            });
        row.calls += 1;
        row.capacity_units += cost.capacity_units;
        row.payload_items += cost.payload_items;
    }

    /// The rows, by function and operation.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .values()
            .cloned()
            .collect()
    }
}
