//! The two writes of a new webhook.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure};
use tracehook_core::Record;

use crate::error::StoreError;
use crate::item::{payload_item, record, state_item};
use crate::names::{STATE, TOKEN};
use crate::value::CorruptItem;
use crate::{Payload, Store};

/// Outcome of [`Store::create`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Created {
    /// This call stored the webhook.
    New,
    /// The same delivery was stored before; its record as it is.
    Duplicate(Box<Record>),
    /// A delivery with the same id and another body was stored before. It stays.
    Conflict,
}

impl Store {
    /// Stores a new webhook: the payload under its content, the state under the condition that there is none. Both are
    /// written at the same time, and both must succeed for anything but an error. A half that is lost is repaired by
    /// the producer's next delivery, which writes both again.
    ///
    /// # Errors
    /// When either write fails: nothing may be promised then.
    pub async fn create(&self, new: &Record, payload: Payload) -> Result<Created, StoreError> {
        let state = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(state_item(new)))
            .condition_expression("attribute_not_exists(#token)")
            .expression_attribute_names("#token", TOKEN)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send();
        let payload = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(payload_item(new, payload)))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send();
        let (state, payload) = tokio::join!(state, payload);
        let created = match state {
            Ok(_) => Created::New,
            Err(error) => conflict_outcome(new, &error)?,
        };
        match payload {
            // The payload of a conflicting body belongs to no state; whether it was written does not matter.
            Err(error) if created != Created::Conflict => Err(StoreError::from_sdk(&error)),
            _ => Ok(created),
        }
    }
}

/// The outcome of a state write that the state, as it is now, refused.
fn conflict_outcome(new: &Record, error: &SdkError<PutItemError>) -> Result<Created, StoreError> {
    let Some(PutItemError::ConditionalCheckFailedException(refused)) = error.as_service_error() else {
        return Err(StoreError::from_sdk(error));
    };
    let old = record(refused.item().ok_or_else(|| CorruptItem(STATE.to_owned()))?)?;
    Ok(if old.traceparent == new.traceparent {
        // Only this request knows its root span: an earlier try of this very write was done and its answer lost.
        Created::New
    } else if old.payload_sha256 == new.payload_sha256 {
        Created::Duplicate(Box::new(old))
    } else {
        Created::Conflict
    })
}
