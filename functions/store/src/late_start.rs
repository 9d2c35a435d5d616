//! A conditional update that notes a start which did not bring its attempt to run.

use aws_sdk_dynamodb::types::AttributeValue;
use tracehook_core::record::{LateStart, Record, Status};

use crate::Store;
use crate::error::StoreError;
use crate::names::*;
use crate::update::{Update, refusing_record};
use crate::value::time;

impl Store {
    /// Notes the last start of the record's attempt, while the attempt has not moved; false if it has, and nothing was noted.
    /// The note moves nothing: `lastUpdated` stays.
    ///
    /// # Errors
    /// When the call fails or the record cannot be read.
    pub async fn note_start(&self, record: &Record, start: LateStart) -> Result<bool, StoreError> {
        let mut update = Update::of(&record.execution_name, std::iter::once(Status::Received));
        match start {
            LateStart::Deferred => update.set(START_DEFERRED, AttributeValue::Bool(true)),
            LateStart::Repeated { at } => {
                update.set(START_REPEATED_AT, time(at));
                update.remove(START_DEFERRED);
            }
        }
        match update.call(self, &record.token).send().await {
            Ok(_) => Ok(true),
            Err(error) => refusing_record(&error).map(|_| false),
        }
    }
}
