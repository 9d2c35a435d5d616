//! The writes of a delivery: the payload, and only then the state that leads to it.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;
use aws_sdk_dynamodb::types::{ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure};
use tracehook_core::record::Known;
use tracehook_core::{Record, Timestamp};

use crate::error::StoreError;
use crate::item::{record, state_item};
use crate::names::{STATE, TOKEN, TTL};
use crate::value::{CorruptItem, Item, number};
use crate::{Payload, Replaced, Store};

/// Outcome of [`Store::create`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Created {
    /// This call stored the webhook.
    New,
    /// The same delivery was stored before; its record as it is.
    Duplicate(Box<Record>),
    /// A delivery with the same identity and another body was stored before; its record as it is.
    Conflict(Box<Record>),
}

impl Store {
    /// Stores a new webhook: the payload under its content (a large one as an object first, and then the item that names
    /// it), and only then the state under the condition that there is none that counts at the record's creation. The payload
    /// expires at `payload_expires_at`.
    ///
    /// So there is no state without its payload, and nothing of a duplicate or of a conflict is written: the state of a webhook
    /// that came before is read first. A call
    /// that fails leaves a payload at most, which no reader, sweep or later delivery meets and which expires by itself.
    ///
    /// # Errors
    /// When a call fails: nothing may be promised then. Nothing was stored, unless the table did the write of the state and
    /// only its answer was lost.
    pub async fn create(
        &self,
        new: &Record,
        payload: Payload,
        payload_expires_at: Timestamp,
    ) -> Result<Created, StoreError> {
        // A read is cheaper than a write that is refused, which costs as much as the payload that is there.
        if new.delivery_id.is_some()
            && let Some(old) = self.state(&new.token, new.created_at).await?
        {
            return Ok(outcome_of(new, old));
        }
        let payload = self.payload_item(new, payload, payload_expires_at).await?;
        if !self.put_new_payload(payload.clone()).await? {
            if let Some(old) = self.state(&new.token, new.created_at).await? {
                return Ok(outcome_of(new, old));
            }
            // A request that failed, or a record that has expired, has left it with an expiry of its own.
            self.put_payload(payload).await?;
        }
        let state = self
            .put(state_item(new))
            .condition_expression("attribute_not_exists(#token) OR #ttl <= :now")
            .expression_attribute_names("#token", TOKEN)
            .expression_attribute_names("#ttl", TTL)
            .expression_attribute_values(":now", number(new.created_at.epoch_seconds()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match state {
            Ok(_) => Ok(Created::New),
            Err(error) => conflict_outcome(new, &error),
        }
    }

    /// Opens the next attempt of a record with the payload of a delivery that the producer has sent again: the payload, unless it
    /// is there until `needed_until`, with what was kept of the first delivery; and only then the record, exactly as it was
    /// read, by the next one.
    ///
    /// # Errors
    /// When a call fails or the record cannot be read.
    pub async fn reopen(
        &self,
        old: &Record,
        next: &Record,
        payload: Payload,
        payload_expires_at: Timestamp,
        needed_until: Timestamp,
    ) -> Result<Replaced, StoreError> {
        let payload = self.payload_item(next, payload, payload_expires_at).await?;
        let written = self
            .put(payload)
            .condition_expression("attribute_not_exists(#token) OR #ttl < :until")
            .expression_attribute_names("#token", TOKEN)
            .expression_attribute_names("#ttl", TTL)
            .expression_attribute_values(":until", number(needed_until.epoch_seconds()))
            .send()
            .await;
        match written {
            Err(error) if !is_refused(&error) => Err(StoreError::from_sdk(&error)),
            _ => self.replace(old, next).await,
        }
    }

    async fn put_payload(&self, payload: Item) -> Result<(), StoreError> {
        let put = self.put(payload).send().await;
        put.map(drop).map_err(|error| StoreError::from_sdk(&error))
    }

    fn put(&self, item: Item) -> PutItemFluentBuilder {
        self.client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
    }

    /// Writes a payload that is not there yet; false if it is.
    async fn put_new_payload(&self, payload: Item) -> Result<bool, StoreError> {
        let written = self
            .put(payload)
            .condition_expression("attribute_not_exists(#token)")
            .expression_attribute_names("#token", TOKEN)
            .send()
            .await;
        match written {
            Ok(_) => Ok(true),
            Err(error) if is_refused(&error) => Ok(false),
            Err(error) => Err(StoreError::from_sdk(&error)),
        }
    }
}

/// Whether the item's condition did not hold.
fn is_refused(error: &SdkError<PutItemError>) -> bool {
    error
        .as_service_error()
        .is_some_and(PutItemError::is_conditional_check_failed_exception)
}

/// The outcome of a state write that the state, as it is now, refused.
fn conflict_outcome(new: &Record, error: &SdkError<PutItemError>) -> Result<Created, StoreError> {
    let Some(PutItemError::ConditionalCheckFailedException(refused)) = error.as_service_error() else {
        return Err(StoreError::from_sdk(error));
    };
    let old = record(refused.item().ok_or_else(|| CorruptItem(STATE.to_owned()))?)?;
    Ok(outcome_of(new, old))
}

/// The outcome for a webhook whose state is there.
fn outcome_of(new: &Record, old: Record) -> Created {
    match old.known_to(new) {
        Known::Own => Created::New,
        Known::Duplicate => Created::Duplicate(Box::new(old)),
        Known::Conflict => Created::Conflict(Box::new(old)),
    }
}
