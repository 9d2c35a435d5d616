//! The writes of a delivery: the payload, and only then the state that leads to it.

use std::time::Duration;

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

/// Longer than a delivery may take from its payload to its state: the gateway waits for 29 s.
const UNDER_WAY: Duration = Duration::from_mins(1);

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
    /// that came before is read first, and of deliveries at the same time the first one's payload stays. A call that fails
    /// leaves a payload at most, which no reader and no sweep meets and which expires by itself. A delivery of the same body
    /// writes its own over it, or within a minute goes on with it: the body is the same, content type and kept
    /// headers are those of the call that failed, and it expires up to a minute sooner.
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
        self.put_new_payload(payload, payload_expires_at.minus(UNDER_WAY))
            .await?;
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

    fn put(&self, item: Item) -> PutItemFluentBuilder {
        self.client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
    }

    /// Writes a payload, unless one is there that expires at `young` or later: that is one of a delivery which may be under way.
    async fn put_new_payload(&self, payload: Item, young: Timestamp) -> Result<(), StoreError> {
        let written = self
            .put(payload)
            .condition_expression("attribute_not_exists(#token) OR #ttl < :young")
            .expression_attribute_names("#token", TOKEN)
            .expression_attribute_names("#ttl", TTL)
            .expression_attribute_values(":young", number(young.epoch_seconds()))
            .send()
            .await;
        match written {
            Err(error) if !is_refused(&error) => Err(StoreError::from_sdk(&error)),
            _ => Ok(()),
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
