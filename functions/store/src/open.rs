//! The sparse index of open records, oldest first, and the cursor: the place up to which sweeps have taken them.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use tracehook_core::{ExecutionToken, Timestamp};

use crate::Store;
use crate::error::StoreError;
use crate::names::*;
use crate::shard::open_shard;
use crate::value::{CorruptItem, Item, Reader, number, parsed, text, time, time_in};

/// A place in the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenEntry {
    /// The webhook.
    pub token: ExecutionToken,
    /// The time at which its attempt was opened.
    pub since: Timestamp,
}

impl OpenEntry {
    fn key(&self) -> Item {
        Item::from([
            (TOKEN.into(), text(self.token)),
            (ITEM.into(), text(STATE)),
            (OPEN_SHARD.into(), text(open_shard(&self.token))),
            (OPEN_SINCE.into(), time(self.since)),
        ])
    }

    fn read(item: &Item) -> Result<Self, CorruptItem> {
        let reader = Reader(item);
        Ok(Self {
            token: reader.parse(TOKEN)?,
            since: reader.required(OPEN_SINCE, time_in)?,
        })
    }
}

impl Store {
    /// A page of a shard: the records that are open since `before` or longer, behind `after`; true if more follow. The index lags behind the table a little, so an entry is a hint and not the state.
    ///
    /// # Errors
    /// When the call fails.
    pub async fn open_page(
        &self,
        shard: &str,
        before: Timestamp,
        after: Option<OpenEntry>,
        limit: i32,
    ) -> Result<(Vec<OpenEntry>, bool), StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(OPEN_INDEX)
            .key_condition_expression("#shard = :shard AND #since <= :before")
            .expression_attribute_names("#shard", OPEN_SHARD)
            .expression_attribute_names("#since", OPEN_SINCE)
            .expression_attribute_values(":shard", text(shard))
            .expression_attribute_values(":before", time(before))
            .set_exclusive_start_key(after.map(|entry| entry.key()))
            .limit(limit)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk(&error))?;
        let entries = answer.items().iter().map(OpenEntry::read).collect::<Result<_, _>>()?;
        Ok((entries, answer.last_evaluated_key.is_some()))
    }

    /// The place up to which sweeps of this round have taken the records; none between two rounds.
    ///
    /// # Errors
    /// When the call fails.
    pub async fn sweep_cursor(&self) -> Result<Option<OpenEntry>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(cursor_key()))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk(&error))?;
        let place = |item: &Item| -> Option<OpenEntry> {
            Some(OpenEntry {
                token: parsed(item.get(CURSOR_TOKEN)?)?,
                since: time_in(item.get(CURSOR_SINCE)?)?,
            })
        };
        // A cursor that cannot be read is none: the sweep begins at the beginning.
        Ok(answer.item.as_ref().and_then(place))
    }

    /// Moves the cursor from where a sweep has seen it; `to` is none at the end of a round. False when it is elsewhere: another
    /// sweep has moved it, or an earlier try of this call whose answer was lost. A place expires at `expires_at`.
    ///
    /// # Errors
    /// When the call fails.
    pub async fn move_sweep_cursor(
        &self,
        from: Option<OpenEntry>,
        to: Option<OpenEntry>,
        expires_at: Timestamp,
    ) -> Result<bool, StoreError> {
        let condition = if from.is_some() {
            "#at = :at AND #since = :since"
        } else {
            "attribute_not_exists(#at) AND attribute_not_exists(#since)"
        };
        let names = HashMap::from([
            ("#at".to_owned(), CURSOR_TOKEN.to_owned()),
            ("#since".to_owned(), CURSOR_SINCE.to_owned()),
        ]);
        let values = from.map(|from| {
            HashMap::from([
                (":at".to_owned(), text(from.token)),
                (":since".to_owned(), time(from.since)),
            ])
        });
        let failed = match to {
            None => {
                let delete = self
                    .client
                    .delete_item()
                    .table_name(&self.table)
                    .set_key(Some(cursor_key()));
                let sent = delete
                    .condition_expression(condition)
                    .set_expression_attribute_names(Some(names))
                    .set_expression_attribute_values(values)
                    .return_consumed_capacity(ReturnConsumedCapacity::Total)
                    .send()
                    .await;
                sent.err().map(|error| match error.as_service_error() {
                    Some(DeleteItemError::ConditionalCheckFailedException(_)) => None,
                    _ => Some(StoreError::from_sdk(&error)),
                })
            }
            Some(to) => {
                let mut item = cursor_key();
                item.extend([
                    (CURSOR_TOKEN.to_owned(), text(to.token)),
                    (CURSOR_SINCE.to_owned(), time(to.since)),
                    (TTL.to_owned(), number(expires_at.epoch_seconds())),
                ]);
                let put = self.client.put_item().table_name(&self.table).set_item(Some(item));
                let sent = put
                    .condition_expression(condition)
                    .set_expression_attribute_names(Some(names))
                    .set_expression_attribute_values(values)
                    .return_consumed_capacity(ReturnConsumedCapacity::Total)
                    .send()
                    .await;
                sent.err().map(|error| match error.as_service_error() {
                    Some(PutItemError::ConditionalCheckFailedException(_)) => None,
                    _ => Some(StoreError::from_sdk(&error)),
                })
            }
        };
        match failed {
            None => Ok(true),
            Some(None) => Ok(false),
            Some(Some(error)) => Err(error),
        }
    }
}

/// Cannot collide: tokens are 32 hex digits.
fn cursor_key() -> Item {
    Item::from([
        (TOKEN.to_owned(), AttributeValue::S("sweep".to_owned())),
        (ITEM.to_owned(), AttributeValue::S("cursor".to_owned())),
    ])
}
