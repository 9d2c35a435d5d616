//! Conditional replacement of a whole record: by its next attempt, or by its end without an execution.

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{ReturnConsumedCapacity, ReturnValue, ReturnValuesOnConditionCheckFailure};
use tracehook_core::{Record, Timestamp};

use crate::Store;
use crate::error::StoreError;
use crate::item::{payload_key, record, state_item};
use crate::names::*;
use crate::value::{number, text, time};

/// Outcome of [`Store::replace`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replaced {
    /// The record is the new one.
    Now,
    /// Somebody moved the record since it was read; nothing was written.
    Moved,
    /// There is no such record any more.
    Unknown,
}

impl Store {
    /// Replaces the record `old`, exactly as it was read, by `new`. Of two that try at the same time one wins.
    ///
    /// # Errors
    /// When the call fails or the record cannot be read.
    pub async fn replace(&self, old: &Record, new: &Record) -> Result<Replaced, StoreError> {
        let sent = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(state_item(new)))
            .condition_expression("#name = :name AND #status = :status AND #updated = :updated")
            .expression_attribute_names("#name", EXECUTION_NAME)
            .expression_attribute_names("#status", STATUS)
            .expression_attribute_names("#updated", LAST_UPDATED)
            .expression_attribute_values(":name", text(&old.execution_name))
            .expression_attribute_values(":status", text(old.status))
            .expression_attribute_values(":updated", time(old.last_updated))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        let Err(error) = sent else { return Ok(Replaced::Now) };
        let Some(PutItemError::ConditionalCheckFailedException(refused)) = error.as_service_error() else {
            return Err(StoreError::from_sdk(&error));
        };
        let Some(current) = refused.item() else {
            return Ok(Replaced::Unknown);
        };
        let current = record(current)?;
        let version = |record: &Record| {
            (
                record.attempt,
                record.status,
                record.attempt_started_at,
                record.last_updated,
                record.payload_sha256,
            )
        };
        // An earlier try of this very write may have been done and its answer lost. Another call that wrote this in the
        // same millisecond wrote the same, so the result is right either way.
        Ok(if version(&current) == version(new) {
            Replaced::Now
        } else {
            Replaced::Moved
        })
    }

    /// Keeps the payload of a record until `until`; false when it is gone. Costs the write of the whole payload, and
    /// a copy of its object: for a payload whose time is nearly over.
    ///
    /// # Errors
    /// When a call fails.
    pub async fn keep_payload(&self, record: &Record, until: Timestamp) -> Result<bool, StoreError> {
        let sent = self
            .client
            .update_item()
            .table_name(&self.table)
            .key(TOKEN, text(record.token))
            .key(ITEM, text(payload_key(&record.payload_sha256)))
            .update_expression("SET #ttl = :ttl")
            .condition_expression("attribute_exists(#token)")
            .expression_attribute_names("#ttl", TTL)
            .expression_attribute_names("#token", TOKEN)
            .expression_attribute_values(":ttl", number(until.epoch_seconds()))
            // It says whether the body is an object.
            .return_values(ReturnValue::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        match sent {
            Ok(answer) => self.renew_object(&answer.attributes.unwrap_or_default()).await,
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(false),
                _ => Err(StoreError::from_sdk(&error)),
            },
        }
    }
}
