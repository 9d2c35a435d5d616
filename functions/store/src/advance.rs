//! Conditional updates that move a record forward.

use aws_sdk_dynamodb::types::ReturnValue;
use tracehook_core::record::{Advance, Refusal};
use tracehook_core::{ExecutionToken, Record};

use crate::Store;
use crate::error::StoreError;
use crate::item::{record, step_value};
use crate::names::*;
use crate::update::{Update, refusing_record};
use crate::value::{error_value, text, time};

/// Outcome of [`Store::advance`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Advanced {
    /// The record has the new status. After a terminal status: the record as it ended.
    Moved(Option<Box<Record>>),
    /// The record refused the move; the reason, and the record as it is.
    Refused(Refusal, Box<Record>),
    /// There is no such record.
    Unknown,
}

impl Store {
    /// Moves the record of `token` for the execution `execution_name`. The condition is in the write itself, so that a
    /// late retry can never move a record back.
    ///
    /// # Errors
    /// When the call fails or the record cannot be read.
    pub async fn advance(
        &self,
        token: &ExecutionToken,
        execution_name: &str,
        advance: &Advance,
    ) -> Result<Advanced, StoreError> {
        let update = update(execution_name, advance);
        // DynamoDB does not charge for what an update returns.
        let returned = if advance.to.is_terminal() {
            ReturnValue::AllNew
        } else {
            ReturnValue::None
        };
        match update.call(self, token).return_values(returned).send().await {
            Ok(answer) => {
                let now = answer.attributes.as_ref().map(record).transpose()?;
                Ok(Advanced::Moved(now.map(Box::new)))
            }
            Err(error) => Ok(match refusing_record(&error)? {
                Some(current) => Advanced::Refused(advance.judge(&current, execution_name), Box::new(current)),
                None => Advanced::Unknown,
            }),
        }
    }
}

fn update(execution_name: &str, advance: &Advance) -> Update {
    let mut update = Update::of(execution_name, advance.to.predecessors());
    update.set(STATUS, text(advance.to));
    update.set(CURRENT_STEP, text(advance.step));
    update.set(EXECUTION_ARN, text(&advance.execution_arn));
    update.set(LAST_UPDATED, time(advance.at));
    if let Some(error) = &advance.error {
        update.set(ERROR, error_value(error));
    }
    for (step, record) in &advance.steps {
        update.set_entry(STEPS, step.as_str(), step_value(record));
    }
    if advance.to.is_terminal() {
        update.leave_open_index();
    }
    update
}
