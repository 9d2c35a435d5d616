//! A conditional update of a state item, put together part by part.
//!
//! Every name is a placeholder, because several are reserved words.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use tracehook_core::record::Status;
use tracehook_core::{ExecutionToken, Record};

use crate::Store;
use crate::error::StoreError;
use crate::item::record;
use crate::names::*;
use crate::value::{Item, text};

/// An update of a record that belongs to one execution and has one of some statuses.
pub(crate) struct Update {
    sets: Vec<String>,
    removes: Vec<String>,
    conditions: Vec<String>,
    names: HashMap<String, String>,
    values: Item,
}

impl Update {
    /// An update that the record accepts only while `execution_name` is its execution and its status is in `from`.
    pub(crate) fn of(execution_name: &str, from: impl Iterator<Item = Status>) -> Self {
        let mut update = Self {
            sets: Vec::new(),
            removes: Vec::new(),
            conditions: Vec::new(),
            names: HashMap::new(),
            values: Item::new(),
        };
        let mut statuses = Vec::new();
        for (n, status) in from.enumerate() {
            statuses.push(format!(":from{n}"));
            update.values.insert(format!(":from{n}"), text(status));
        }
        let (name, status) = (update.name(EXECUTION_NAME), update.name(STATUS));
        update.values.insert(":name".to_owned(), text(execution_name));
        update.conditions.push(format!("{name} = :name"));
        update.conditions.push(format!("{status} IN ({})", statuses.join(", ")));
        update
    }

    fn name(&mut self, name: &str) -> String {
        let placeholder = format!("#{name}");
        self.names.insert(placeholder.clone(), name.to_owned());
        placeholder
    }

    fn value(&mut self, name: &str, value: AttributeValue) -> String {
        let placeholder = format!(":{name}");
        self.values.insert(placeholder.clone(), value);
        placeholder
    }

    /// Sets an attribute.
    pub(crate) fn set(&mut self, name: &str, value: AttributeValue) {
        let (name, value) = (self.name(name), self.value(name, value));
        self.sets.push(format!("{name} = {value}"));
    }

    /// Sets an entry of an attribute that is a map.
    pub(crate) fn set_entry(&mut self, map: &str, key: &str, value: AttributeValue) {
        let (map, key, value) = (self.name(map), self.name(key), self.value(key, value));
        self.sets.push(format!("{map}.{key} = {value}"));
    }

    /// Removes an attribute.
    pub(crate) fn remove(&mut self, name: &str) {
        let name = self.name(name);
        self.removes.push(name);
    }

    /// Removes the record from the index of open records.
    pub(crate) fn leave_open_index(&mut self) {
        self.remove(OPEN_SHARD);
        self.remove(OPEN_SINCE);
    }

    /// Requires that an attribute which this update sets is absent or has that value already.
    pub(crate) fn only_if_absent_or_same(&mut self, name: &str) {
        let placeholder = self.name(name);
        self.conditions.push(format!(
            "(attribute_not_exists({placeholder}) OR {placeholder} = :{name})"
        ));
    }

    /// The call, which returns the record as it is if the record refuses the update.
    pub(crate) fn call(self, store: &Store, token: &ExecutionToken) -> UpdateItemFluentBuilder {
        let mut expression = format!("SET {}", self.sets.join(", "));
        if !self.removes.is_empty() {
            expression.push_str(&format!(" REMOVE {}", self.removes.join(", ")));
        }
        store
            .client
            .update_item()
            .table_name(&store.table)
            .key(TOKEN, text(token))
            .key(ITEM, text(STATE))
            .update_expression(expression)
            .condition_expression(self.conditions.join(" AND "))
            .set_expression_attribute_names(Some(self.names))
            .set_expression_attribute_values(Some(self.values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
    }
}

/// The record that refused an update; `None` if there is no such record.
///
/// # Errors
/// When the call failed for another reason, or the record cannot be read.
pub(crate) fn refusing_record(error: &SdkError<UpdateItemError, HttpResponse>) -> Result<Option<Record>, StoreError> {
    match error.as_service_error() {
        Some(UpdateItemError::ConditionalCheckFailedException(refused)) => {
            Ok(refused.item().map(record).transpose()?)
        }
        _ => Err(StoreError::from_sdk(error)),
    }
}
