//! A conditional update that notes the next try of a step.

use tracehook_core::record::{StepName, StepRecord};
use tracehook_core::{ExecutionToken, Status, Timestamp};

use crate::Store;
use crate::error::StoreError;
use crate::item::step_value;
use crate::names::*;
use crate::update::{Update, refusing_record};
use crate::value::{text, time};

impl Store {
    /// Notes a step that waits in the open record of `token`, for the execution `execution_name`; false if the record has ended
    /// or belongs to another execution. Its status stays.
    ///
    /// # Errors
    /// When the call fails or the record cannot be read.
    pub async fn note_wait(
        &self,
        token: &ExecutionToken,
        execution_name: &str,
        execution_arn: &str,
        (step, entry): (StepName, &StepRecord),
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let open = Status::ALL.into_iter().filter(|status| !status.is_terminal());
        let mut update = Update::of(execution_name, open);
        update.set(CURRENT_STEP, text(step));
        update.set(EXECUTION_ARN, text(execution_arn));
        update.set(LAST_UPDATED, time(at));
        update.set_entry(STEPS, step.as_str(), step_value(entry));
        match update.call(self, token).send().await {
            Ok(_) => Ok(true),
            Err(error) => refusing_record(&error).map(|_| false),
        }
    }
}
