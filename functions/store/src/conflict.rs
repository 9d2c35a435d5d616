//! Counts deliveries that came under a webhook's identity with another body.

use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use tracehook_core::ExecutionToken;

use crate::Store;
use crate::error::StoreError;
use crate::names::{CONFLICTS, ITEM, STATE, TOKEN};
use crate::value::{number, text};

impl Store {
    /// Counts one conflict on a record that is there. The note moves nothing: `lastUpdated` stays. A record that is replaced as a
    /// whole at the same time may lose it.
    ///
    /// # Errors
    /// When the call fails, also because there is no such record any more.
    pub async fn note_conflict(&self, token: &ExecutionToken) -> Result<(), StoreError> {
        let sent = self
            .client
            .update_item()
            .table_name(&self.table)
            .key(TOKEN, text(token))
            .key(ITEM, text(STATE))
            .update_expression("ADD #conflicts :one")
            .condition_expression("attribute_exists(#token)")
            .expression_attribute_names("#conflicts", CONFLICTS)
            .expression_attribute_names("#token", TOKEN)
            .expression_attribute_values(":one", number(1))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        sent.map(drop).map_err(|error| StoreError::from_sdk(&error))
    }
}
