//! The table and the consumed capacity of a `DynamoDB` call, read from the serialized request and the response, so that
//! every operation has them. Calls that name several tables, such as `BatchGetItem`, have no table.

use opentelemetry::{Array, StringValue, Value};
use serde::Deserialize;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::attributes::{DYNAMODB_CAPACITY, DYNAMODB_TABLES};

#[derive(Deserialize)]
struct Request {
    #[serde(rename = "TableName")]
    table: String,
}

#[derive(Deserialize)]
struct Response {
    #[serde(rename = "ConsumedCapacity")]
    capacity: OneOrMany,
}

/// One value for a call of one table, and a list for a call of several.
#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(Capacity),
    Many(Vec<Capacity>),
}

#[derive(Deserialize)]
struct Capacity {
    #[serde(rename = "TableName")]
    table: Option<String>,
    #[serde(rename = "CapacityUnits")]
    units: Option<f64>,
}

/// Records the table of a request.
pub(super) fn record_table(span: &Span, request: &[u8]) {
    if let Ok(Request { table }) = serde_json::from_slice(request) {
        span.record("db.collection.name", &*table);
        span.set_attribute(DYNAMODB_TABLES, texts([table]));
    }
}

/// Records the capacity that a response reports. Source of the form: semantic conventions for `DynamoDB`, "the
/// JSON-serialized value of each item in `ConsumedCapacity`".
pub(super) fn record_capacity(span: &Span, response: &[u8]) {
    let Ok(Response { capacity }) = serde_json::from_slice(response) else {
        return;
    };
    let capacities = match capacity {
        OneOrMany::One(capacity) => vec![capacity],
        OneOrMany::Many(capacities) => capacities,
    };
    let items: Vec<_> = capacities
        .into_iter()
        .filter_map(|Capacity { table, units }| {
            Some(serde_json::json!({"TableName": table, "CapacityUnits": units?}).to_string())
        })
        .collect();
    if !items.is_empty() {
        span.set_attribute(DYNAMODB_CAPACITY, texts(items));
    }
}

fn texts(texts: impl IntoIterator<Item = String>) -> Value {
    Value::Array(Array::String(texts.into_iter().map(StringValue::from).collect()))
}
