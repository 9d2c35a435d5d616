//! What calls of DynamoDB say beside the rest: the table, and the capacity that was consumed.

use aws_sdk_dynamodb::operation::get_item::{GetItemInput, GetItemOutput};
use aws_sdk_dynamodb::operation::put_item::{PutItemInput, PutItemOutput};
use aws_sdk_dynamodb::operation::query::{QueryInput, QueryOutput};
use aws_sdk_dynamodb::operation::update_item::{UpdateItemInput, UpdateItemOutput};
use aws_sdk_dynamodb::types::ConsumedCapacity;
use aws_smithy_runtime_api::client::interceptors::context::{Input, Output};
use opentelemetry::{Array, StringValue, Value};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::trace::{DYNAMODB_CAPACITY, DYNAMODB_TABLES};

pub(super) fn table(input: &Input) -> Option<&str> {
    let input_of_get = input
        .downcast_ref::<GetItemInput>()
        .and_then(|input| input.table_name());
    input_of_get
        .or_else(|| {
            input
                .downcast_ref::<PutItemInput>()
                .and_then(|input| input.table_name())
        })
        .or_else(|| {
            input
                .downcast_ref::<UpdateItemInput>()
                .and_then(|input| input.table_name())
        })
        .or_else(|| input.downcast_ref::<QueryInput>().and_then(|input| input.table_name()))
}

pub(super) fn record_table(span: &Span, table: &str) {
    span.set_attribute(DYNAMODB_TABLES, texts(table));
}

/// Source of the form: semantic conventions for DynamoDB, "the JSON-serialized value of each item in ConsumedCapacity".
pub(super) fn record_capacity(span: &Span, output: &Output) {
    let Some((capacity, units)) = capacity(output).and_then(|capacity| Some((capacity, capacity.capacity_units()?)))
    else {
        return;
    };
    let json = serde_json::json!({"TableName": capacity.table_name(), "CapacityUnits": units});
    span.set_attribute(DYNAMODB_CAPACITY, texts(&json.to_string()));
}

fn capacity(output: &Output) -> Option<&ConsumedCapacity> {
    let output_of_get = output
        .downcast_ref::<GetItemOutput>()
        .and_then(|output| output.consumed_capacity());
    output_of_get
        .or_else(|| {
            output
                .downcast_ref::<PutItemOutput>()
                .and_then(|output| output.consumed_capacity())
        })
        .or_else(|| {
            output
                .downcast_ref::<UpdateItemOutput>()
                .and_then(|output| output.consumed_capacity())
        })
        .or_else(|| {
            output
                .downcast_ref::<QueryOutput>()
                .and_then(|output| output.consumed_capacity())
        })
}

fn texts(text: &str) -> Value {
    Value::Array(Array::String(vec![StringValue::from(text.to_owned())]))
}
