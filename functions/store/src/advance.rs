//! Moves of a record, forward only.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    AttributeValue, ReturnConsumedCapacity, ReturnValue, ReturnValuesOnConditionCheckFailure,
};
use tracehook_core::record::{Advance, Standing};
use tracehook_core::{ExecutionToken, Record};

use crate::Store;
use crate::error::StoreError;
use crate::item::{Item, error_value, record, step_value, text, time};
use crate::names::*;

/// What a move met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Advanced {
    /// The record is where it was to be. With a terminal status: the record as it ended.
    Moved(Option<Box<Record>>),
    /// The record did not take it; the record as it is.
    Refused(Standing, Box<Record>),
    /// There is no such record.
    Unknown,
}

impl Store {
    /// Moves the record of `token` for the execution `execution_name`. The condition is in the write itself, so that a
    /// late retry can never move a record back.
    ///
    /// # Errors
    /// When the table cannot tell or the record cannot be read.
    pub async fn advance(
        &self,
        token: &ExecutionToken,
        execution_name: &str,
        advance: &Advance,
    ) -> Result<Advanced, StoreError> {
        let update = Update::new(execution_name, advance);
        // What an update returns is not charged.
        let returned = if advance.to.is_terminal() {
            ReturnValue::AllNew
        } else {
            ReturnValue::None
        };
        let sent = self
            .client
            .update_item()
            .table_name(&self.table)
            .key(TOKEN, text(token))
            .key(ITEM, text(STATE))
            .update_expression(update.expression)
            .condition_expression(update.condition)
            .set_expression_attribute_names(Some(update.names))
            .set_expression_attribute_values(Some(update.values))
            .return_values(returned)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        let error = match sent {
            Ok(answer) => {
                let now = answer.attributes.as_ref().map(record).transpose()?;
                return Ok(Advanced::Moved(now.map(Box::new)));
            }
            Err(error) => error,
        };
        match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(refused)) => match refused.item() {
                Some(old) => {
                    let old = record(old)?;
                    Ok(Advanced::Refused(advance.judge(&old, execution_name), Box::new(old)))
                }
                None => Ok(Advanced::Unknown),
            },
            _ => Err(StoreError::from_sdk(&error)),
        }
    }
}

/// The parts of an update expression. Every name is a placeholder, because several are reserved words.
struct Update {
    expression: String,
    condition: String,
    names: std::collections::HashMap<String, String>,
    values: Item,
}

impl Update {
    fn new(execution_name: &str, advance: &Advance) -> Self {
        let mut update = Self {
            expression: String::new(),
            condition: String::new(),
            names: Default::default(),
            values: Item::from([(":name".to_owned(), text(execution_name))]),
        };
        let mut sets = Vec::new();
        let mut set = |name: &str, value: AttributeValue| {
            sets.push(format!("#{name} = :{name}"));
            update.names.insert(format!("#{name}"), name.to_owned());
            update.values.insert(format!(":{name}"), value);
        };
        set(STATUS, text(advance.to));
        set(CURRENT_STEP, text(advance.step));
        set(EXECUTION_ARN, text(&advance.execution_arn));
        set(LAST_UPDATED, time(advance.at));
        if let Some(error) = &advance.error {
            set(ERROR, error_value(error));
        }
        for (step, record) in &advance.steps {
            sets.push(format!("#{STEPS}.#{step} = :{step}"));
            update.names.insert(format!("#{STEPS}"), STEPS.to_owned());
            update.names.insert(format!("#{step}"), step.to_string());
            update.values.insert(format!(":{step}"), step_value(record));
        }
        update.expression = format!("SET {}", sets.join(", "));
        if advance.to.is_terminal() {
            for name in [OPEN_SHARD, OPEN_SINCE] {
                update.names.insert(format!("#{name}"), name.to_owned());
            }
            update
                .expression
                .push_str(&format!(" REMOVE #{OPEN_SHARD}, #{OPEN_SINCE}"));
        }
        let mut allowed = Vec::new();
        for (n, status) in advance.to.predecessors().enumerate() {
            allowed.push(format!(":from{n}"));
            update.values.insert(format!(":from{n}"), text(status));
        }
        update
            .names
            .insert(format!("#{EXECUTION_NAME}"), EXECUTION_NAME.to_owned());
        update.condition = format!("#{EXECUTION_NAME} = :name AND #{STATUS} IN ({})", allowed.join(", "));
        update
    }
}
