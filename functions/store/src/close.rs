//! The end of a record that its own processor did not write.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure};
use tracehook_core::record::{Closing, ExecutionId};
use tracehook_core::{ExecutionToken, Record, Status, Timestamp};

use crate::Store;
use crate::error::StoreError;
use crate::item::{Item, error_value, record, text, time};
use crate::names::*;

/// What closing met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Closed {
    /// The record is closed now.
    Now,
    /// It has ended, or is another execution's; as it is.
    Refused(Box<Record>),
    /// There is no such record.
    Unknown,
}

impl Store {
    /// Closes the record of `token` if it is open and `execution` is its own. A record that does not know its ARN yet
    /// is recognised by the name, and learns it.
    ///
    /// # Errors
    /// When the table cannot tell or the record cannot be read.
    pub async fn close(
        &self,
        token: &ExecutionToken,
        execution: ExecutionId<'_>,
        closing: &Closing,
        at: Timestamp,
    ) -> Result<Closed, StoreError> {
        let mut sets = format!("#{STATUS} = :to, #{LAST_UPDATED} = :at, #{EXECUTION_ARN} = :arn");
        let mut names = vec![
            STATUS,
            LAST_UPDATED,
            EXECUTION_ARN,
            EXECUTION_NAME,
            OPEN_SHARD,
            OPEN_SINCE,
        ];
        let mut values = Item::from([
            (":to".into(), text(closing.status)),
            (":at".into(), time(at)),
            (":arn".into(), text(execution.arn)),
            (":name".into(), text(execution.name)),
        ]);
        if let Some(error) = &closing.error {
            sets.push_str(&format!(", #{ERROR} = :error"));
            names.push(ERROR);
            values.insert(":error".into(), error_value(error));
        }
        let mut open = Vec::new();
        for (n, status) in Status::ALL
            .into_iter()
            .filter(|status| !status.is_terminal())
            .enumerate()
        {
            open.push(format!(":open{n}"));
            values.insert(format!(":open{n}"), text(status));
        }
        let names: HashMap<_, _> = names
            .into_iter()
            .map(|name| (format!("#{name}"), name.to_owned()))
            .collect();
        let sent = self
            .client
            .update_item()
            .table_name(&self.table)
            .key(TOKEN, text(token))
            .key(ITEM, text(STATE))
            .update_expression(format!("SET {sets} REMOVE #{OPEN_SHARD}, #{OPEN_SINCE}"))
            .condition_expression(format!(
                "#{EXECUTION_NAME} = :name AND #{STATUS} IN ({}) \
                 AND (attribute_not_exists(#{EXECUTION_ARN}) OR #{EXECUTION_ARN} = :arn)",
                open.join(", ")
            ))
            .set_expression_attribute_names(Some(names))
            .set_expression_attribute_values(Some(values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        let Err(error) = sent else { return Ok(Closed::Now) };
        match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(refused)) => match refused.item() {
                Some(old) => Ok(Closed::Refused(Box::new(record(old)?))),
                None => Ok(Closed::Unknown),
            },
            _ => Err(StoreError::from_sdk(&error)),
        }
    }
}
