//! `DynamoDB`'s metrics of this machine's table.

use std::time::Duration;

use axum::response::Response;

use super::put;
use crate::deployment::TABLE;
use crate::metrics::Metrics;

const DYNAMODB: &str = "AWS/DynamoDB";

/// Refusals for which the caller is too fast, or the table too slow.
const THROTTLES: [&str; 3] = [
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
];

/// Counts an answered call. As in `CloudWatch`, what did not happen has no value.
pub fn count_table_call(
    metrics: &Metrics,
    operation: &str,
    answer: &Response,
    capacity_units: Option<f64>,
    elapsed: Duration,
) {
    let by_operation = [("TableName", TABLE), ("Operation", operation)];
    let put = |name: &str, unit: &str, value: f64| put(metrics, DYNAMODB, name, unit, value, by_operation);
    let code = answer.headers().get("x-amzn-errortype");
    let code = code.and_then(|code| code.to_str().ok()).unwrap_or_default();
    if answer.status().is_server_error() {
        put("SystemErrors", "Count", 1.0);
    } else if THROTTLES.contains(&code) {
        put("ThrottledRequests", "Count", 1.0);
    } else if answer.status().is_success() {
        put(
            "SuccessfulRequestLatency",
            "Milliseconds",
            elapsed.as_secs_f64() * 1000.0,
        );
    }
    if let Some(units) = capacity_units {
        let reads = matches!(operation, "GetItem" | "BatchGetItem" | "Query" | "Scan");
        let name = if reads {
            "ConsumedReadCapacityUnits"
        } else {
            "ConsumedWriteCapacityUnits"
        };
        super::put(metrics, DYNAMODB, name, "Count", units, [("TableName", TABLE)]);
    }
}
