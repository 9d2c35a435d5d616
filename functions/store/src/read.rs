//! Reads of a record.

use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use tracehook_core::{ExecutionToken, Record, Timestamp};

use crate::error::StoreError;
use crate::item::{payload_key, record};
use crate::names::{ITEM, RETENTION_DAYS, STATE, TOKEN, TTL};
use crate::value::{CorruptItem, Item, Reader, parsed, seconds_in, text};
use crate::{Payload, Store};

/// When a payload expires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PayloadExpiry {
    /// The time.
    pub at: Timestamp,
    /// For how many days it is kept, where its source says it.
    pub retention_days: Option<u32>,
}

impl Store {
    /// The state of a webhook, as of its last write; none if it has expired before `now`, deleted or not. Never reads the
    /// payload.
    ///
    /// # Errors
    /// When the call fails or the item cannot be read.
    pub async fn state(&self, token: &ExecutionToken, now: Timestamp) -> Result<Option<Record>, StoreError> {
        let state = self.item(token, STATE).await?.as_ref().map(record).transpose()?;
        Ok(state.filter(|record| !record.has_expired(now)))
    }

    /// When the payload of a record expires; none if it has expired before `now`, deleted or not. The table charges
    /// for the whole payload.
    ///
    /// # Errors
    /// When the call fails or the item cannot be read.
    pub async fn payload_expiry(&self, record: &Record, now: Timestamp) -> Result<Option<PayloadExpiry>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(TOKEN, text(record.token))
            .key(ITEM, text(payload_key(&record.payload_sha256)))
            .projection_expression("#ttl, #days")
            .expression_attribute_names("#ttl", TTL)
            .expression_attribute_names("#days", RETENTION_DAYS)
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk(&error))?;
        let expiry = |item: Item| {
            let reader = Reader(&item);
            Ok::<_, CorruptItem>(PayloadExpiry {
                at: reader.required(TTL, seconds_in)?,
                retention_days: reader.optional(RETENTION_DAYS, parsed)?,
            })
        };
        let expiry = answer.item.map(expiry).transpose()?;
        Ok(expiry.filter(|expiry| expiry.at > now))
    }

    /// The state and the payload of a webhook, in one round trip where the webhook has one payload, as nearly all have,
    /// and one more where that is an object. The payload is absent when it has expired: it is written before the state.
    ///
    /// # Errors
    /// When a call fails, an item cannot be read, or an object has other bytes than the record says.
    pub async fn webhook(&self, token: &ExecutionToken) -> Result<Option<(Record, Option<Payload>)>, StoreError> {
        // Descending order gives the state first, then the payload with the greatest digest; a conflicting delivery may
        // have left another one.
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("#token = :token")
            .expression_attribute_names("#token", TOKEN)
            .expression_attribute_values(":token", text(token))
            .scan_index_forward(false)
            .limit(2)
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk(&error))?;
        let mut items = answer.items.unwrap_or_default().into_iter();
        let Some(state) = items.next().filter(|item| item.get(ITEM) == Some(&text(STATE))) else {
            return Ok(None);
        };
        let state = record(&state)?;
        let key = payload_key(&state.payload_sha256);
        let body = match items.next().filter(|item| item.get(ITEM) == Some(&text(&key))) {
            Some(item) => Some(item),
            None => self.item(token, &key).await?,
        };
        let payload = match body {
            Some(item) => self.payload(&state, item).await?,
            None => None,
        };
        Ok(Some((state, payload)))
    }

    pub(crate) async fn item(&self, token: impl ToString, key: &str) -> Result<Option<Item>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .key(TOKEN, text(token))
            .key(ITEM, text(key))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk(&error))?;
        Ok(answer.item)
    }
}
